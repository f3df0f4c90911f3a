// Services that the organization trusts, and accounts that administer for them. Tested by organizations_test.cc.
#include <algorithm>

#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

using OrganizationLimits = organization::Limits;

Found<void> check_all_features(const Organization& organization) {
  if (!organization.all_features) {
    return fault::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                             "The organization must have all features enabled to perform this operation.");
  }
  return {};
}

Found<void> check_delegation(const Organization& organization, const std::string& account,
                             const std::string& service) {
  if (!organization.members.contains(account)) {
    return fault::no_such_account();
  }
  if (account == organization.management) {
    return fault::constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                             "You cannot register master account/yourself as delegated administrator for your "
                             "organization.");
  }
  if (!organization.trusts(service)) {
    return fault::constraint("SERVICE_ACCESS_NOT_ENABLED",
                             "You must enable service access before you register a delegated administrator.");
  }
  if (organization.is_delegate(account, service)) {
    return fault::already_registered();
  }
  const bool full = organization.delegations.size() >= OrganizationLimits::delegations_max ||
                    (service == organization::kCloudTrail &&
                     organization.delegates_of(service) >= OrganizationLimits::cloudtrail_delegates_max);
  if (full) {
    return fault::constraint("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
                             "You have exceeded the allowed number of delegated administrators for the service.");
  }
  return {};
}

// Since when the account administers: for the service, or for the first of them if none is named.
std::optional<Time> delegate_since(const Organization& organization, std::string_view account,
                                   std::string_view service) {
  std::optional<Time> since;
  for (const auto& [delegation, time] : organization.delegations) {
    if (delegation.account == account && (service.empty() || delegation.service == service)) {
      since = std::min(since.value_or(time), time);
    }
  }
  return since;
}

}  // namespace

Task<Answer> enable_service_access(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  CAIRN_CO_TRY_VOID(check_all_features(organization));
  const auto service = text(call, "ServicePrincipal");
  Outcome outcome;
  if (organization.trusts(service)) {
    co_return outcome;
  }
  if (organization.services.size() >= OrganizationLimits::services_max) {
    co_return fault::constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have enabled too many services.");
  }
  organization.services[service] = call.time;
  change(at, outcome);
  co_return outcome;
}

// Who administered for it does so no longer, and an organization's trails end with CloudTrail's access.
Task<Answer> disable_service_access(const Dependencies& on, Call& call, Standing at) {
  auto& organization = at.organization.value;
  CAIRN_CO_TRY_VOID(check_all_features(organization));
  const auto service = text(call, "ServicePrincipal");
  Outcome outcome;
  if (organization.services.erase(service) == 0) {
    co_return outcome;
  }
  std::erase_if(organization.delegations, [&](const auto& one) { return one.first.service == service; });
  if (service == organization::kCloudTrail) {
    CAIRN_CO_TRY_VOID(co_await end_organization_trails(on, organization, outcome));
  }
  change(at, outcome);
  co_return outcome;
}

Task<Answer> list_service_access(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto& services = at.organization.value.services;
  std::vector<std::string> names;
  std::ranges::transform(services, std::back_inserter(names), [](const auto& one) { return one.first; });
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, names, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(json::object{{"ServicePrincipal", names[i]}, {"DateEnabled", seconds(services.at(names[i]))}});
  }
  outcome.output["EnabledServicePrincipals"] = std::move(list);
  co_return outcome;
}

Task<Answer> register_delegated_administrator(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  CAIRN_CO_TRY_VOID(check_all_features(organization));
  const auto account = text(call, "AccountId");
  const auto service = text(call, "ServicePrincipal");
  CAIRN_CO_TRY_VOID(check_delegation(organization, account, service));
  organization.delegations[{account, service}] = call.time;
  Outcome outcome;
  change(at, outcome);
  co_return outcome;
}

Task<Answer> deregister_delegated_administrator(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  const auto account = text(call, "AccountId");
  if (!organization.members.contains(account)) {
    co_return fault::no_such_account();
  }
  if (organization.delegations.erase({account, text(call, "ServicePrincipal")}) == 0) {
    co_return fault::not_registered();
  }
  Outcome outcome;
  change(at, outcome);
  co_return outcome;
}

Task<Answer> list_delegated_administrators(const Dependencies& on, Call& call, Standing at) {
  const auto& organization = at.organization.value;
  const auto service = text(call, "ServicePrincipal");
  std::vector<std::string> accounts;
  for (const auto& [account, member] : organization.members) {
    if (delegate_since(organization, account, service)) {
      accounts.push_back(account);
    }
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, accounts, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    CAIRN_CO_TRY(const auto account, co_await find_member(on, organization, accounts[i]));
    auto shown = described(organization, account.value);
    shown.erase("Paths");
    shown["DelegationEnabledDate"] = seconds(*delegate_since(organization, accounts[i], service));
    list.push_back(std::move(shown));
  }
  outcome.output["DelegatedAdministrators"] = std::move(list);
  co_return outcome;
}

Task<Answer> list_delegated_services(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto& organization = at.organization.value;
  const auto account = text(call, "AccountId");
  if (!organization.members.contains(account)) {
    co_return fault::no_such_account();
  }
  if (!organization.is_delegate(account)) {
    co_return fault::not_registered();
  }
  std::vector<std::string> services;
  for (const auto& [delegation, since] : organization.delegations) {
    if (delegation.account == account) {
      services.push_back(delegation.service);
    }
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, services, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    const auto since = organization.delegations.at({account, services[i]});
    list.push_back(json::object{{"ServicePrincipal", services[i]}, {"DelegationEnabledDate", seconds(since)}});
  }
  outcome.output["DelegatedServices"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::organizations
