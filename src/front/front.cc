// The pipeline. Who calls is admit.cc's affair. Tested by front_test.cc and, from outside, by conformance/.
#include "front/front.h"

#include <fmt/format.h>

#include "access/documents.h"
#include "aws/presigned_headers.h"
#include "aws/record_form.h"
#include "aws/sigv2.h"
#include "aws/validate.h"
#include "base/log.h"
#include "crypto/random.h"
#include "front/claims.h"
#include "front/cors.h"
#include "front/exchange.h"
#include "front/form_upload.h"
#include "front/forwarding.h"

namespace cairn::front {
namespace {

// JSON lets a list hold null; no operation means anything by it, and services need not look.
bool has_null_element(const boost::json::value& value) {
  if (const auto* list = value.if_array()) {
    return std::ranges::any_of(*list,
                               [](const auto& item) { return item.is_null() || has_null_element(item); });
  }
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const auto& member) { return has_null_element(member.value()); });
  }
  return false;
}

// With the organization that the source account is in now.
Task<Result<access::Caller>> caller_of(catalog::Catalog& catalog, const aws::OnBehalf& who) {
  access::Caller caller;
  caller.principal.kind = access::PrincipalKind::service;
  caller.principal.name = who.service_principal;
  caller.principal.account = who.source_account;
  caller.context = {{"aws:SourceArn", who.source_arn}, {"aws:SourceAccount", who.source_account}};
  CAIRN_CO_TRY(const auto account, co_await access::load_account(catalog, who.source_account));
  if (account && !account->value.organization.empty()) {
    caller.context.set("aws:SourceOrgID", {account->value.organization});
    caller.context.set("aws:SourceOrgPaths", {account->value.organization_path});
  }
  co_return caller;
}

// "s3.amazonaws.com" asks for its caller. Nobody is told from where he asked it.
void forward(const Call& from, std::string_view service_principal, Front::Exchange& exchange) {
  constexpr std::string_view kSuffix = ".amazonaws.com";
  const auto name = service_principal.substr(0, service_principal.size() - kSuffix.size());
  exchange.caller = from.caller;
  exchange.caller.context.set("aws:ViaAWSService", {"true"});
  exchange.caller.context.set("kms:ViaService", {fmt::format("{}.{}{}", name, exchange.region, kSuffix)});
  exchange.via = service_principal;
  if (from.caller.principal.kind != access::PrincipalKind::service) {
    exchange.source_address = kInternal;
  } else {
    exchange.source_address = from.caller.principal.name;
  }
}

const std::vector<double> kSecondsBuckets = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                             0.1,    0.2,   0.5,   1,     5,    30};

}  // namespace

Front::Front(Dependencies on)
    : on_(std::move(on)),
      budget_({.bytes_max = on_.limits.bytes_in_flight_max,
               .unverified_bytes_max = on_.limits.unverified_bytes_max,
               .one_address_bytes_max = on_.limits.one_address_bytes_max},
              on_.metrics, "cairn_calls_body_bytes", "bodies of calls that are in memory"),
      answers_({.bytes_max = on_.limits.answer_bytes_max}, on_.metrics, "cairn_answers_bytes",
               "large answers that their readers have not got yet"),
      answered_(on_.metrics.counter("cairn_calls_total", "API calls by outcome", {{"outcome", "answered"}})),
      faulted_(on_.metrics.counter("cairn_calls_total", "API calls by outcome", {{"outcome", "fault"}})),
      refused_(on_.metrics.counter("cairn_calls_total", "API calls by outcome", {{"outcome", "refused"}})),
      failed_(on_.metrics.counter("cairn_calls_failed_authentication_total",
                                  "API calls that nobody known has signed")),
      throttled_(on_.metrics.counter("cairn_calls_throttled_by_address_total",
                                     "API calls refused unread, because too many from there had failed")),
      no_room_(on_.metrics.counter("cairn_calls_refused_for_room_total",
                                   "API calls refused, and not recorded, because the disk is full")),
      seconds_(on_.metrics.histogram("cairn_call_seconds", "from the request's head to its answer",
                                     kSecondsBuckets)) {
  for (const auto& service : on_.services) {
    by_name_.emplace(service->name(), service.get());
  }
}

Front::~Front() = default;

Service* Front::service_of(const aws::Service& service) const {
  const auto it = by_name_.find(service.name);
  return it == by_name_.end() ? nullptr : it->second;
}

Task<http::Response> Front::handle(http::Request& request) {
  auto page = page_request(request.head, on_.s3_domains);
  if (auto preflight = page ? std::nullopt : answer_preflight(request.head)) {
    co_return std::move(*preflight);
  }
  const auto whole = aws::with_headers_of_query(request.head);
  Exchange exchange{.head = whole ? *whole : request.head,
                    .body = request.body,
                    .source_address = request.peer.address,
                    .request_id = crypto::uuid4(),
                    .time = on_.clock.now(),
                    .tls = request.peer.tls,
                    .sent = &request.head};
  if (page && request.head.method == "OPTIONS") {
    co_return co_await answer_preflight_of_bucket(exchange, *std::move(page));
  }
  const auto began = std::chrono::steady_clock::now();
  auto response = co_await answer(exchange);
  count(exchange, response);
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (!page || !exchange.is_s3()) {
    allow_origin(request.head, response);
  } else if (!page->origin.empty()) {
    co_await show_to_page(*std::move(page), response);
  }
  co_return response;
}

// Whoever asks: nothing but the bucket's rules is read, and nothing recorded.
Task<http::Response> Front::answer_preflight_of_bucket(Exchange& exchange, PageRequest page) {
  expect(exchange, "s3");
  give_s3_ids(exchange);
  auto* s3 = service_of(*exchange.service);
  if (!failures_.admits(exchange.source_address, on_.failures_a_minute, exchange.time)) {
    throttled_.add();
    co_return respond_fault(exchange, aws::fault::throttling(exchange.family()));
  }
  if (s3 == nullptr) {
    co_return respond_fault(exchange, aws::fault::not_implemented(exchange.family(), "OPTIONS"));
  }
  if (page.origin.empty() || page.method.empty()) {
    const auto* why = page.origin.empty() ? "Insufficient information. Origin request header needed."
                                          : "Invalid Access-Control-Request-Method: null";
    co_return respond_fault(exchange, {"BadRequest", 400, why});
  }
  auto allowed = co_await s3->cross_origin(std::move(page));
  if (!allowed) {
    co_return respond_fault(exchange, allowed.error());
  }
  allowed->add("x-amz-request-id", exchange.request_id);
  allowed->add("x-amz-id-2", exchange.host_id);
  co_return http::Response{200, *std::move(allowed), std::string()};
}

// Without a rule that allows it the browser keeps the answer to itself.
Task<void> Front::show_to_page(PageRequest page, http::Response& response) {
  const auto it = by_name_.find("s3");
  if (it == by_name_.end()) {
    co_return;
  }
  if (const auto allowed = co_await it->second->cross_origin(std::move(page))) {
    for (const auto& [name, value] : *allowed) {
      response.headers.set(name, value);
    }
  }
}

Task<http::Response> Front::answer(Exchange& exchange) {
  if (!failures_.admits(exchange.source_address, on_.failures_a_minute, exchange.time)) {
    throttled_.add();
    co_return respond_fault(exchange, throttle(exchange));
  }
  if (auto boundary = form_upload_boundary(exchange.head)) {
    co_return co_await answer_upload_form(exchange, *std::move(boundary));
  }
  const auto admitted = co_await admit(exchange);
  if (!admitted) {
    refused_.add();
    note_failure(exchange, admitted.error());
    if (exchange.refusal) {
      const auto encoded = aws::encode_refusal(*exchange.refusal, exchange.head, exchange.ids());
      co_return http::Response{encoded.status, encoded.headers, encoded.body};
    }
    co_return respond_fault(exchange, admitted.error());
  }
  co_return co_await perform(exchange);
}

// In the caller's own protocol, as far as its head tells.
aws::Fault Front::throttle(Exchange& exchange) {
  if (const auto authorization = aws::sigv4::parse_authorization(exchange.head)) {
    expect(exchange, authorization->scope.service);
  } else if (aws::sigv2::signature_in(exchange.head) != aws::sigv2::Place::none) {
    expect(exchange, "s3");
  }
  return aws::fault::throttling(exchange.family());
}

void Front::note_failure(const Exchange& exchange, const aws::Fault& fault) {
  log::debug("call refused before its caller was known",
             {{"code", fault.code}, {"source", exchange.source_address}});
  if (!is_failed_authentication(fault)) {
    return;
  }
  failed_.add();
  if (const auto times = failures_.failed(exchange.source_address, exchange.time); times > 0) {
    log::warn("calls refused: nobody known has signed them",
              {{"source", exchange.source_address}, {"code", fault.code}, {"times", times}});
  }
}

Task<http::Response> Front::handle_for(ServiceCall service_call) {
  const bool is_form = aws::reads_form(service_call.head);
  const auto source = http::body_of(is_form ? std::string() : std::move(service_call.body));
  Exchange exchange{.head = service_call.head,
                    .body = *source,
                    .source_address = service_call.who.service_principal,
                    .request_id = crypto::uuid4(),
                    .time = on_.clock.now()};
  exchange.region = service_call.region;
  if (is_form) {
    exchange.form = std::move(service_call.body);
    exchange.body_was_read = true;
  }
  if (const auto known = recognise(exchange, service_call.service); !known) {
    co_return respond_fault(exchange, known.error());
  }
  if (service_call.forwarded != nullptr) {
    forward(*service_call.forwarded, service_call.who.service_principal, exchange);
  } else {
    auto caller = co_await caller_of(on_.catalog, service_call.who);
    if (!caller) {
      log::error("cannot read the account that a service asks for", {{"error", caller.error().text()}});
      co_return respond_fault(exchange, aws::fault::service_unavailable(exchange.family()));
    }
    exchange.caller = *std::move(caller);
  }
  exchange.payload = unchecked_payload(*source);
  co_return co_await perform(exchange);
}

Task<http::Response> Front::perform(Exchange& exchange) {
  const auto& operation = *exchange.recognised.operation;
  Call call{.service = *exchange.service,
            .operation = operation,
            .head = exchange.head,
            .caller = std::move(exchange.caller),
            .via = std::move(exchange.via),
            .account = "",
            .region = exchange.region,
            .time = exchange.time,
            .request_id = exchange.request_id,
            .host_id = exchange.host_id,
            .event_id = crypto::uuid4(),
            .source_address = exchange.source_address,
            .tls = exchange.tls,
            .signature = exchange.signature,
            .is_form = exchange.is_form,
            .input = {},
            .body = nullptr,
            .body_fault = {},
            .trailers = nullptr,
            .whole_body = {},
            .staged = nullptr,
            .record = {}};
  call.account = call.caller.principal.account;
  auto outcome = co_await decide_and_run(exchange, call);
  (outcome ? answered_ : faulted_).add();
  co_return respond(exchange, std::move(outcome));
}

// Everything that can be refused is refused in here, and then recorded.
Task<Answer> Front::decide_and_run(Exchange& exchange, Call& call) {
  auto* service = service_of(call.service);
  std::optional<aws::Fault> fault;
  if (service == nullptr || !service->answers(call.operation.name)) {
    fault = aws::fault::not_implemented(exchange.family(), call.operation.name);
  }
  // Regions that are not served have one rate together.
  const auto rated = on_.regions.contains(call.region) ? std::string_view(call.region) : std::string_view();
  if (!fault && on_.rates != nullptr && on_.throttles &&
      !on_.rates->admit(call.service.name, call.operation.name, call.account, rated, call.time)) {
    fault = aws::fault::throttling(exchange.family());
  }
  if (!fault) {
    if (auto room = find_room(exchange, call); !room) {
      fault = std::move(room).error();
    }
  }
  if (!fault) {
    if (auto decoded = co_await decode(exchange, call); !decoded) {
      fault = std::move(decoded).error();
    }
  }
  if (!fault) {
    if (auto allowed = co_await authorise(exchange, call); !allowed) {
      fault = std::move(allowed).error();
    }
  }
  if (!fault) {
    auto outcome = co_await run_and_commit(exchange, call);
    if (outcome) {
      co_return outcome;
    }
    fault = std::move(outcome).error();
  }
  if (!exchange.recorded) {
    CAIRN_CO_TRY_VOID(co_await record_only(call, exchange, &*fault, nullptr));
  }
  co_return *std::move(fault);
}

// A call that is refused here has done nothing, and its record would need the very room that is not there: it
// has none.
Result<void, aws::Fault> Front::find_room(Exchange& exchange, const Call& call) {
  if (on_.room == nullptr) {
    return {};
  }
  const auto claim = claim_of(call);
  const auto bytes = claim == reserve::Claim::growth ? exchange.payload->size().value_or(0) : 0;
  const bool admitted = on_.room->admits(claim, bytes) ||
                        (claim == reserve::Claim::removal &&
                         on_.room->admits(reserve::Claim::administration) && is_administrator(call));
  if (!admitted) {
    no_room_.add();
    exchange.recorded = true;
    return no_room(exchange.family());
  }
  if (claim == reserve::Claim::growth) {
    exchange.payload = rationed(std::move(exchange.payload), *on_.room, claim);
  }
  return {};
}

Task<Result<void, aws::Fault>> Front::decode(Exchange& exchange, Call& call) {
  const auto family = exchange.family();
  const bool streams = call.operation.streaming_input() != nullptr;
  if (!streams && !exchange.body_was_read) {
    // What nobody signed stays a stranger's.
    const bool anonymous = call.caller.principal.kind == access::PrincipalKind::anonymous;
    exchange.hold = anonymous ? Budget::Hold(budget_, exchange.source_address) : Budget::Hold(budget_);
    auto body = co_await read_all(*exchange.payload, on_.limits.body_bytes_max, exchange.hold);
    if (!body) {
      const auto slow = slowness_fault(exchange);
      co_return slow ? *slow : exchange.payload->fault(family).value_or(body_fault(family, body.error()));
    }
    exchange.whole_body = *std::move(body);
    // A checksum that nobody compares must not look as if it had been.
    if (!exchange.is_s3() && exchange.payload->trailers().begin() != exchange.payload->trailers().end()) {
      co_return aws::fault::not_implemented(family, call.operation.name);
    }
  }
  const std::string_view body = exchange.body_was_read ? exchange.form : exchange.whole_body;
  CAIRN_CO_TRY(call.input, aws::decode_request(exchange.recognised, exchange.head, body));
  if (std::ranges::any_of(call.input, [](const auto& member) { return has_null_element(member.value()); })) {
    call.input = {};
    co_return aws::fault::serialization(family, "A list holds null.");
  }
  call.whole_body = body;
  if (exchange.payload != nullptr) {
    call.trailers = &exchange.payload->trailers();
  }
  if (streams) {
    call.body = exchange.payload.get();
    call.body_fault = [&exchange] {
      auto slow = slowness_fault(exchange);
      return slow ? std::move(slow) : exchange.payload->fault(exchange.family());
    };
  }
  const auto* service = service_of(call.service);
  const auto exempt = [&](std::string_view member) {
    return service->checks_itself(call.operation.name, member);
  };
  co_return aws::validate(family, call.operation, call.input, exempt);
}

// Who reads slowly holds his answer in memory.
void Front::count(const Exchange& exchange, http::Response& response) {
  auto* text = std::get_if<std::string>(&response.body);
  if (text == nullptr || text->size() <= on_.limits.answer_bytes_small) {
    return;
  }
  if (auto counted = counted_body(std::move(*text), answers_)) {
    response.body = *std::move(counted);
  } else {
    response = respond_fault(exchange, aws::fault::service_unavailable(exchange.family()));
  }
}

http::Response Front::respond(Exchange& exchange, Answer answer) {
  if (!answer) {
    return respond_fault(exchange, answer.error());
  }
  const auto& operation = *exchange.recognised.operation;
  auto encoded = aws::encode_response(exchange.protocol, operation, answer->output, exchange.ids());
  http::Response response{answer->status.value_or(encoded.status), std::move(encoded.headers),
                          std::move(encoded.body)};
  for (const auto& [name, value] : answer->headers) {
    response.headers.set(name, value);
  }
  if (answer->stream) {
    response.body = std::move(answer->stream);
  }
  return response;
}

http::Response Front::respond_fault(const Exchange& exchange, const aws::Fault& fault) {
  const aws::FaultContext context{.protocol = exchange.protocol,
                                  .service = exchange.service,
                                  .head_request = exchange.head.method == "HEAD"};
  auto encoded = aws::encode_fault(context, fault, exchange.ids());
  return {encoded.status, std::move(encoded.headers), std::move(encoded.body)};
}

}  // namespace cairn::front
