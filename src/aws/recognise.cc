#include "aws/recognise.h"

#include <fmt/format.h>

#include "aws/route.h"
#include "codec/utf8.h"

namespace cairn::aws {
namespace {

using RecognisedOr = Result<Recognised, Refusal>;

std::string_view media_type(const codec::RequestHead& head) {
  const auto type = head.headers.get("Content-Type");
  const auto end = std::min(type.find_first_of("; \t"), type.size());
  return type.substr(0, end);
}

bool is_form(const codec::RequestHead& head) {
  return codec::equals_ignore_case(media_type(head), "application/x-www-form-urlencoded");
}

std::string_view pair_value(const codec::QueryPairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, &std::pair<std::string, std::string>::first);
  return found == pairs.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  return colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos
             ? host
             : host.substr(0, colon);
}

// "s3", "s3-eu-west-1", "s3.eu-west-1", "s3.dualstack.eu-west-1": what stands between a bucket and AWS's
// domain.
bool is_s3_endpoint(std::string_view text) {
  return text == "s3" || text.starts_with("s3.") || text.starts_with("s3-");
}

// json: the checks in the order in which AWS's own framework makes them, up to the operation's name.

Refusal json_refusal(const Service* service, Fault fault) {
  return Refusal{.fault = std::move(fault), .protocol = Protocol::json, .service = service};
}

std::optional<Refusal> check_json_head(const Question& question, const Service* service) {
  if (question.head.method != "POST") {
    auto refusal = json_refusal(
        service,
        Fault{"AccessDeniedException", 403, "Unable to determine service/operation name to be authorized"});
    refusal.body =
        "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized"
        "</Message>\n</AccessDeniedException>\n";
    refusal.content_type = "application/xml";
    return refusal;
  }
  const auto type = media_type(question.head);
  if (type == "application/x-amz-json-1.1" || type == "application/x-amz-json-1.0") {
    return std::nullopt;
  }
  auto refusal = json_refusal(service, fault::unknown_operation(Family::json));
  if (codec::equals_ignore_case(type, "application/json")) {
    refusal.fault.status = 200;
    refusal.body =
        R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException","message":null},"Version":"1.0"})";
    refusal.content_type = "application/json";
  } else {
    refusal.fault.status = 404;
    refusal.body = "<UnknownOperationException/>\n";
    refusal.content_type = "application/xml";
  }
  return refusal;
}

// "CloudTrail_20131101" of "CloudTrail_20131101.LookupEvents".
std::string_view prefix_of(std::string_view target) {
  return target.substr(0, std::min(target.rfind('.'), target.size()));
}

RecognisedOr by_target(const Question& question, const Service* service, Recognised call) {
  if (auto refusal = check_json_head(question, service)) {
    return *std::move(refusal);
  }
  const auto target = question.head.headers.get("X-Amz-Target");
  const auto* operation = service == nullptr || target.rfind('.') == std::string_view::npos
                              ? nullptr
                              : service->operation(target.substr(target.rfind('.') + 1));
  if (operation == nullptr) {
    return json_refusal(service, fault::unknown_operation(Family::json));
  }
  call.service = service;
  call.operation = operation;
  call.protocol = Protocol::json;
  return call;
}

// query: Action and Version.

RecognisedOr by_action(const Service& service, Recognised call) {
  const auto refuse = [&](Fault fault) {
    return Refusal{.fault = std::move(fault), .protocol = Protocol::query, .service = &service};
  };
  const auto action = pair_value(call.form, "Action");
  if (action.empty()) {
    return refuse(fault::missing_action());
  }
  const auto version = pair_value(call.form, "Version");
  const auto* operation = service.operation(action);
  if (operation == nullptr || version != service.api_version) {
    return refuse(fault::unknown_operation(
        Family::query, fmt::format("Could not find operation {} for version {}", action.substr(0, 128),
                                   version.empty() ? "NO_VERSION_SPECIFIED" : version.substr(0, 64))));
  }
  call.service = &service;
  call.operation = operation;
  call.protocol = Protocol::query;
  return call;
}

// rest-json and rest-xml: the route.

Fault bad_uri(Family family) {
  return family == Family::s3
             ? Fault{"InvalidURI", 400, "Couldn't parse the specified URI."}
             : Fault{"MalformedHttpRequestException", 400, "The request's URI cannot be read."};
}

// Labels come raw: a '/' in a key may be there as %2F.
bool decode_labels(codec::QueryPairs& labels) {
  for (auto& [name, text] : labels) {
    auto decoded = codec::percent_decode(text);
    if (!decoded || !codec::valid_utf8(*decoded)) {
      return false;
    }
    text = *std::move(decoded);
  }
  return true;
}

RecognisedOr by_route(const Question& question, const Service& service, Recognised call) {
  const auto protocol = service.protocol();
  const auto refuse = [&](Fault fault) {
    return Refusal{.fault = std::move(fault), .protocol = protocol, .service = &service};
  };
  const auto bucket = service.name == "s3"
                          ? bucket_in_host(question.head.headers.get("Host"), question.s3_domains)
                          : std::string_view{};
  auto path = std::string(question.head.path());
  if (!bucket.empty()) {
    path = fmt::format("/{}{}", bucket, path);
  }
  auto found = route({.service = service,
                      .method = question.head.method,
                      .path = path,
                      .query = call.query,
                      .headers = question.head.headers});
  if (!found) {
    auto fault = fault::unknown_operation(family_of(protocol));
    return refuse(protocol == Protocol::rest_xml ? std::move(fault).with("Method", question.head.method)
                                                 : std::move(fault));
  }
  if (!decode_labels(found->labels)) {
    return refuse(bad_uri(family_of(protocol)));
  }
  call.service = &service;
  call.operation = found->operation;
  call.protocol = protocol;
  call.labels = std::move(found->labels);
  call.virtual_hosted = !bucket.empty();
  return call;
}

// The service where no target names it; S3 if nothing else says.
const Service* service_of(const Question& question, const Recognised& call) {
  if (!question.scope_service.empty()) {
    return catalogue().by_signing_name(question.scope_service);
  }
  const auto host = without_port(question.head.headers.get("Host"));
  if (bucket_in_host(host, question.s3_domains).empty()) {
    if (const auto* service =
            catalogue().by_endpoint_prefix(host.substr(0, std::min(host.find('.'), host.size())))) {
      return service;
    }
  }
  if (const auto action = pair_value(call.form, "Action"); !action.empty()) {
    if (const auto* service = catalogue().by_action(action, pair_value(call.form, "Version"))) {
      return service;
    }
  }
  return catalogue().by_name("s3");
}

// A service that is in no table here: refused in the family that the request looks like.
Refusal unknown_service(const Question& question, const Recognised& call) {
  const bool form = !pair_value(call.form, "Action").empty();
  const auto protocol = form ? Protocol::query : Protocol::rest_json;
  const auto family = family_of(protocol);
  return Refusal{.fault = fault::unknown_operation(family, fmt::format("There is no service {} here.",
                                                                       question.scope_service.substr(0, 64))),
                 .protocol = protocol};
}

bool speaks_cbor(const codec::RequestHead& head) {
  return codec::equals_ignore_case(head.headers.get("smithy-protocol"), "rpc-v2-cbor");
}

// What query string and form say, before anything is known of the service.
RecognisedOr parameters(const Question& question) {
  Recognised call;
  auto query = codec::parse_query(question.head.query());
  if (!query) {
    return Refusal{.fault = bad_uri(Family::s3), .protocol = Protocol::rest_xml};
  }
  call.query = *std::move(query);
  if (speaks_cbor(question.head)) {
    return json_refusal(
        nullptr, fault::unknown_operation(Family::json, "The protocol rpc-v2-cbor is not spoken here."));
  }
  call.form = call.query;
  if (!question.form.empty()) {
    auto form = codec::parse_query(question.form, true);
    if (!form) {
      return Refusal{.fault = Fault{"MalformedQueryString", 400, "The body is no form."},
                     .protocol = Protocol::query};
    }
    call.form.insert(call.form.end(), std::move_iterator(form->begin()), std::move_iterator(form->end()));
  }
  return call;
}

RecognisedOr without_target(const Question& question, const Service& service, Recognised call) {
  switch (service.protocol()) {
    case Protocol::json:
      break;
    case Protocol::query:
      return by_action(service, std::move(call));
    case Protocol::rest_json:
    case Protocol::rest_xml:
      return by_route(question, service, std::move(call));
    case Protocol::ec2:
    case Protocol::cbor:
      return json_refusal(
          &service, fault::unknown_operation(Family::json, fmt::format("The protocol {} is not spoken here.",
                                                                       to_string(service.protocol()))));
  }
  // A JSON service that has the query protocol as well (CloudWatch), or a request without a target.
  if (service.speaks(Protocol::query) && !pair_value(call.form, "Action").empty()) {
    return by_action(service, std::move(call));
  }
  if (auto refusal = check_json_head(question, &service)) {
    return *std::move(refusal);
  }
  return json_refusal(&service, fault::unknown_operation(Family::json));
}

}  // namespace

bool reads_form(const codec::RequestHead& head) {
  return head.method == "POST" && is_form(head) && !head.headers.contains("X-Amz-Target");
}

std::string_view Recognised::label(std::string_view name) const {
  return pair_value(labels, name);
}

std::string_view bucket_in_host(std::string_view host, std::span<const std::string> s3_domains) {
  host = without_port(host);
  for (const auto& domain : s3_domains) {
    if (host.size() > domain.size() + 1 && host.ends_with(domain) &&
        host[host.size() - domain.size() - 1] == '.') {
      const auto rest = host.substr(0, host.size() - domain.size() - 1);
      return is_s3_endpoint(rest) ? std::string_view{} : rest;
    }
  }
  // AWS's own: BUCKET.s3[.REGION].amazonaws.com[.cn], BUCKET.s3-REGION.amazonaws.com.
  const auto end = host.rfind(".amazonaws.com");
  if (end == std::string_view::npos) {
    return {};
  }
  const auto rest = host.substr(0, end);
  for (auto dot = rest.rfind('.'); dot != std::string_view::npos && dot > 0; dot = rest.rfind('.', dot - 1)) {
    if (is_s3_endpoint(rest.substr(dot + 1))) {
      return rest.substr(0, dot);
    }
  }
  return {};
}

RecognisedOr recognise(const Question& question) {
  auto call = parameters(question);
  if (!call) {
    return std::move(call).error();
  }
  if (const auto target = question.head.headers.get("X-Amz-Target"); !target.empty()) {
    return by_target(question, catalogue().by_target_prefix(prefix_of(target)), *std::move(call));
  }
  if (const auto* service = service_of(question, *call)) {
    return without_target(question, *service, *std::move(call));
  }
  return unknown_service(question, *call);
}

RecognisedOr recognise_in(const Service& service, const Question& question) {
  auto call = parameters(question);
  if (!call) {
    return std::move(call).error();
  }
  if (const auto target = question.head.headers.get("X-Amz-Target"); !target.empty()) {
    const bool ours =
        std::ranges::find(service.target_prefixes, prefix_of(target)) != service.target_prefixes.end();
    return by_target(question, ours ? &service : nullptr, *std::move(call));
  }
  return without_target(question, service, *std::move(call));
}

Encoded encode_refusal(const Refusal& refusal, const codec::RequestHead& head, const RequestIds& ids) {
  if (refusal.body.empty()) {
    return encode_fault(
        {.protocol = refusal.protocol, .service = refusal.service, .head_request = head.method == "HEAD"},
        refusal.fault, ids);
  }
  Encoded out{.status = refusal.fault.status, .headers = {}, .body = refusal.body};
  out.headers.set("x-amzn-RequestId", std::string(ids.request_id));
  out.headers.set("Content-Type", refusal.content_type);
  return out;
}

}  // namespace cairn::aws
