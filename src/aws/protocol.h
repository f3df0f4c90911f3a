// Requests and answers between HTTP and plain objects, for the protocols json, query, rest-json, rest-xml,
// ec2 and smithy-rpc-v2-cbor.
//
// The objects have the model's member names ({"Name": …, "S3BucketName": …}); timestamps are numbers of
// seconds since 1970, blobs base64 text. A streaming payload (PutObject's Body) is in no object: whoever
// moves the bytes moves it. Does not check constraints: validate.h does. Pure, thread-safe.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"
#include "codec/headers.h"

namespace cairn::aws {

struct Recognised;

struct RequestIds {
  std::string_view request_id;  // x-amzn-RequestId; S3's x-amz-request-id
  std::string_view host_id;     // S3's x-amz-id-2
};

// The server's side.

// A body of more than this is not read for any operation whose payload does not stream.
inline constexpr std::size_t kDecodedBodyBytesMax = 4U << 20;

Result<boost::json::object, Fault> decode_request(const Recognised& call, const codec::RequestHead& head,
                                                  std::string_view body);

struct Encoded {
  int status = 200;
  codec::Headers headers;
  std::string body;  // empty for a streaming payload
};

Encoded encode_response(Protocol protocol, const Operation& operation, const boost::json::object& output,
                        const RequestIds& ids);

struct FaultContext {
  Protocol protocol = Protocol::json;
  const Service* service = nullptr;  // may be unknown
  bool head_request = false;         // HEAD: no body
};
Encoded encode_fault(const FaultContext& context, const Fault& fault, const RequestIds& ids);

// The client's side.

struct EncodedRequest {
  std::string method;
  std::string target;  // path and query, encoded
  codec::Headers headers;
  std::string body;  // empty for a streaming payload
};

// Errors: Errc::invalid, a label of the path is missing or empty.
Result<EncodedRequest> encode_request(Protocol protocol, const Operation& operation,
                                      const boost::json::object& input);

// Does a value that is not of the model's type make a fault, or (in JSON) does it stay as it is? The latter
// is for records: what was answered was answered.
enum class Reading : std::uint8_t { strict, lenient };

// An answer of 300 or more is the service's fault. What cannot be read is a fault too:
// SerializationException, status 502.
Result<boost::json::object, Fault> decode_response(Protocol protocol, const Operation& operation,
                                                   const codec::ResponseHead& head, std::string_view body,
                                                   Reading reading = Reading::strict);

}  // namespace cairn::aws
