// Tested by conformance/test_gateway.py.
#include "gateway/gateway.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/random.h"
#include "gateway/ambiguity.h"
#include "gateway/call.h"

namespace cairn::gateway {
namespace {

// A function may run for a quarter of an hour before it answers, and a large upload be put together for as
// long.
constexpr Millis kAnswerPatience{900'000};
constexpr http::ClientLimits kClient{
    .connections_per_host_max = 2048, .idle_max = 1024, .answer = kAnswerPatience};
const std::vector<double> kSecondsBuckets = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30};
constexpr std::string_view kUnknownOutcome = "The call was relayed, and what became of it is not known.";

}  // namespace

Gateway::Gateway(Settings settings, Dependencies on)
    : settings_(std::move(settings)),
      on_(std::move(on)),
      upstreams_(settings_.upstreams, on_.own_services),
      ledger_(on_.ledger, settings_.closed, on_.metrics),
      budget_({.bytes_max = settings_.limits.held_bytes_max}, on_.metrics, "cairn_gateway_held_bytes",
              "bodies of relayed calls that are in memory"),
      unknown_callers_(
          on_.metrics.counter("cairn_gateway_unverified_total", "relayed calls whose caller is not known")),
      client_(http::Client::make(kClient)) {
  for (const auto& upstream : settings_.upstreams) {
    const auto counter = [&](std::string_view outcome) {
      return on_.metrics.counter("cairn_gateway_requests_total", "relayed calls by upstream and outcome",
                                 {{"upstream", upstream.service}, {"outcome", outcome}});
    };
    measures_.emplace(
        upstream.service,
        Measures{counter("answered"), counter("refused"), counter("failed"),
                 on_.metrics.histogram("cairn_gateway_seconds",
                                       "from a relayed call's head to the first byte of its answer",
                                       kSecondsBuckets, {{"upstream", upstream.service}})});
  }
}

Gateway::~Gateway() = default;

std::optional<Claim> Gateway::claim(const codec::RequestHead& head) const {
  auto asked = asked_by(head);
  const auto* const upstream = upstreams_.find(asked.service);
  return upstream == nullptr ? std::nullopt : std::optional(Claim{std::move(asked), upstream});
}

Gateway::Measures Gateway::measures_of(const Call& call) const {
  return measures_.find(call.upstream.service)->second;
}

Task<http::Response> Gateway::handle(http::Request& request, Claim claim) {
  const bool has_body = request.body.size() != std::uint64_t{0};
  const bool asks_first = is_preflight(request.head, claim.asked.service, has_body);
  const auto call = std::make_shared<Call>(Call{
      .head = request.head,
      .body = request.body,
      .upstream = *claim.upstream,
      .service = claim.asked.service,
      .source_address = source_address(request.peer.address, request.head.headers, settings_.trusted_proxies),
      .tls = request.peer.tls,
      .time = on_.clock.now(),
      .request_id = crypto::uuid4(),
      .event_id = crypto::uuid4(),
      .is_preflight = asks_first});
  call->request.ended = !has_body;
  auto measures = measures_of(*call);
  auto admitted = co_await admit(*call, claim.asked);
  if (admitted && call->recognised) {
    const auto why = ambiguity_of_call(call->head, *call->recognised);
    admitted = why.empty() ? Admitted{} : Admitted(aws::Fault{"InvalidRequest", 400, std::string(why)});
  }
  if (!admitted) {
    measures.refused.add();
    note_failure(*call, admitted.error());
    co_return refuse(*call, admitted.error());
  }
  if (!call->verified) {
    unknown_callers_.add();
  }
  auto response = co_await answer(call);
  measures.seconds.observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - call->began).count());
  co_return response;
}

Task<http::Response> Gateway::answer(std::shared_ptr<Call> call) {
  auto measures = measures_of(*call);
  call->is_recorded = !call->is_preflight;
  if (call->recognised) {
    const auto& operation = *call->recognised->operation;
    call->is_recorded &= event::classify(operation.service->signing_name, operation.name).recorded;
  }
  const auto unavailable = aws::fault::service_unavailable(call->family());
  if (!ledger_.takes_calls(call->read_only)) {
    measures.failed.add();
    co_return refuse(*call, unavailable);
  }
  intents::Ticket ticket;
  if (call->is_recorded && !call->read_only) {
    const capture::Failure unknown{"OutcomeUnknown", std::string(kUnknownOutcome)};
    auto entry = entry_of(*call, unknown);
    auto begun = co_await ledger_.begin(std::move(entry));
    if (!begun) {
      log::warn("a call is not relayed: its intent cannot be written", {{"error", begun.error().text()}});
      measures.failed.add();
      co_return refuse(*call, unavailable);
    }
    ticket = *std::move(begun);
  }
  co_return co_await relay(call, std::move(ticket));
}

void Gateway::note_failure(const Call& call, const aws::Fault& fault) {
  if (!front::is_failed_authentication(fault)) {
    return;
  }
  if (const auto times = failures_.failed(call.source_address, call.time); times > 0) {
    log::warn("calls refused: nobody known has signed them",
              {{"source", call.source_address}, {"code", fault.code}, {"times", times}});
  }
}

http::Response Gateway::refuse(const Call& call, const aws::Fault& fault) {
  const aws::FaultContext context{
      .protocol = call.protocol, .service = call.model, .head_request = call.head.method == "HEAD"};
  auto encoded = aws::encode_fault(context, fault, {call.request_id, {}});
  return {encoded.status, std::move(encoded.headers), std::move(encoded.body)};
}

}  // namespace cairn::gateway
