// For tests: a recorded call of AWS turned back into the request and the answer that it was, by the service
// models. Naive: what the forms of records do, backwards.
#pragma once

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "aws/protocol.h"
#include "aws/scalars.h"
#include "codec/uri.h"
#include "json/json.h"

namespace cairn::capture::naive {

using boost::json::array;
using boost::json::object;
using boost::json::value;

inline constexpr std::string_view kHiddenText = "HIDDEN_DUE_TO_SECURITY_REASONS";

// From recorded values back to those on the wire.

inline std::optional<double> seconds_of(const value& recorded) {
  if (recorded.is_number()) {
    return recorded.to_number<double>();
  }
  if (!recorded.is_string()) {
    return std::nullopt;
  }
  const std::string text(recorded.get_string());
  for (const auto* format : {"%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M:%S %p"}) {
    tm parts{};
    if (strptime(text.c_str(), format, &parts) != nullptr) {
      return static_cast<double>(timegm(&parts));
    }
  }
  return aws::parse_timestamp(text);
}

inline value unrecorded(const aws::Member& use, const value& recorded);

inline object unrecorded_members(const aws::Shape& shape, const object& recorded) {
  object out;
  for (const auto& member : shape.members) {
    for (const auto& name : {aws::lower_first(member.name), member.name, member.wire_name}) {
      if (const auto* found = recorded.if_contains(name)) {
        out.emplace(member.name, unrecorded(member, *found));
        break;
      }
    }
  }
  return out;
}

// What was hidden was something: it must be hidden again.
inline value secret_of(const aws::Shape& shape) {
  switch (shape.kind) {
    case aws::Kind::structure:
      return object{};
    case aws::Kind::list:
      return array{secret_of(*shape.element.shape)};
    case aws::Kind::map:
      return object{{"secret", secret_of(*shape.element.shape)}};
    case aws::Kind::blob:
      return value("c2VjcmV0");
    default:
      return value("secret");
  }
}

inline value unrecorded(const aws::Member& use, const value& recorded) {
  const auto& shape = *use.shape;
  if (recorded.is_string() && recorded.get_string() == kHiddenText) {
    return secret_of(shape);
  }
  if (recorded.is_object() && shape.is_structure() && !shape.document) {
    return unrecorded_members(shape, recorded.get_object());
  }
  if (recorded.is_object() && shape.kind == aws::Kind::map) {
    object out;
    for (const auto& [key, item] : recorded.get_object()) {
      out.emplace(key, unrecorded(shape.element, item));
    }
    return out;
  }
  if (recorded.is_array() && shape.kind == aws::Kind::list) {
    array out;
    for (const auto& item : recorded.get_array()) {
      out.push_back(unrecorded(shape.element, item));
    }
    return out;
  }
  if (shape.kind == aws::Kind::timestamp) {
    const auto seconds = seconds_of(recorded);
    return seconds ? aws::timestamp_value(*seconds) : recorded;
  }
  return recorded;
}

struct Request {
  codec::RequestHead head;
  std::string body;
};

// An object of a record as XML: text members become elements, "xmlns" an attribute.
inline void write_xml(std::string& out, std::string_view name, const value& given) {
  if (given.is_array()) {
    for (const auto& item : given.get_array()) {
      write_xml(out, name, item);
    }
    return;
  }
  out += fmt::format("<{}", name);
  std::string inside;
  if (given.is_object()) {
    for (const auto& [key, member] : given.get_object()) {
      if (key.starts_with("xmlns") || key == "xsi:type") {
        out += fmt::format(" {}=\"{}\"", std::string_view(key), std::string_view(member.as_string()));
      } else {
        write_xml(inside, key, member);
      }
    }
  } else {
    inside = given.is_string() ? std::string(given.get_string()) : json::serialize(given);
  }
  out += ">" + inside + fmt::format("</{}>", name);
}

// S3's own form, backwards.
inline Request s3_request(const aws::Operation& operation, const object& recorded) {
  Request out{{operation.method, "", {}}, ""};
  std::string path = "/";
  std::string query;
  for (const auto& [key, member] : recorded) {
    const std::string_view name = key;
    const auto text = member.is_string() ? std::string(member.get_string()) : std::string();
    if (name == "bucketName") {
      const auto host = json::find_string(recorded, "Host").value_or("");
      path += host.starts_with(text + ".s3") ? "" : text;
    } else if (name == "Host") {
      out.head.headers.set("Host", text);
    } else if (name == "bucketPolicy") {
      out.body = json::serialize(member);
    } else if (member.is_object()) {
      write_xml(out.body, name, member);
    } else if (name.starts_with("x-amz-")) {
      out.head.headers.set(std::string(name), text);
    } else if (name != "key") {
      query += fmt::format("{}{}={}", query.empty() ? "?" : "&", codec::percent_encode(name),
                           codec::percent_encode(text));
    }
  }
  if (const auto key = json::find_string(recorded, "key")) {
    path += (path.size() > 1 ? "/" : "") + codec::percent_encode(*key, true);
  }
  out.head.target = path + query;
  return out;
}

inline std::optional<Request> request_of(const aws::Operation& operation, const object& recorded) {
  if (operation.service->name == "s3") {
    return s3_request(operation, recorded);
  }
  object input;
  if (operation.input.shape != nullptr) {
    object flat = recorded;  // API Gateway's have an object in between
    if (const auto* inner = json::find_object(recorded, aws::lower_first(operation.name) + "Input")) {
      flat.insert(inner->begin(), inner->end());
    }
    input = unrecorded_members(*operation.input.shape, flat);
  }
  if (operation.service->name == "s3control") {
    input["AccountId"] = "111122223333";
  }
  auto encoded = aws::encode_request(operation.service->protocol(), operation, input);
  if (!encoded) {
    return std::nullopt;
  }
  if (const auto host = json::find_string(recorded, "Host")) {
    encoded->headers.set("Host", std::string(*host));
  }
  return Request{{encoded->method, encoded->target, encoded->headers}, encoded->body};
}

// RDS and its kin record what is in the answer's only member.
inline object unrecorded_output(const aws::Operation& operation, const object& recorded) {
  const auto& shape = *operation.output.shape;
  const std::set<std::string_view> unwrapped = {"elasticache", "rds", "redshift"};
  if (unwrapped.contains(operation.service->signing_name) && shape.members.size() == 1 &&
      shape.members.front().shape->is_structure()) {
    return {{shape.members.front().name, unrecorded_members(*shape.members.front().shape, recorded)}};
  }
  return unrecorded_members(shape, recorded);
}

// KMS says in its answers which key it took; its records have that as a resource only.
inline object with_key(const aws::Operation& operation, const object& record, object output) {
  const auto* resources = json::find_array(record, "resources");
  if (operation.service->name == "kms" && resources != nullptr && !resources->empty() &&
      operation.output.shape != nullptr && operation.output.shape->member("KeyId") != nullptr) {
    output.emplace("KeyId", json::find_string(resources->front().as_object(), "ARN").value_or(""));
  }
  return output;
}

inline aws::Encoded answer_of(const aws::Operation& operation, const object& record) {
  const auto protocol = operation.service->protocol();
  const aws::RequestIds ids{json::find_string(record, "requestID").value_or(""), "host"};
  if (const auto code = json::find_string(record, "errorCode")) {
    std::string wire(*code);
    for (const std::string_view side : {"Client.", "Server."}) {
      wire = wire.starts_with(side) ? wire.substr(side.size()) : wire;
    }
    const aws::Fault fault{wire, 400, std::string(json::find_string(record, "errorMessage").value_or(""))};
    return aws::encode_fault({.protocol = protocol, .service = operation.service}, fault, ids);
  }
  const auto* elements = json::find_object(record, "responseElements");
  const object output = elements == nullptr || operation.output.shape == nullptr
                            ? object()
                            : unrecorded_output(operation, *elements);
  auto answer = aws::encode_response(protocol, operation, with_key(operation, record, output), ids);
  if (elements != nullptr && operation.service->name == "s3") {
    for (const auto& [name, text] : *elements) {
      if (text.is_string()) {
        answer.headers.set(name, std::string(text.get_string()));
      }
    }
  }
  return answer;
}

}  // namespace cairn::capture::naive
