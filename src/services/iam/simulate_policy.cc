#include <charconv>

#include "services/iam/faults.h"
#include "services/iam/operations.h"
#include "services/iam/simulation.h"

namespace cairn::services::iam {

namespace {

// A page of actions, each with its result.
Task<Answer> answered(const Call& call, const Simulation& simulation) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  std::size_t first = 0;
  const auto* end = page.after.data() + page.after.size();
  if (!page.after.empty() &&
      (std::from_chars(page.after.data(), end, first).ptr != end || first > simulation.actions.size())) {
    co_return fault::validation("Invalid Marker.");
  }
  const auto last = std::min(simulation.actions.size(), first + page.limit);
  boost::json::array results;
  Pace pace;
  for (std::size_t i = first; i < last; ++i) {
    results.push_back(co_await evaluated(simulation, simulation.actions[i], pace));
  }
  Outcome outcome;
  outcome.output["EvaluationResults"] = std::move(results);
  put_page_end(outcome.output, last < simulation.actions.size(), std::to_string(last));
  co_return outcome;
}

Answer keys_answered(const Simulation& simulation) {
  boost::json::array names;
  for (const auto& name : context_keys(simulation)) {
    names.emplace_back(name);
  }
  Outcome outcome;
  outcome.output["ContextKeyNames"] = std::move(names);
  return outcome;
}

}  // namespace

Task<Answer> simulate_custom_policy(const Dependencies& on, Call& call) {
  Simulation simulation;
  simulation.caller.principal.kind = access::PrincipalKind::user;
  simulation.caller.principal.account = call.account;
  CAIRN_CO_TRY_VOID(read_policies(call, simulation));
  CAIRN_CO_TRY_VOID(co_await read_caller(on, call, simulation));
  CAIRN_CO_TRY_VOID(read_request(call, simulation));
  co_return co_await answered(call, simulation);
}

Task<Answer> simulate_principal_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto simulation, co_await simulated_source(on, call));
  CAIRN_CO_TRY_VOID(read_policies(call, simulation));
  CAIRN_CO_TRY_VOID(co_await read_caller(on, call, simulation));
  CAIRN_CO_TRY_VOID(read_request(call, simulation));
  co_return co_await answered(call, simulation);
}

Task<Answer> get_context_keys_for_custom_policy(const Dependencies& /*on*/, Call& call) {
  Simulation simulation;
  CAIRN_CO_TRY_VOID(read_policies(call, simulation));
  co_return keys_answered(simulation);
}

Task<Answer> get_context_keys_for_principal_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto simulation, co_await simulated_source(on, call));
  CAIRN_CO_TRY_VOID(read_policies(call, simulation));
  co_return keys_answered(simulation);
}

}  // namespace cairn::services::iam
