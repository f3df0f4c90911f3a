// Values between the model's names and CBOR (RFC 8949): the bodies of the protocol smithy-rpc-v2-cbor. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"

namespace cairn::aws {

struct CborLimits {
  static constexpr std::size_t kDepthMax = 64;
};

// One item, as the objects of protocol.h have it: byte strings become base64 text, tags fall away, NaN and
// infinities become their names, undefined becomes null. Nothing is taken before its bytes are there. Faults:
// SerializationException; for an item that is cut short, for bytes behind it, for keys that are no text.
Result<boost::json::value, Fault> parse_cbor(std::string_view bytes);
// An empty body is an empty object.
Result<boost::json::object, Fault> parse_cbor_body(std::string_view bytes);

Result<boost::json::object, Fault> decode_cbor_members(const Shape& shape, const boost::json::object& wire);

// Members in the model's order; those that it does not have are left out. Lengths are definite.
std::string encode_cbor_members(const Shape& shape, const boost::json::object& value);
// Without a model: text, numbers, lists and maps.
std::string encode_cbor(const boost::json::value& value);

}  // namespace cairn::aws
