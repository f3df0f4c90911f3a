// Values between the model's names and JSON's wire names: the bodies of the json and rest-json protocols.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"
#include "aws/protocol.h"

namespace cairn::aws {

inline constexpr std::size_t kJsonDepthMax = 64;

// Text to an object; an empty text is an empty object. Faults: SerializationException.
Result<boost::json::object, Fault> parse_json_body(Family family, std::string_view text);
// Any JSON, for a payload.
Result<boost::json::value, Fault> parse_json_value(Family family, std::string_view text);

// From the wire. Members that the model does not have are ignored, null members are absent. A value of the
// wrong type is a SerializationException with the text that AWS's services have for it; where reading is
// lenient, a scalar stays as it is, and what should have members and has none is left out.
Result<boost::json::value, Fault> decode_json(Family family, const Member& use,
                                              const boost::json::value& wire,
                                              Reading reading = Reading::strict);
// Those members of a structure that are in the body.
Result<boost::json::object, Fault> decode_json_members(Family family, const Shape& shape,
                                                       const boost::json::object& wire,
                                                       Reading reading = Reading::strict);

// To the wire, in the model's order. Members that the model does not have are left out.
boost::json::value encode_json(const Member& use, const boost::json::value& value);
boost::json::object encode_json_members(const Shape& shape, const boost::json::object& value);

}  // namespace cairn::aws
