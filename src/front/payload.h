// A request's payload as the signature promises it: hashed against x-amz-content-sha256, or unwrapped from
// aws-chunked with each chunk's signature verified (cloudtrail-reference 15.3) and just the trailers that
// were announced. A wrong one fails the read that finds it, at the latest the one that would end the body.
#pragma once

#include <memory>
#include <optional>

#include "aws/fault.h"
#include "aws/sigv4.h"
#include "http/http.h"

namespace cairn::front {

class Payload : public http::BodySource {
 public:
  // Of an aws-chunked body; complete once it was read to its end.
  virtual const codec::Headers& trailers() const = 0;
  // Why the last read failed, where it was the payload's fault (XAmzContentSHA256Mismatch,
  // SignatureDoesNotMatch, …).
  virtual std::optional<aws::Fault> fault(aws::Family family) const = 0;
};

// What the payload is checked against.
struct PayloadProof {
  std::string content_sha256;                 // the header's value: a hash, UNSIGNED-PAYLOAD, STREAMING-…
  std::optional<std::uint64_t> decoded_size;  // x-amz-decoded-content-length
  aws::sigv4::ChunkSeed seed;                 // for signed chunks
  std::string announced{};                    // x-amz-trailer: the trailers' names, with commas between
};

std::unique_ptr<Payload> checked_payload(http::BodySource& body, PayloadProof proof);
std::unique_ptr<Payload> unchecked_payload(http::BodySource& body);

}  // namespace cairn::front
