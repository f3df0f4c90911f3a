#include "aws/recognise.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/candidates.h"
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

// json: the checks in the order in which AWS's own framework makes them, up to the operation's name.

Refusal json_refusal(const Service* service, Fault fault) {
  return Refusal{.fault = std::move(fault), .protocol = Protocol::json, .service = service};
}

std::optional<Refusal> check_json_head(const Question& question, const Service* service) {
  if (question.lenient) {
    return std::nullopt;
  }
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

RecognisedOr by_target(const Question& question, const Services& services, Recognised call) {
  const auto target = question.head.headers.get("X-Amz-Target");
  const auto dot = target.rfind('.');
  const auto name = dot == std::string_view::npos ? std::string_view{} : target.substr(dot + 1);
  const auto found =
      std::ranges::find_if(services, [&](const auto* s) { return s->operation(name) != nullptr; });
  const auto* service = found != services.end() ? *found : services.empty() ? nullptr : services.front();
  if (auto refusal = check_json_head(question, service)) {
    return *std::move(refusal);
  }
  if (found == services.end()) {
    return json_refusal(service, fault::unknown_operation(Family::json));
  }
  call.service = service;
  call.operation = service->operation(name);
  call.protocol = Protocol::json;
  return call;
}

// rpc-v2-cbor: "/service/GraniteServiceVersion20100801/operation/PutMetricData".

RecognisedOr by_service_path(const Question& question, const Services* among, Recognised call) {
  constexpr std::string_view kService = "/service/";
  constexpr std::string_view kOperation = "/operation/";
  const auto path = question.head.path();
  const auto at = path.find(kOperation);
  const auto start = path.rfind(kService, at);
  if (at == std::string_view::npos || start == std::string_view::npos || start + kService.size() > at) {
    return json_refusal(nullptr, fault::unknown_operation(Family::json, "The path names no operation."));
  }
  const auto prefix = path.substr(start + kService.size(), at - start - kService.size());
  const auto name = path.substr(at + kOperation.size());
  const auto services = among != nullptr ? *among : question.among.all_by_target_prefix(prefix);
  for (const auto* service : services) {
    if (service->speaks(Protocol::cbor) && service->operation(name) != nullptr) {
      call.service = service;
      call.operation = service->operation(name);
      call.protocol = Protocol::cbor;
      return call;
    }
  }
  return json_refusal(question.among.by_target_prefix(prefix),
                      fault::unknown_operation(
                          Family::json, "The protocol rpc-v2-cbor is not spoken here, or not for this."));
}

// query and ec2: Action and Version.

bool speaks_forms(const Service& service) {
  return service.speaks(Protocol::query) || service.speaks(Protocol::ec2);
}

const Service& acting_service(const Services& services, std::string_view action, std::string_view version) {
  const Service* acting = nullptr;
  for (const auto* service : services) {
    if (!speaks_forms(*service) || service->operation(action) == nullptr) {
      continue;
    }
    if (service->api_version == version) {
      return *service;
    }
    acting = acting == nullptr ? service : acting;
  }
  return acting == nullptr ? *services.front() : *acting;
}

RecognisedOr by_action(const Question& question, const Services& services, Recognised call) {
  const auto action = pair_value(call.form, "Action");
  const auto version = pair_value(call.form, "Version");
  const auto& service = acting_service(services, action, version);
  const auto protocol = service.speaks(Protocol::ec2) ? Protocol::ec2 : Protocol::query;
  const auto refuse = [&](Fault fault) {
    return Refusal{.fault = std::move(fault), .protocol = protocol, .service = &service};
  };
  if (action.empty()) {
    return refuse(fault::missing_action());
  }
  const auto* operation = service.operation(action);
  if (operation == nullptr || (version != service.api_version && !question.lenient)) {
    return refuse(fault::unknown_operation(
        Family::query, fmt::format("Could not find operation {} for version {}", action.substr(0, 128),
                                   version.empty() ? "NO_VERSION_SPECIFIED" : version.substr(0, 64))));
  }
  call.service = &service;
  call.operation = operation;
  call.protocol = protocol;
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

// The path as routes have it: with the bucket in front, where the host's name has it.
std::string routed_path(const Question& question, std::string_view bucket) {
  return bucket.empty() ? std::string(question.head.path())
                        : fmt::format("/{}{}", bucket, question.head.path());
}

RecognisedOr by_route(const Question& question, const Services& services, Recognised call) {
  const auto bucket = bucket_in_host(question.head.headers.get("Host"), question.s3_domains);
  const Service* service = services.front();
  std::optional<Route> found;
  for (const auto* candidate : services) {
    auto fits = route({.service = *candidate,
                       .method = question.head.method,
                       .path = routed_path(question, candidate->name == "s3" ? bucket : std::string_view{}),
                       .query = call.query,
                       .headers = question.head.headers});
    if (fits && (!found || fits->fit > found->fit)) {
      found = std::move(fits);
      service = candidate;
    }
  }
  const auto protocol = service->protocol();
  const auto refuse = [&](Fault fault) {
    return Refusal{.fault = std::move(fault), .protocol = protocol, .service = service};
  };
  if (!found) {
    auto fault = fault::unknown_operation(family_of(protocol));
    return refuse(protocol == Protocol::rest_xml ? std::move(fault).with("Method", question.head.method)
                                                 : std::move(fault));
  }
  if (!decode_labels(found->labels)) {
    return refuse(bad_uri(family_of(protocol)));
  }
  call.service = service;
  call.operation = found->operation;
  call.protocol = protocol;
  call.labels = std::move(found->labels);
  call.virtual_hosted = service->name == "s3" && !bucket.empty();
  return call;
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

Services those_of(const Services& services, auto has) {
  Services some;
  some.reserve(services.size());
  std::ranges::copy_if(services, std::back_inserter(some), [&](const auto* s) { return has(*s); });
  return some;
}

RecognisedOr without_target(const Question& question, const Services& services, Recognised call) {
  const auto forms = those_of(services, speaks_forms);
  const auto rests = those_of(services, [](const Service& s) { return s.routes != nullptr; });
  const auto& first = *services.front();
  // A JSON service that has the query protocol as well (SQS), or one that has nothing else.
  const bool acts = !pair_value(call.form, "Action").empty();
  if (!forms.empty() && (acts || (rests.empty() && first.protocol() != Protocol::json))) {
    return by_action(question, forms, std::move(call));
  }
  if (!rests.empty()) {
    return by_route(question, rests, std::move(call));
  }
  if (auto refusal = check_json_head(question, &first)) {
    return *std::move(refusal);
  }
  return json_refusal(&first, fault::unknown_operation(Family::json));
}

// Of several services those that the host's name fits are asked first, then all.
RecognisedOr asked_in_turn(const Question& question, const Services& services, auto ask) {
  if (services.size() > 1) {
    const auto hosts = services_of_host(question);
    const auto some =
        those_of(services, [&](const Service& s) { return std::ranges::find(hosts, &s) != hosts.end(); });
    auto found = some.empty() ? RecognisedOr(Refusal{}) : ask(some);
    if (found) {
      return found;
    }
  }
  return ask(services);
}

}  // namespace

bool reads_form(const codec::RequestHead& head) {
  return head.method == "POST" && is_form(head) && !head.headers.contains("X-Amz-Target");
}

std::string_view Recognised::label(std::string_view name) const {
  return pair_value(labels, name);
}

RecognisedOr recognise(const Question& question) {
  auto call = parameters(question);
  if (!call) {
    return std::move(call).error();
  }
  const auto signed_for = services_signed_for(question);
  const auto may_speak = [&](Protocol protocol) {
    return !signed_for ||
           std::ranges::any_of(*signed_for, [&](const auto* s) { return s->speaks(protocol); });
  };
  if (speaks_cbor(question.head) && may_speak(Protocol::cbor)) {
    return by_service_path(question, signed_for ? &*signed_for : nullptr, *std::move(call));
  }
  if (const auto target = question.head.headers.get("X-Amz-Target");
      !target.empty() && may_speak(Protocol::json)) {
    return asked_in_turn(question, services_of_target(question, target),
                         [&](const Services& some) { return by_target(question, some, *call); });
  }
  const auto services =
      signed_for ? *signed_for
                 : services_of(question, pair_value(call->form, "Action"), pair_value(call->form, "Version"));
  if (services.empty()) {
    return unknown_service(question, *call);
  }
  return asked_in_turn(question, services,
                       [&](const Services& some) { return without_target(question, some, *call); });
}

RecognisedOr recognise_in(const Service& service, const Question& question) {
  auto call = parameters(question);
  if (!call) {
    return std::move(call).error();
  }
  if (speaks_cbor(question.head)) {
    const Services only{&service};
    return by_service_path(question, &only, *std::move(call));
  }
  if (const auto target = question.head.headers.get("X-Amz-Target"); !target.empty()) {
    const bool ours =
        std::ranges::find(service.target_prefixes, prefix_of(target)) != service.target_prefixes.end();
    return by_target(question, ours ? Services{&service} : Services{}, *std::move(call));
  }
  return without_target(question, {&service}, *std::move(call));
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
