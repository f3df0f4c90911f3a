// How records show calls of S3, which have a form of their own: bucketName, Host, key, query keys, x-amz-
// headers and the document in the body as parameters; bytes and kind of signature beside them; headers of the
// answer as elements; bucket and object as resources. For calls that Cairn answers and for those that it
// relays. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
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

struct S3Call {
  std::string_view operation;  // the model's: "PutBucketVersioning"
  event::Category category;
  S3Names names;
  const codec::RequestHead& head;
  std::string_view document{};  // the whole body, of an operation whose body is no object's bytes; else empty
};
boost::json::object s3_parameters(const S3Call& call);

struct S3Transfer {
  std::string_view tls_cipher;  // empty: in the clear
  std::string_view host_id;     // x-amz-id-2
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};
boost::json::object s3_additional(const codec::RequestHead& head, const S3Transfer& transfer);

// SSEApplied: which encryption there was, asked for or the bucket's own.
void note_s3_encryption(const codec::Headers& asked, const codec::Headers& answered,
                        boost::json::object& additional);
// responseElements of a call that changes something; null: its answer shows nothing.
boost::json::value s3_elements(const codec::Headers& answered);

// The object that the call names, or of a data event that names none all of them, and the bucket. `account`
// is the bucket's.
std::vector<event::Resource> s3_resources(const S3Names& names, event::Category category,
                                          std::string_view bucket_arn, std::string_view account);

}  // namespace cairn::capture
