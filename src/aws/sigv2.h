// Signature Version 2, which S3 alone still takes: what boto3 and the older aws CLI presign by default, and
// what old clients send in a header ("Authorization: AWS AKID:signature"). HMAC-SHA1 over the method, two
// headers, a time, the x-amz- headers and the resource; no Region, and nothing of the body. Pure.
//
// Verifying takes the same three steps as sigv4.h.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/headers.h"
#include "crypto/secret.h"

namespace cairn::aws::sigv2 {

inline constexpr std::size_t kAccessKeyMax = 128;  // characters

// Where a request has such a signature, whole or not. A query that says SignatureVersion is another
// service's: their SigV2 is no longer AWS's either.
enum class Place { none, header, query };
Place signature_in(const codec::RequestHead& head);

struct Authorization {
  std::string access_key;
  std::string signature;  // base64, as it came
  std::string security_token;
  bool presigned = false;
  Time time;  // presigned: until when it holds; else when it was signed
};

// Of a head that has such a signature. AccessDenied, InvalidArgument: in S3's words.
Result<Authorization, Fault> parse_authorization(const codec::RequestHead& head);

// What was signed. `host_bucket`: the bucket that the host's name says, whose path does not; else empty.
std::string string_to_sign(const codec::RequestHead& head, const Authorization& authorization,
                           std::string_view host_bucket);

std::string signature_of(const crypto::Secret& secret, std::string_view text);  // base64

struct Request {
  const codec::RequestHead& head;
  const Authorization& authorization;
  const crypto::Secret& secret;
  std::string_view host_bucket;
  Time now;
  Millis skew{std::chrono::minutes(15)};  // of what is signed in a header
};

// The time, then the signature (in constant time).
Result<void, Fault> verify(const Request& request);

}  // namespace cairn::aws::sigv2
