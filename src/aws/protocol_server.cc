#include "aws/bodies.h"
#include "aws/cbor_wire.h"
#include "aws/json_wire.h"
#include "aws/protocol.h"
#include "aws/query_wire.h"
#include "aws/recognise.h"
#include "aws/rest_wire.h"
#include "aws/scalars.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;

DecodedObject decode_rest(const Recognised& call, const codec::RequestHead& head, std::string_view body) {
  const auto& what = call.operation->input;
  object out;
  CAIRN_TRY_VOID(decode_bound(family_of(call.protocol), call, head.headers, out));
  CAIRN_TRY_VOID(call.protocol == Protocol::rest_json ? decode_rest_json_body(what, body, out)
                                                      : decode_rest_xml_body(what, body, out));
  return out;
}

// An operation without input: still, a body that is no JSON is refused.
DecodedObject decode_nothing(Protocol protocol, std::string_view body) {
  if (protocol == Protocol::json) {
    CAIRN_TRY(auto document, parse_json_body(Family::json, body));
  }
  if (protocol == Protocol::cbor) {
    CAIRN_TRY(auto document, parse_cbor_body(body));
  }
  return object{};
}

std::string query_response(const Operation& operation, const object& output, const RequestIds& ids) {
  XmlWriter writer(false);
  const auto response = operation.name + "Response";
  writer.open(response);
  write_namespace(namespace_of(operation, {}), writer);
  if (operation.output.shape != nullptr) {
    writer.open(operation.result_wrapper);
    encode_xml_members({}, *operation.output.shape, output, writer);
    writer.close(operation.result_wrapper);
  }
  writer.open("ResponseMetadata");
  writer.element("RequestId", ids.request_id);
  writer.close("ResponseMetadata");
  writer.close(response);
  return writer.take();
}

// ec2: no wrapper around the result, and the id beside its members.
std::string ec2_response(const Operation& operation, const object& output, const RequestIds& ids) {
  XmlWriter writer(false);
  const auto response = operation.name + "Response";
  writer.open(response);
  write_namespace(namespace_of(operation, {}), writer);
  if (operation.output.shape != nullptr) {
    encode_xml_members({}, *operation.output.shape, output, writer);
  }
  writer.element("requestId", ids.request_id);
  writer.close(response);
  return writer.take();
}

void set_ids(Protocol protocol, const RequestIds& ids, codec::Headers& headers) {
  if (protocol == Protocol::rest_xml) {
    headers.set("x-amz-request-id", std::string(ids.request_id));
    headers.set("x-amz-id-2", std::string(ids.host_id));
  } else {
    headers.set("x-amzn-RequestId", std::string(ids.request_id));
  }
}

int status_of(const Operation& operation, const object& output) {
  for (const auto& member : operation.output.shape->members) {
    const auto* found = member.location == Location::status_code ? output.if_contains(member.name) : nullptr;
    if (found != nullptr && found->is_int64()) {
      return static_cast<int>(found->get_int64());
    }
  }
  return operation.status;
}

void encode_rest(Protocol protocol, const Operation& operation, const object& output, Encoded& out) {
  if (operation.output.shape == nullptr) {
    if (protocol == Protocol::rest_json) {
      out.body = "{}";
      out.headers.set("Content-Type", "application/json");
    }
    return;
  }
  out.status = status_of(operation, output);
  encode_headers(*operation.output.shape, output, out.headers);
  encode_rest_body({.protocol = protocol,
                    .operation = operation,
                    .what = operation.output,
                    .style = {.always_millis = operation.service->name == "s3"},
                    .root_always = true},
                   output, out.headers, out.body);
}

}  // namespace

DecodedObject decode_request(const Recognised& call, const codec::RequestHead& head, std::string_view body) {
  const auto family = family_of(call.protocol);
  if (body.size() > kDecodedBodyBytesMax) {
    return fault::request_too_large(family);
  }
  const auto* shape = call.operation->input.shape;
  if (shape == nullptr) {
    return decode_nothing(call.protocol, body);
  }
  switch (call.protocol) {
    case Protocol::json: {
      CAIRN_TRY(auto document, parse_json_body(family, body));
      return decode_json_members(family, *shape, document);
    }
    case Protocol::query:
      return decode_form(*shape, call.form);
    case Protocol::ec2:
      return decode_form(*shape, call.form, FormNames::ec2);
    case Protocol::cbor: {
      CAIRN_TRY(auto document, parse_cbor_body(body));
      return decode_cbor_members(*shape, document);
    }
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return decode_rest(call, head, body);
}

Encoded encode_response(Protocol protocol, const Operation& operation, const object& output,
                        const RequestIds& ids) {
  Encoded out{.status = operation.status, .headers = {}, .body = {}};
  set_ids(protocol, ids, out.headers);
  switch (protocol) {
    case Protocol::json: {
      const auto* shape = operation.output.shape;
      out.body = json::serialize(shape == nullptr ? object{} : encode_json_members(*shape, output));
      out.headers.set("Content-Type", "application/x-amz-json-" + operation.service->json_version);
      return out;
    }
    case Protocol::query:
      out.body = query_response(operation, output, ids);
      out.headers.set("Content-Type", "text/xml");
      return out;
    case Protocol::rest_json:
    case Protocol::rest_xml:
      encode_rest(protocol, operation, output, out);
      return out;
    case Protocol::ec2:
      out.body = ec2_response(operation, output, ids);
      out.headers.set("Content-Type", "text/xml;charset=UTF-8");
      return out;
    case Protocol::cbor:
      out.headers.set("smithy-protocol", "rpc-v2-cbor");
      if (operation.output.shape != nullptr) {
        out.body = encode_cbor_members(*operation.output.shape, output);
        out.headers.set("Content-Type", "application/cbor");
      }
      return out;
  }
  return out;
}

}  // namespace cairn::aws
