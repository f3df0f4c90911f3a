// The second half of the pipeline: what the caller may, what his call does, and that both it and its record
// are there or neither. Tested by front_test.cc.
#include "async/loops.h"
#include "base/log.h"
#include "crypto/random.h"
#include "event/outbox_row.h"
#include "event/view.h"
#include "front/exchange.h"
#include "front/pause.h"
#include "front/request_facts.h"

namespace cairn::front {
namespace {

// A record that followers cannot read would be kept and never be shown.
Result<void, aws::Fault> check_readable(const Call& call, aws::Family family, std::string_view record) {
  if (const auto view = event::view(record); !view) {
    log::error("a call is refused because its record could not be read",
               {{"operation", call.operation.name}, {"error", view.error().text()}});
    return aws::fault::internal_failure(family);
  }
  return {};
}

// The records of a call: the caller's, and one for each other account that owns some of what it touched.
Result<std::vector<Written>, aws::Fault> records_of(const Call& call, const Front::Exchange& exchange,
                                                    const aws::Fault* fault, const Outcome* outcome) {
  Origin origin{.user_agent = exchange.head.headers.get("User-Agent")};
  const auto shared = exchange.owners.empty() ? std::string() : crypto::uuid4();
  origin.shared_event_id = shared;
  std::vector<Written> records;
  auto own = record_of(call, origin, fault, outcome);
  if (own.empty() || call.account.empty()) {
    return records;
  }
  records.push_back({call.account, std::move(own)});
  for (const auto& owner : exchange.owners) {
    const auto id = crypto::uuid4();
    const OwnersCopy copy{.event_id = id, .account = owner};
    records.push_back({owner, record_of(call, origin, fault, outcome, &copy)});
  }
  for (const auto& record : records) {
    CAIRN_TRY_VOID(check_readable(call, exchange.family(), record.json));
  }
  return records;
}

}  // namespace

Task<Result<void, aws::Fault>> Front::authorise(Exchange& exchange, Call& call) {
  auto* service = service_of(call.service);
  CAIRN_CO_TRY(const auto asks, co_await service->asks(call));
  if (call.account.empty() && !asks.empty()) {
    call.account = asks.front().resource_account;  // an anonymous caller's call is its resource owner's
  }
  if (call.account.empty()) {
    co_return aws::fault::access_denied(exchange.family());  // nobody whose record it could be
  }
  const bool in_process = call.caller.principal.kind == access::PrincipalKind::service;
  for (auto ask : asks) {
    if (!ask.resource_account.empty() && ask.resource_account != call.account) {
      exchange.owners.insert(ask.resource_account);
    }
    access::add_request_keys(ask.context, facts_of(call));
    const auto decision = access::decide(call.caller, ask);
    const bool trusted = on_.trust_services && in_process &&
                         call.caller.principal.account == ask.resource_account && !decision.explicit_deny;
    if (!decision.allowed && !trusted) {
      if (call.service.name == "sts") {  // the role's owner hears of those who came in
        exchange.owners.clear();
      }
      const bool anonymous = call.caller.principal.kind == access::PrincipalKind::anonymous;
      const auto& resource = ask.shown_resource.empty() ? ask.resource : ask.shown_resource;
      auto fault = anonymous
                       ? aws::fault::access_denied(exchange.family())
                       : aws::fault::access_denied(exchange.family(), {.user = call.caller.principal.arn,
                                                                       .action = ask.action,
                                                                       .resource = resource,
                                                                       .reason = decision.reason});
      if (!service->denial().empty()) {
        fault.code = service->denial();
      }
      co_return fault;
    }
  }
  co_return Result<void, aws::Fault>{};
}

// As what binds the caller is now, and what he asks for.
Task<Result<void, aws::Fault>> Front::authorise_anew(Exchange& exchange, Call& call) {
  if (exchange.key) {
    if (!exchange.key->session) {
      const auto key = co_await on_.directory.key(exchange.key->id);
      if (!key) {
        log::error("cannot look up a key", {{"error", key.error().text()}});
        co_return aws::to_fault(exchange.family(), key.error());
      }
      if (!*key || !(*key)->active) {
        co_return aws::fault::unrecognized_client(exchange.family());
      }
    }
    auto caller = co_await on_.directory.caller(*exchange.key);
    if (!caller) {
      log::error("cannot look up a caller", {{"error", caller.error().text()}});
      co_return aws::to_fault(exchange.family(), caller.error());
    }
    if (!*caller) {
      co_return aws::fault::unrecognized_client(exchange.family());
    }
    call.caller = *std::move(*caller);
  }
  call.record = {};
  exchange.owners.clear();
  co_return co_await authorise(exchange, call);
}

Task<Answer> Front::run_and_commit(Exchange& exchange, Call& call) {
  auto* service = service_of(call.service);
  for (int attempt = 0; attempt < on_.limits.commit_attempts_max; ++attempt) {
    if (attempt >= on_.limits.commit_attempts_at_once) {
      co_await async::sleep(pause_before(attempt - on_.limits.commit_attempts_at_once));
    }
    if (attempt > 0) {
      CAIRN_CO_TRY_VOID(co_await authorise_anew(exchange, call));
    } else {
      call.record = {};
    }
    CAIRN_CO_TRY(auto outcome, co_await service->run(call));
    if (outcome.stale) {
      continue;
    }
    if (outcome.effects.empty()) {
      CAIRN_CO_TRY_VOID(co_await record_only(call, exchange, nullptr, &outcome));
      co_return outcome;
    }
    if (on_.forwarder.overloaded()) {
      co_return aws::fault::service_unavailable(exchange.family());
    }
    CAIRN_CO_TRY(const auto records, records_of(call, exchange, nullptr, &outcome));
    for (const auto& record : records) {
      outcome.effects.outbox.push_back(
          event::encode_outbox_row(event::Kind::record, record.account, record.json));
    }
    std::ranges::move(outcome.outbox_behind, std::back_inserter(outcome.effects.outbox));
    const auto committed = co_await on_.catalog.commit(std::move(outcome.effects));
    if (outcome.after_commit) {
      outcome.after_commit(committed);
    }
    if (committed) {
      co_return outcome;
    }
    if (committed.error().code != Errc::conflict) {
      // Unknown: the effect and its record are there together or not at all; a second record would be one too
      // many.
      exchange.recorded = committed.error().code == Errc::unknown;
      log::error("cannot commit a call",
                 {{"operation", call.operation.name}, {"error", committed.error().text()}});
      co_return aws::to_fault(exchange.family(), committed.error());
    }
  }
  co_return aws::fault::service_unavailable(exchange.family());
}

Task<Result<void, aws::Fault>> Front::record_only(const Call& call, Exchange& exchange,
                                                  const aws::Fault* fault, const Outcome* outcome) {
  CAIRN_CO_TRY(auto records, records_of(call, exchange, fault, outcome));
  if (records.empty()) {
    co_return Result<void, aws::Fault>{};
  }
  const auto appended = co_await on_.recorder.append(std::move(records));
  if (!appended) {
    // Unknown: the record may be there; another one under the same event id would contradict it.
    exchange.recorded = appended.error().code == Errc::unknown;
    log::error("cannot record a call",
               {{"operation", call.operation.name}, {"error", appended.error().text()}});
    co_return aws::fault::service_unavailable(exchange.family());
  }
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::front
