#include "aws/json_wire.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <cmath>

#include "aws/protocol.h"
#include "aws/scalars.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string_view json_type_name(Kind kind) {
  switch (kind) {
    case Kind::string:
      return "a String";
    case Kind::blob:
      return "a Blob";
    case Kind::boolean:
      return "a Boolean";
    case Kind::integer:
      return "an Integer";
    case Kind::long_integer:
      return "a Long";
    case Kind::floating:
      return "a Double";
    case Kind::timestamp:
      return "a Timestamp";
    case Kind::structure:
    case Kind::list:
    case Kind::map:
      break;
  }
  return "a collection";
}

// The words of AWS's own parser for a token that does not fit.
Fault json_misfit(Family family, const value& wire, Kind wanted) {
  const bool collection = wanted == Kind::list || wanted == Kind::map || wanted == Kind::structure;
  switch (wire.kind()) {
    case boost::json::kind::object:
      return fault::serialization(family, "Start of structure or map found where not expected.");
    case boost::json::kind::array:
      return fault::serialization(family, "Start of list found where not expected");
    default:
      break;
  }
  if (collection) {
    return fault::serialization(family,
                                wanted == Kind::list ? "Expected list or null" : "Expected map or null");
  }
  const auto token = wire.is_string()                    ? "STRING_VALUE"
                     : wire.is_bool() && wire.get_bool() ? "TRUE_VALUE"
                     : wire.is_bool()                    ? "FALSE_VALUE"
                                                         : "NUMBER_VALUE";
  return fault::serialization(family,
                              fmt::format("{} can not be converted to {}", token, json_type_name(wanted)));
}

DecodedValue decode_json_number(Family family, Kind kind, const value& wire) {
  if (kind == Kind::floating) {
    const bool named = wire.is_string() && (wire.get_string() == "NaN" || wire.get_string() == "Infinity" ||
                                            wire.get_string() == "-Infinity");
    return wire.is_number() || named ? DecodedValue(wire) : DecodedValue(json_misfit(family, wire, kind));
  }
  if (!wire.is_number() || wire.is_uint64()) {  // a uint64 is beyond int64
    return json_misfit(family, wire, kind);
  }
  // A fraction is cut off, as AWS does.
  const double number = std::trunc(wire.to_number<double>());
  const double limit = kind == Kind::integer ? 2147483648.0 : 9223372036854775808.0;
  if (!(number >= -limit && number < limit)) {
    return json_misfit(family, wire, kind);
  }
  return wire.is_int64() ? wire : value(static_cast<std::int64_t>(number));
}

DecodedValue decode_json_text(Family family, Kind kind, const value& wire) {
  if (!wire.is_string()) {
    return json_misfit(family, wire, kind);
  }
  if (kind == Kind::blob && !codec::base64_decode(std::string_view(wire.get_string()))) {
    return fault::serialization(family, "Unable to decode a blob: it is not base64");
  }
  return wire;
}

DecodedValue decode_json_timestamp(Family family, const value& wire) {
  if (wire.is_number()) {
    return timestamp_value(wire.to_number<double>());
  }
  const auto seconds = wire.is_string() ? parse_timestamp(std::string_view(wire.get_string())) : std::nullopt;
  return seconds ? DecodedValue(timestamp_value(*seconds))
                 : DecodedValue(json_misfit(family, wire, Kind::timestamp));
}

DecodedValue decode_json_list(Family family, const Shape& shape, const value& wire, Reading reading) {
  if (!wire.is_array()) {
    return json_misfit(family, wire, Kind::list);
  }
  array out;
  for (const auto& item : wire.get_array()) {
    if (item.is_null()) {
      out.push_back(nullptr);
      continue;
    }
    CAIRN_TRY(auto decoded, decode_json(family, shape.element, item, reading));
    out.push_back(std::move(decoded));
  }
  return value(std::move(out));
}

DecodedValue decode_json_map(Family family, const Shape& shape, const value& wire, Reading reading) {
  if (!wire.is_object()) {
    return json_misfit(family, wire, Kind::map);
  }
  object out;
  for (const auto& [key, item] : wire.get_object()) {
    if (item.is_null()) {
      out.emplace(key, nullptr);
      continue;
    }
    CAIRN_TRY(auto decoded, decode_json(family, shape.element, item, reading));
    out.emplace(key, std::move(decoded));
  }
  return value(std::move(out));
}

DecodedValue decode_json_structure(Family family, const Shape& shape, const value& wire, Reading reading) {
  if (shape.document) {
    return wire;
  }
  if (!wire.is_object()) {
    return json_misfit(family, wire, Kind::structure);
  }
  CAIRN_TRY(auto out, decode_json_members(family, shape, wire.get_object(), reading));
  return value(std::move(out));
}

DecodedValue decode_json_as(Family family, const Shape& shape, const value& wire, Reading reading) {
  switch (shape.kind) {
    case Kind::structure:
      return decode_json_structure(family, shape, wire, reading);
    case Kind::list:
      return decode_json_list(family, shape, wire, reading);
    case Kind::map:
      return decode_json_map(family, shape, wire, reading);
    case Kind::string:
    case Kind::blob:
      return decode_json_text(family, shape.kind, wire);
    case Kind::boolean:
      return wire.is_bool() ? DecodedValue(wire) : DecodedValue(json_misfit(family, wire, shape.kind));
    case Kind::integer:
    case Kind::long_integer:
    case Kind::floating:
      return decode_json_number(family, shape.kind, wire);
    case Kind::timestamp:
      return decode_json_timestamp(family, wire);
  }
  return json_misfit(family, wire, shape.kind);
}

}  // namespace

DecodedValue parse_json_value(Family family, std::string_view text) {
  auto document = json::parse(text, {.bytes_max = kDecodedBodyBytesMax, .depth_max = kJsonDepthMax});
  return document ? DecodedValue(*std::move(document)) : DecodedValue(fault::serialization(family));
}

Result<object, Fault> parse_json_body(Family family, std::string_view text) {
  if (text.empty()) {
    return object{};
  }
  CAIRN_TRY(auto document, parse_json_value(family, text));
  if (document.is_null()) {
    return object{};
  }
  if (!document.is_object()) {
    return json_misfit(family, document, Kind::structure);
  }
  return std::move(document.get_object());
}

DecodedValue decode_json(Family family, const Member& use, const value& wire, Reading reading) {
  const auto& shape = *use.shape;
  auto decoded = decode_json_as(family, shape, wire, reading);
  const bool has_members =
      shape.kind == Kind::structure || shape.kind == Kind::list || shape.kind == Kind::map;
  if (decoded || reading == Reading::strict) {
    return decoded;
  }
  return has_members || wire.is_structured() ? value(nullptr) : wire;
}

Result<object, Fault> decode_json_members(Family family, const Shape& shape, const object& wire,
                                          Reading reading) {
  object out;
  for (const auto& member : shape.members) {
    const auto* found = member.location == Location::body ? wire.if_contains(member.json_name) : nullptr;
    if (found == nullptr || found->is_null()) {
      continue;
    }
    CAIRN_TRY(auto decoded, decode_json(family, member, *found, reading));
    if (!decoded.is_null()) {
      out.emplace(member.name, std::move(decoded));
    }
  }
  return out;
}

value encode_json(const Member& use, const value& given) {
  const auto& shape = *use.shape;
  if (given.is_object() && shape.kind == Kind::structure && !shape.document) {
    return encode_json_members(shape, given.get_object());
  }
  if (given.is_object() && shape.kind == Kind::map) {
    object out;
    for (const auto& [key, item] : given.get_object()) {
      out.emplace(key, encode_json(shape.element, item));
    }
    return out;
  }
  if (given.is_array() && shape.kind == Kind::list) {
    array out;
    for (const auto& item : given.get_array()) {
      out.push_back(encode_json(shape.element, item));
    }
    return out;
  }
  const auto format = timestamp_format(use, TimestampFormat::unix_seconds);
  if (given.is_number() && shape.kind == Kind::timestamp && format != TimestampFormat::unix_seconds) {
    return value(boost::json::string(timestamp_text(given.to_number<double>(), format)));
  }
  return given;
}

object encode_json_members(const Shape& shape, const object& given) {
  object out;
  for (const auto& member : shape.members) {
    const auto* found = member.location == Location::body ? given.if_contains(member.name) : nullptr;
    if (found != nullptr && !found->is_null()) {
      out.emplace(member.json_name, encode_json(member, *found));
    }
  }
  return out;
}

}  // namespace cairn::aws
