#include <fmt/format.h>

#include <pugixml.hpp>

#include "aws/bodies.h"
#include "aws/cbor_wire.h"
#include "aws/json_wire.h"
#include "aws/protocol.h"
#include "aws/query_wire.h"
#include "aws/rest_wire.h"
#include "aws/scalars.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;

void encode_query(const Operation& operation, const object& input, FormNames names, EncodedRequest& out) {
  codec::QueryPairs pairs = {{"Action", operation.name}, {"Version", operation.service->api_version}};
  if (operation.input.shape != nullptr) {
    auto more = encode_form(*operation.input.shape, input, names);
    pairs.insert(pairs.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
  }
  for (const auto& [name, text] : pairs) {
    out.body +=
        (out.body.empty() ? "" : "&") + codec::percent_encode(name) + "=" + codec::percent_encode(text);
  }
  out.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
}

// Of a service that spoke the query protocol once: its errors shall have the names of then beside them.
void set_query_mode(const Service& service, codec::Headers& headers) {
  if (service.query_compatible) {
    headers.set("x-amzn-query-mode", "true");
  }
}

void encode_json_request(const Operation& operation, const object& input, EncodedRequest& out) {
  const auto* shape = operation.input.shape;
  const auto& service = *operation.service;
  out.body = json::serialize(shape == nullptr ? object{} : encode_json_members(*shape, input));
  out.headers.set("Content-Type", "application/x-amz-json-" + service.json_version);
  out.headers.set("X-Amz-Target",
                  (service.target_prefixes.empty() ? service.name : service.target_prefixes.front()) + "." +
                      operation.name);
  set_query_mode(service, out.headers);
}

void encode_cbor_request(const Operation& operation, const object& input, EncodedRequest& out) {
  const auto& service = *operation.service;
  out.method = "POST";
  out.target = fmt::format("/service/{}/operation/{}",
                           service.target_prefixes.empty() ? service.name : service.target_prefixes.front(),
                           operation.name);
  out.headers.set("smithy-protocol", "rpc-v2-cbor");
  out.headers.set("Accept", "application/cbor");
  set_query_mode(service, out.headers);
  if (operation.input.shape != nullptr) {
    out.body = encode_cbor_members(*operation.input.shape, input);
    out.headers.set("Content-Type", "application/cbor");
  }
}

// The short name: without a namespace before '#' and a URL after ':'.
std::string short_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const auto hash = code.rfind('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

std::string_view text_member(const object& from, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (const auto* found = from.if_contains(name); found != nullptr && found->is_string()) {
      return found->get_string();
    }
  }
  return {};
}

Fault json_fault(const codec::ResponseHead& head, std::string_view body) {
  Fault fault{std::to_string(head.status), head.status, "", head.status < 500};
  const auto document = json::parse_object(body);
  const object empty;
  const auto& members = document ? *document : empty;
  fault.message = document ? std::string(text_member(members, {"message", "Message"}))
                           : std::string(body.substr(0, 1024));
  std::string_view code = head.headers.get("x-amzn-ErrorType");
  code = code.empty() ? text_member(members, {"__type", "code", "Code"}) : code;
  if (!code.empty()) {
    fault.code = short_code(code);
  }
  return fault;
}

Fault cbor_fault(const codec::ResponseHead& head, std::string_view body) {
  Fault fault{std::to_string(head.status), head.status, "", head.status < 500};
  if (const auto members = parse_cbor_body(body)) {
    fault.message = std::string(text_member(*members, {"message", "Message"}));
    if (const auto code = text_member(*members, {"__type"}); !code.empty()) {
      fault.code = short_code(code);
    }
  }
  return fault;
}

std::string child_text(const pugi::xml_node& node, std::string_view name) {
  for (const auto& child : node.children()) {
    if (local_name(child.name()) == name) {
      return child.text().get();
    }
  }
  return {};
}

pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name) {
  for (const auto& child : node.children()) {
    if (local_name(child.name()) == name) {
      return child;
    }
  }
  return {};
}

// <ErrorResponse><Error>…, <Response><Errors><Error>… or S3's bare <Error>.
Fault xml_fault(const codec::ResponseHead& head, std::string_view body) {
  Fault fault{std::to_string(head.status), head.status, "", head.status < 500};
  auto document = parse_xml(body);
  if (!document) {
    return fault;
  }
  auto node = (*document)->document_element();
  if (local_name(node.name()) != "Error") {
    const auto errors = child_named(node, "Errors");
    node = child_named(errors ? errors : node, "Error");
  }
  if (auto code = child_text(node, "Code"); !code.empty()) {
    fault.code = std::move(code);
  }
  fault.message = child_text(node, "Message");
  for (const auto& child : node.children()) {
    const auto name = local_name(child.name());
    if (name != "Code" && name != "Message" && name != "Type" && child.type() == pugi::node_element) {
      fault.extra.emplace_back(name, child.text().get());
    }
  }
  return fault;
}

// An answer that cannot be read is the far end's fault, not our caller's.
Fault unreadable(Fault fault) {
  fault.status = 502;
  fault.sender = false;
  return fault;
}

DecodedObject decode_cbor_response(const Operation& operation, std::string_view body) {
  CAIRN_TRY(auto document, parse_cbor_body(body));
  return operation.output.shape == nullptr ? DecodedObject(object{})
                                           : decode_cbor_members(*operation.output.shape, document);
}

DecodedObject decode_json_response(const Operation& operation, std::string_view body, Reading reading) {
  if (operation.output.shape == nullptr) {
    return object{};
  }
  CAIRN_TRY(auto document, parse_json_body(Family::json, body));
  return decode_json_members(Family::json, *operation.output.shape, document, reading);
}

DecodedObject decode_query_response(const Operation& operation, std::string_view body) {
  if (operation.output.shape == nullptr || body.empty()) {
    return object{};
  }
  auto document = parse_xml(body);
  if (!document) {
    return fault::serialization(Family::query, document.error().text());
  }
  const auto root = (*document)->document_element();
  const auto result = child_named(root, operation.result_wrapper);
  return decode_xml_members(Family::query, *operation.output.shape, result ? result : root);
}

DecodedObject decode_rest_response(Protocol protocol, const Operation& operation,
                                   const codec::ResponseHead& head, std::string_view body, Reading reading) {
  object out;
  if (operation.output.shape == nullptr) {
    return out;
  }
  CAIRN_TRY_VOID(decode_bound(*operation.output.shape, head, out));
  CAIRN_TRY_VOID(protocol == Protocol::rest_json ? decode_rest_json_body(operation.output, body, out, reading)
                                                 : decode_rest_xml_body(operation.output, body, out));
  return out;
}

}  // namespace

Result<EncodedRequest> encode_request(Protocol protocol, const Operation& operation, const object& input) {
  EncodedRequest out{.method = operation.method, .target = "/", .headers = {}, .body = {}};
  switch (protocol) {
    case Protocol::json:
      encode_json_request(operation, input, out);
      return out;
    case Protocol::query:
      encode_query(operation, input, FormNames::query, out);
      return out;
    case Protocol::ec2:
      encode_query(operation, input, FormNames::ec2, out);
      return out;
    case Protocol::cbor:
      encode_cbor_request(operation, input, out);
      return out;
    case Protocol::rest_json:
    case Protocol::rest_xml: {
      CAIRN_TRY(out.target, encode_target(operation, input));
      if (operation.input.shape != nullptr) {
        encode_headers(*operation.input.shape, input, out.headers);
        encode_rest_body({.protocol = protocol, .operation = operation, .what = operation.input, .style = {}},
                         input, out.headers, out.body);
      }
      return out;
    }
  }
  return out;
}

DecodedObject decode_response(Protocol protocol, const Operation& operation, const codec::ResponseHead& head,
                              std::string_view body, Reading reading) {
  const bool json = protocol == Protocol::json || protocol == Protocol::rest_json;
  if (head.status >= 300) {
    return json                         ? json_fault(head, body)
           : protocol == Protocol::cbor ? cbor_fault(head, body)
                                        : xml_fault(head, body);
  }
  switch (protocol) {
    case Protocol::json:
      return decode_json_response(operation, body, reading).transform_error(unreadable);
    case Protocol::cbor:
      return decode_cbor_response(operation, body).transform_error(unreadable);
    case Protocol::query:
    case Protocol::ec2:
      return decode_query_response(operation, body).transform_error(unreadable);
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return decode_rest_response(protocol, operation, head, body, reading).transform_error(unreadable);
}

}  // namespace cairn::aws
