// The organization itself, and leaving it. Tested by organizations_test.cc.
#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

// Policies are not there, so no type of them is available.
json::object shown(const Organization& organization, const access::AccountDocument& management) {
  json::object all{{"Id", organization.id},
                   {"Arn", organization.arn()},
                   {"FeatureSet", organization.all_features ? "ALL" : "CONSOLIDATED_BILLING"},
                   {"MasterAccountArn", organization.account_arn(organization.management)},
                   {"MasterAccountId", organization.management}};
  if (!management.email.empty()) {
    all["MasterAccountEmail"] = management.email;
  }
  all["AvailablePolicyTypes"] = json::array();
  return all;
}

// What goes with every account that leaves.
Task<Answer> leave(const Dependencies& on, Standing at, std::string account) {
  auto& organization = at.organization.value;
  if (account == organization.management) {
    co_return fault::master_cannot_leave();
  }
  CAIRN_CO_TRY(auto member, co_await find_member(on, organization, account));
  if (organization.is_delegate(account)) {
    co_return fault::constraint(
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "You cannot remove an account that is a delegated administrator of a service.");
  }
  organization.members.erase(account);
  Outcome outcome;
  change(at, outcome);
  outcome.effects.writes.push_back(remove_tags(organization, account));
  move_membership(std::move(member), nullptr, outcome);
  co_return outcome;
}

}  // namespace

Task<Answer> create_organization(const Dependencies& /*on*/, Call& call, Standing at) {
  if (at.in_organization()) {
    co_return fault::already_in_organization();
  }
  const bool all_features = text(call, "FeatureSet") != "CONSOLIDATED_BILLING";
  const auto made = organization::make(at.account.value.id, all_features, call.time);
  Outcome outcome;
  outcome.output["Organization"] = shown(made, at.account.value);
  outcome.effects.writes.push_back(organization::put(made, 0));
  move_membership(std::move(at.account), &made, outcome);
  co_return outcome;
}

Task<Answer> describe_organization(const Dependencies& on, Call& /*call*/, Standing at) {
  const auto& organization = at.organization.value;
  CAIRN_CO_TRY(const auto management, co_await find_member(on, organization, organization.management));
  Outcome outcome;
  outcome.output["Organization"] = shown(organization, management.value);
  co_return outcome;
}

Task<Answer> delete_organization(const Dependencies& on, Call& /*call*/, Standing at) {
  const auto& organization = at.organization.value;
  if (organization.members.size() > 1) {
    co_return fault::not_empty();
  }
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await end_organization_trails(on, organization, outcome));
  CAIRN_CO_TRY_VOID(co_await remove_handshakes(on, organization, outcome));
  CAIRN_CO_TRY_VOID(co_await remove_requests(on, organization, outcome));
  outcome.effects.writes.push_back({.key = organization::key_of(organization.id),
                                    .value = std::nullopt,
                                    .expected = at.organization.version});
  move_membership(std::move(at.account), nullptr, outcome);
  co_return outcome;
}

Task<Answer> remove_account(const Dependencies& on, Call& call, Standing at) {
  co_return co_await leave(on, std::move(at), text(call, "AccountId"));
}

Task<Answer> leave_organization(const Dependencies& on, Call& /*call*/, Standing at) {
  auto account = at.account.value.id;
  co_return co_await leave(on, std::move(at), std::move(account));
}

}  // namespace cairn::services::organizations
