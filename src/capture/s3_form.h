// How records show calls of S3, which have a form of their own: bucketName, Host, key, query keys and x-amz-
// headers as parameters; bytes and kind of signature beside them; bucket and object as resources. For calls
// that Cairn answers and for those that it relays. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/headers.h"
#include "event/record.h"

namespace cairn::capture {

// Empty: the call names none.
struct S3Names {
  std::string_view bucket;
  std::string_view key;
};

boost::json::object s3_parameters(const S3Names& names, const codec::RequestHead& head);

struct S3Transfer {
  std::string_view tls_cipher;  // empty: in the clear
  std::string_view host_id;     // x-amz-id-2
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};
boost::json::object s3_additional(const codec::RequestHead& head, const S3Transfer& transfer);

// The object, if the call names one, and its bucket. `account` is the bucket's.
std::vector<event::Resource> s3_resources(const S3Names& names, std::string_view bucket_arn,
                                          std::string_view account);

}  // namespace cairn::capture
