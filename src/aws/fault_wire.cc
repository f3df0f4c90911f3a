// Faults on the wire: a body and headers for each protocol.
#include "aws/cbor_wire.h"
#include "aws/protocol.h"
#include "aws/spelling.h"
#include "aws/xml.h"
#include "codec/headers.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

const Shape* fault_shape(const Service* service, const std::string& code) {
  if (service == nullptr) {
    return nullptr;
  }
  const auto found = service->errors.find(code);
  return found == service->errors.end() ? nullptr : found->second;
}

// "message" or "Message": as the exception's shape has it, or else the service.
std::string message_name(const FaultContext& context, const Fault& fault) {
  if (const auto* shape = fault_shape(context.service, fault.code)) {
    for (const auto& member : shape->members) {
      if (codec::equals_ignore_case(member.wire_name, "message")) {
        return member.wire_name;
      }
    }
  }
  return context.service == nullptr ? "message" : context.service->message_member;
}

// What it was called when the service spoke the query protocol alone.
std::string query_code(const FaultContext& context, const Fault& fault) {
  const auto* shape = fault_shape(context.service, fault.code);
  if (shape != nullptr) {
    return shape->query_error_code.empty() ? fault.code : shape->query_error_code;
  }
  const bool both = context.service != nullptr && context.service->query_compatible;
  return both ? query_spelling(fault.code) : fault.code;
}

void encode_json_fault(const FaultContext& context, const Fault& fault, Encoded& out) {
  boost::json::object body;
  const bool rest = context.protocol == Protocol::rest_json;
  if (!rest) {
    body.emplace("__type", fault.code);
  }
  if (!fault.message.empty()) {
    body.emplace(message_name(context, fault), fault.message);
  }
  for (const auto& [name, text] : fault.extra) {
    body.emplace(name, text);
  }
  out.body = json::serialize(body);
  out.headers.set("x-amzn-ErrorType", fault.code);
  const auto version = context.service == nullptr ? "1.1" : context.service->json_version;
  out.headers.set("Content-Type", rest ? "application/json" : "application/x-amz-json-" + version);
  if (context.service != nullptr && context.service->query_compatible) {
    out.headers.set("x-amzn-query-error",
                    query_code(context, fault) + (fault.sender ? ";Sender" : ";Receiver"));
  }
}

void encode_query_fault(const FaultContext& context, const Fault& fault, const RequestIds& ids,
                        Encoded& out) {
  XmlWriter writer(false);
  writer.open("ErrorResponse");
  if (context.service != nullptr && !context.service->xml_namespace.empty()) {
    writer.attribute("xmlns", context.service->xml_namespace);
  }
  writer.open("Error");
  writer.element("Type", fault.sender ? "Sender" : "Receiver");
  writer.element("Code", query_code(context, fault));
  writer.element("Message", fault.message);
  for (const auto& [name, text] : fault.extra) {
    writer.element(name, text);
  }
  writer.close("Error");
  writer.element("RequestId", ids.request_id);
  writer.close("ErrorResponse");
  out.body = writer.take();
  out.headers.set("Content-Type", "text/xml");
}

void encode_ec2_fault(const Fault& fault, const RequestIds& ids, Encoded& out) {
  XmlWriter writer(true);
  writer.open("Response");
  writer.open("Errors");
  writer.open("Error");
  writer.element("Code", fault.code);
  writer.element("Message", fault.message);
  writer.close("Error");
  writer.close("Errors");
  writer.element("RequestID", ids.request_id);
  writer.close("Response");
  out.body = writer.take();
  out.headers.set("Content-Type", "text/xml;charset=UTF-8");
}

void encode_cbor_fault(const FaultContext& context, const Fault& fault, Encoded& out) {
  boost::json::object body{{"__type", fault.code}, {message_name(context, fault), fault.message}};
  for (const auto& [name, text] : fault.extra) {
    body.emplace(name, text);
  }
  out.body = encode_cbor(body);
  out.headers.set("smithy-protocol", "rpc-v2-cbor");
  out.headers.set("Content-Type", "application/cbor");
}

void encode_s3_fault(const Fault& fault, const RequestIds& ids, Encoded& out) {
  XmlWriter writer(true);
  writer.open("Error");
  writer.element("Code", fault.code);
  writer.element("Message", fault.message);
  for (const auto& [name, text] : fault.extra) {
    writer.element(name, text);
  }
  writer.element("RequestId", ids.request_id);
  writer.element("HostId", ids.host_id);
  writer.close("Error");
  out.body = writer.take();
  out.headers.set("Content-Type", "application/xml");
}

}  // namespace

Encoded encode_fault(const FaultContext& context, const Fault& fault, const RequestIds& ids) {
  Encoded out{.status = fault.status, .headers = {}, .body = {}};
  if (context.protocol == Protocol::rest_xml) {
    out.headers.set("x-amz-request-id", std::string(ids.request_id));
    out.headers.set("x-amz-id-2", std::string(ids.host_id));
  } else {
    out.headers.set("x-amzn-RequestId", std::string(ids.request_id));
  }
  for (const auto& [name, value] : fault.headers) {
    out.headers.set(name, value);
  }
  switch (context.protocol) {
    case Protocol::json:
    case Protocol::rest_json:
      encode_json_fault(context, fault, out);
      break;
    case Protocol::cbor:
      encode_cbor_fault(context, fault, out);
      break;
    case Protocol::query:
      encode_query_fault(context, fault, ids, out);
      break;
    case Protocol::ec2:
      encode_ec2_fault(fault, ids, out);
      break;
    case Protocol::rest_xml:
      encode_s3_fault(fault, ids, out);
      break;
  }
  if (context.head_request || fault.status == 304) {
    out.body.clear();
    out.headers.erase("Content-Type");
  }
  return out;
}

}  // namespace cairn::aws
