#include "aws/bodies.h"

#include <pugixml.hpp>

#include "aws/json_wire.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;

bool is_raw(const Member& payload) {
  return payload.shape->kind == Kind::blob || payload.shape->kind == Kind::string;
}

bool is_in_body(const Member& member) {
  return member.location == Location::body;
}

bool has_body_members(const Shape& shape) {
  return std::ranges::any_of(shape.members, is_in_body);
}

void merge_members(object&& members, object& into) {
  for (auto& [key, member] : members) {
    into.emplace(key, std::move(member));
  }
}

// A payload that is bytes or text as it is.
Result<void, Fault> decode_raw(Family family, const Member& payload, std::string_view body, object& into) {
  if (payload.streaming || body.empty()) {
    return {};
  }
  if (payload.shape->kind == Kind::blob) {
    into.emplace(payload.name, codec::base64_encode(body));
    return {};
  }
  if (!codec::valid_utf8(body)) {
    return fault::serialization(family, "The body is not UTF-8");
  }
  into.emplace(payload.name, body);
  return {};
}

// A stream is empty here: its bytes go another way.
std::string encode_raw(const Member& payload, const object& given) {
  const auto* found = given.if_contains(payload.name);
  if (payload.streaming || found == nullptr || !found->is_string()) {
    return {};
  }
  const std::string_view text = found->get_string();
  return payload.shape->kind == Kind::string ? std::string(text)
                                             : codec::base64_decode(text).value_or(std::string());
}

std::string rest_json_text(const Shape& shape, const object& given) {
  const auto* payload = shape.payload_member();
  if (payload == nullptr) {
    return json::serialize(encode_json_members(shape, given));
  }
  const auto* found = given.if_contains(payload->name);
  return found == nullptr || found->is_null() ? std::string("{}")
                                              : json::serialize(encode_json(*payload, *found));
}

std::string payload_text(const RestBody& rest, const Member& payload, const object& given) {
  const auto* found = given.if_contains(payload.name);
  if (found == nullptr || !found->is_object()) {
    return {};
  }
  const auto& name = payload.renamed ? payload.wire_name : payload.shape->xml_name;
  XmlWriter writer(rest.root_always);
  writer.open(name);
  write_namespace(payload.xml_namespace ? payload.xml_namespace : namespace_of(rest.operation, rest.what),
                  writer);
  encode_xml_members(rest.style, *payload.shape, found->get_object(), writer);
  writer.close(name);
  return writer.take();
}

std::string rest_xml_text(const RestBody& rest, const object& given) {
  const auto& shape = *rest.what.shape;
  if (const auto* payload = shape.payload_member()) {
    return payload_text(rest, *payload, given);
  }
  const auto is_given = [&](const Member& member) {
    return is_in_body(member) && given.contains(member.name);
  };
  if (!rest.root_always && std::ranges::none_of(shape.members, is_given)) {
    return {};
  }
  const auto& root = rest.what.root.empty() ? shape.xml_name : rest.what.root;
  XmlWriter writer(rest.root_always);
  writer.open(root);
  write_namespace(namespace_of(rest.operation, rest.what), writer);
  if (!rest.what.unwrapped) {
    encode_xml_members(rest.style, shape, given, writer);
  } else if (const auto* found = given.if_contains(shape.members.front().name);
             found != nullptr && found->is_string()) {
    writer.text(found->get_string());
  }
  writer.close(root);
  return writer.take();
}

}  // namespace

std::optional<XmlNamespace> namespace_of(const Operation& operation, const Body& what) {
  if (what.xml_namespace || operation.service->xml_namespace.empty()) {
    return what.xml_namespace;
  }
  return XmlNamespace{operation.service->xml_namespace, ""};
}

Result<void, Fault> decode_rest_json_body(const Body& what, std::string_view body, object& into,
                                          Reading reading) {
  const auto& shape = *what.shape;
  const auto* payload = shape.payload_member();
  if (payload != nullptr && is_raw(*payload)) {
    return decode_raw(Family::rest_json, *payload, body, into);
  }
  if (payload == nullptr && has_body_members(shape)) {
    CAIRN_TRY(auto document, parse_json_body(Family::rest_json, body));
    CAIRN_TRY(auto members, decode_json_members(Family::rest_json, shape, document, reading));
    merge_members(std::move(members), into);
  } else if (payload != nullptr && !body.empty()) {
    CAIRN_TRY(auto document, parse_json_value(Family::rest_json, body));
    if (!document.is_null()) {
      CAIRN_TRY(auto decoded, decode_json(Family::rest_json, *payload, document, reading));
      into.emplace(payload->name, std::move(decoded));
    }
  }
  return {};
}

Result<void, Fault> decode_rest_xml_body(const Body& what, std::string_view body, object& into) {
  const auto& shape = *what.shape;
  const auto* payload = shape.payload_member();
  if (payload != nullptr && is_raw(*payload)) {
    return decode_raw(Family::s3, *payload, body, into);
  }
  const bool blank = body.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank || (payload == nullptr && !has_body_members(shape))) {
    return {};
  }
  auto document = parse_xml(body);
  if (!document) {
    return fault::serialization(Family::s3);
  }
  const auto root = (*document)->document_element();
  if (payload != nullptr || what.unwrapped) {
    const auto& member = payload != nullptr ? *payload : shape.members.front();
    CAIRN_TRY(auto decoded, decode_xml(Family::s3, member, root));
    into.emplace(member.name, std::move(decoded));
    return {};
  }
  CAIRN_TRY(auto members, decode_xml_members(Family::s3, shape, root));
  merge_members(std::move(members), into);
  return {};
}

void encode_rest_body(const RestBody& rest, const object& given, codec::Headers& headers, std::string& body) {
  const auto& shape = *rest.what.shape;
  const auto* payload = shape.payload_member();
  std::string_view type;
  if (payload != nullptr && is_raw(*payload)) {
    body = encode_raw(*payload, given);
    type = payload->shape->kind == Kind::blob ? "application/octet-stream" : "text/plain";
  } else if (payload == nullptr && !has_body_members(shape)) {
    return;
  } else if (rest.protocol == Protocol::rest_json) {
    body = rest_json_text(shape, given);
    type = "application/json";
  } else {
    body = rest_xml_text(rest, given);
    type = "application/xml";
  }
  if (!body.empty() && !headers.contains("Content-Type")) {
    headers.set("Content-Type", std::string(type));
  }
}

}  // namespace cairn::aws
