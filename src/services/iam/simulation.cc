#include "services/iam/simulation.h"

#include <algorithm>
#include <unordered_set>

#include "access/new_policy.h"
#include "async/loops.h"
#include "aws/ids.h"
#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/faults.h"

namespace cairn::services::iam {

namespace {

using access::Verdict;

std::vector<std::string> texts(const json::object& input, std::string_view member) {
  std::vector<std::string> all;
  const auto* list = json::find(input, member);
  if (list != nullptr && list->is_array()) {
    for (const auto& one : list->get_array()) {
      all.emplace_back(one.is_string() ? std::string_view(one.get_string()) : std::string_view());
    }
  }
  return all;
}

Found<void> add_policies(const Call& call, std::string_view member, std::vector<SimulatedPolicy>& to) {
  const auto documents = texts(call.input, member);
  if (documents.size() > SimulationLimits::policies_max) {
    return fault::invalid_input(std::string(member) + " has more than " +
                                std::to_string(SimulationLimits::policies_max) + " policies.");
  }
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto id = std::string(member) + "." + std::to_string(i + 1);
    auto policy = access::parse_new_policy(documents[i], access::PolicyKind::identity);
    if (!policy) {
      return fault::invalid_input("Invalid Input " + id + ": " + policy.error().what);
    }
    to.push_back({.id = std::move(id), .type = "IAM Policy", .policy = *std::move(policy)});
  }
  return {};
}

Found<void> read_boundary(const Call& call, Simulation& simulation) {
  std::vector<SimulatedPolicy> passed;
  CAIRN_TRY_VOID(add_policies(call, "PermissionsBoundaryPolicyInputList", passed));
  if (passed.size() > 1) {
    return fault::invalid_input("PermissionsBoundaryPolicyInputList may hold one policy.");
  }
  if (!passed.empty()) {
    simulation.boundary = std::move(passed);
  }
  return {};
}

// "arn:aws:iam::111122223333:root", or the account's id.
Found<std::string> account_of(const std::string& owner) {
  const auto arn = aws::Arn::parse(owner);
  auto account = arn ? std::string(arn->account()) : owner;
  if (!aws::AccountId::parse(account)) {
    return fault::invalid_input("Invalid ResourceOwner: " + owner);
  }
  return account;
}

Found<void> read_resource(const Call& call, Simulation& simulation) {
  const auto owner = text(call, "ResourceOwner");
  if (!owner.empty()) {
    CAIRN_TRY(simulation.resource_owner, account_of(owner));
  }
  const auto document = text(call, "ResourcePolicy");
  if (document.empty()) {
    return {};
  }
  if (!simulation.of_user) {
    return fault::invalid_input("CallerArn must be given with a ResourcePolicy.");
  }
  auto policy = access::parse_new_policy(document, access::PolicyKind::resource);
  if (!policy) {
    return fault::invalid_input("Invalid Input ResourcePolicy: " + policy.error().what);
  }
  simulation.resource.push_back(
      {.id = "ResourcePolicy", .type = "Resource Policy", .policy = *std::move(policy)});
  return {};
}

Found<void> read_context(const Call& call, Simulation& simulation) {
  const auto* entries = json::find(call.input, "ContextEntries");
  if (entries == nullptr || !entries->is_array()) {
    return {};
  }
  std::size_t bytes = 0;
  for (const auto& entry : entries->get_array()) {
    const auto* members = entry.if_object();
    const auto name = members != nullptr ? json::find_string(*members, "ContextKeyName") : std::nullopt;
    if (!name) {
      continue;
    }
    auto values = texts(*members, "ContextKeyValues");
    for (const auto& value : values) {
      bytes += value.size();
      ++simulation.context_values;
    }
    if (simulation.context_values > SimulationLimits::context_values_max ||
        bytes > SimulationLimits::context_bytes_max) {
      return fault::invalid_input("ContextEntries have more than " +
                                  std::to_string(SimulationLimits::context_values_max) + " values, or " +
                                  std::to_string(SimulationLimits::context_bytes_max) + " bytes of them.");
    }
    simulation.caller.context.set(*name, std::move(values));
  }
  return {};
}

std::string_view worded(const access::Decision& decision) {
  return decision.allowed ? "allowed" : decision.explicit_deny ? "explicitDeny" : "implicitDeny";
}

json::object position(const access::TextPosition& at) {
  return {{"Line", at.line}, {"Column", at.column}};
}

// The statements that decide: all that deny, or all that allow; of an implicit deny there are none.
void add_matched(const std::vector<SimulatedPolicy>& policies, const access::Question& question,
                 const access::Decision& decision, json::array& out) {
  for (const auto& [id, type, policy, positions] : policies) {
    const auto verdicts = policy->verdicts(question);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      const bool denies = verdicts[i] == Verdict::deny;
      const bool allows = verdicts[i] != Verdict::none && !denies;
      if (!(decision.explicit_deny ? denies : decision.allowed && allows)) {
        continue;
      }
      json::object matched = {{"SourcePolicyId", id}, {"SourcePolicyType", type}};
      if (i < positions.size()) {
        matched["StartPosition"] = position(positions[i].start);
        matched["EndPosition"] = position(positions[i].end);
      }
      out.push_back(std::move(matched));
    }
  }
}

access::Ask ask_for(const Simulation& simulation, const std::string& action, const std::string& resource) {
  access::Ask ask;
  ask.action = action;
  ask.resource = resource;
  ask.resource_account = simulation.caller.principal.account;
  const auto arn = aws::Arn::parse(resource);
  if (arn && aws::AccountId::parse(arn->account())) {
    ask.resource_account = arn->account();
  } else if (!simulation.resource_owner.empty()) {
    ask.resource_account = simulation.resource_owner;
  }
  ask.resource_policy = simulation.resource.empty() ? nullptr : simulation.resource.front().policy;
  return ask;
}

struct Evaluation {
  std::string resource;
  std::string decision;
  json::array matched;
  json::array missing;
  std::optional<json::object> boundary;
};

Evaluation evaluation(const Simulation& simulation, const std::string& action, const std::string& resource) {
  const auto& caller = simulation.caller;
  const auto ask = ask_for(simulation, action, resource);
  const auto decision = access::decide(caller, ask);
  const auto context = access::whole_context(caller, ask);
  const access::Question question{caller.principal, action, resource, context};
  Evaluation made{resource, std::string(worded(decision)), {}, {}, std::nullopt};
  add_matched(simulation.policies, question, decision, made.matched);
  add_matched(simulation.resource, question, decision, made.matched);
  if (caller.boundary != nullptr) {
    const bool allowed = caller.boundary->evaluate(question) == Verdict::allow;
    made.boundary = json::object{{"AllowedByPermissionsBoundary", allowed}};
    if (decision.explicit_deny) {
      add_matched(simulation.boundary, question, decision, made.matched);
    }
  }
  for (const auto& key : simulation.keys) {
    if (context.find(key) == nullptr) {
      made.missing.emplace_back(key);
    }
  }
  return made;
}

json::object specific(const Evaluation& one) {
  json::object result = {{"EvalResourceName", one.resource},
                         {"EvalResourceDecision", one.decision},
                         {"MatchedStatements", one.matched},
                         {"MissingContextValues", one.missing}};
  if (one.boundary) {
    result["PermissionsBoundaryDecisionDetail"] = *one.boundary;
  }
  return result;
}

// Of all resources together: one that is denied denies.
const Evaluation& deciding(const std::vector<Evaluation>& all) {
  for (const std::string_view decision : {"explicitDeny", "implicitDeny"}) {
    const auto found = std::ranges::find(all, decision, &Evaluation::decision);
    if (found != all.end()) {
      return *found;
    }
  }
  return all.front();
}

}  // namespace

Found<void> read_policies(const Call& call, Simulation& simulation) {
  return add_policies(call, "PolicyInputList", simulation.policies);
}

namespace {

std::size_t statements_of(const Simulation& simulation) {
  std::size_t count = 0;
  for (const auto* policies : {&simulation.policies, &simulation.boundary, &simulation.resource}) {
    for (const auto& one : *policies) {
      count += one.policy->statement_count();
    }
  }
  return count;
}

std::size_t policy_bytes_of(const Simulation& simulation) {
  std::size_t bytes = 0;
  for (const auto* policies : {&simulation.policies, &simulation.boundary, &simulation.resource}) {
    for (const auto& one : *policies) {
      bytes += one.policy->text().size();
    }
  }
  return bytes;
}

// What every evaluation needs, made once.
void prepare(Simulation& simulation) {
  for (auto* policies : {&simulation.policies, &simulation.boundary, &simulation.resource}) {
    for (auto& one : *policies) {
      one.positions = access::statement_positions(one.policy->text());
    }
  }
  for (const auto& one : simulation.policies) {
    simulation.caller.policies.push_back(one.policy);
  }
  simulation.caller.boundary = simulation.boundary.empty() ? nullptr : simulation.boundary.front().policy;
  simulation.keys = context_keys(simulation);
}

}  // namespace

// Behind the policies, which it counts.
Found<void> read_request(const Call& call, Simulation& simulation) {
  if (json::find(call.input, "ResourceHandlingOption") != nullptr) {
    return fault::invalid_input("This Cairn has no ResourceHandlingOption: it has no EC2.");
  }
  CAIRN_TRY_VOID(read_boundary(call, simulation));
  CAIRN_TRY_VOID(read_resource(call, simulation));
  CAIRN_TRY_VOID(read_context(call, simulation));
  simulation.actions = texts(call.input, "ActionNames");
  simulation.resources = texts(call.input, "ResourceArns");
  for (const auto& action : simulation.actions) {
    const auto colon = action.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == action.size()) {
      return fault::invalid_input("Invalid action: " + action);
    }
  }
  for (const auto& resource : simulation.resources) {
    if (resource.size() > SimulationLimits::resource_bytes_max ||
        (resource != "*" && !resource.starts_with("arn:"))) {
      return fault::invalid_input("Invalid resource: " + resource);
    }
  }
  const auto evaluations = simulation.actions.size() * std::max<std::size_t>(simulation.resources.size(), 1);
  if (evaluations > SimulationLimits::evaluations_max) {
    return fault::invalid_input("More than " + std::to_string(SimulationLimits::evaluations_max) +
                                " actions times resources.");
  }
  if (evaluations * statements_of(simulation) > SimulationLimits::judgements_max) {
    return fault::invalid_input("More than " + std::to_string(SimulationLimits::judgements_max) +
                                " actions times resources times statements.");
  }
  const auto bytes = policy_bytes_of(simulation);
  simulation.work = 1 + statements_of(simulation) + bytes / 256 * (1 + simulation.context_values / 8);
  if (bytes > SimulationLimits::policy_bytes_max ||
      evaluations * simulation.work > SimulationLimits::work_max) {
    return fault::invalid_input(
        "The policies are too long for so many actions, resources and context values.");
  }
  prepare(simulation);
  return {};
}

std::vector<std::string> context_keys(const Simulation& simulation) {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const auto* policies : {&simulation.policies, &simulation.boundary, &simulation.resource}) {
    for (const auto& one : *policies) {
      for (auto& key : one.policy->context_keys()) {
        if (seen.insert(codec::lower(key)).second) {
          names.push_back(std::move(key));
        }
      }
    }
  }
  return names;
}

Task<boost::json::object> evaluated(const Simulation& simulation, const std::string& action, Pace& pace) {
  const bool listed = !simulation.resources.empty() && simulation.resources != std::vector<std::string>{"*"};
  const auto resources = listed ? simulation.resources : std::vector<std::string>{"*"};
  std::vector<Evaluation> all;
  for (const auto& resource : resources) {
    all.push_back(evaluation(simulation, action, resource));
    co_await pace.step(simulation.work);
  }
  const auto& whole = deciding(all);
  json::object result = {{"EvalActionName", action},
                         {"EvalResourceName", all.size() == 1 ? whole.resource : all.front().resource},
                         {"EvalDecision", whole.decision},
                         {"MatchedStatements", whole.matched},
                         {"MissingContextValues", listed ? json::array() : whole.missing}};
  if (whole.boundary) {
    result["PermissionsBoundaryDecisionDetail"] = *whole.boundary;
  }
  if (listed) {
    json::array specifics;
    for (const auto& one : all) {
      specifics.push_back(specific(one));
    }
    result["ResourceSpecificResults"] = std::move(specifics);
    result["EvalDecisionDetails"] = json::object();
  }
  co_return result;
}

Task<void> Pace::step(std::size_t work) {
  since_ += work;
  if (since_ >= SimulationLimits::work_at_once) {
    since_ = 0;
    ++pauses_;
    co_await async::sleep(Millis{0});
  }
}

}  // namespace cairn::services::iam
