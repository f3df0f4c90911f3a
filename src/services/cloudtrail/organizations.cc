#include "services/cloudtrail/organizations.h"

#include "access/access.h"
#include "access/entities.h"
#include "base/log.h"
#include "front/request_facts.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr std::string_view kRole = "AWSServiceRoleForCloudTrail";
constexpr std::string_view kRolePath = "/aws-service-role/cloudtrail.amazonaws.com/";
constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},)"
    R"("Action":"sts:AssumeRole"}]})";

aws::Fault unreadable(const Error& error) {
  log::error("cloudtrail could not read an organization", {{"error", error.text()}});
  return aws::to_fault(aws::Family::json, error);
}

// Organizations is asked in the caller's name, as it asks itself for such a call.
bool may(const Call& call, std::string_view action, std::string resource = "*", access::Context context = {}) {
  access::Ask ask;
  ask.action = "organizations:" + std::string(action);
  ask.resource = std::move(resource);
  ask.context = std::move(context);
  ask.resource_account = call.account;
  access::add_request_keys(ask.context, front::facts_of(call));
  return access::decide(call.caller, ask).allowed;
}

Task<Result<bool, aws::Fault>> has_role(const Dependencies& on, std::string account) {
  const auto role = co_await access::load<access::RoleDocument>(on.catalog, std::move(account), std::string(kRole));
  if (!role) {
    co_return unreadable(role.error());
  }
  co_return role->has_value();
}

}  // namespace

Task<Result<Affiliation, aws::Fault>> affiliation_of(const Dependencies& on, std::string account) {
  Affiliation at{.account = account, .organization = {}};
  for (std::string named;;) {
    const auto document = co_await access::load_account(on.catalog, account);
    if (!document) {
      co_return unreadable(document.error());
    }
    if (!*document || (*document)->value.organization.empty()) {
      co_return at;
    }
    auto organization = co_await organization::load(on.catalog, (*document)->value.organization);
    if (organization) {
      at.organization = *std::move(organization);
      co_return at;
    }
    // It may have ended between the two reads; if the account still names it, it is missing.
    if (organization.error().code != Errc::corrupt || named == (*document)->value.organization) {
      co_return unreadable(organization.error());
    }
    named = (*document)->value.organization;
  }
}

Task<Result<Affiliation, aws::Fault>> check_organization(const Dependencies& on, const Call& call) {
  CAIRN_CO_TRY(auto at, co_await affiliation_of(on, call.account));
  if (!at.organization) {
    co_return fault::organizations_not_in_use();
  }
  const auto& organization = at.organization->value;
  if (!organization.all_features) {
    co_return fault::not_in_all_features_mode();
  }
  if (!at.manages() && !at.administers()) {
    co_return fault::not_organization_master();
  }
  if (!organization.trusts(organization::kCloudTrail)) {
    co_return fault::access_not_enabled();
  }
  for (const auto* action : {"DescribeOrganization", "ListAWSServiceAccessForOrganization"}) {
    if (!may(call, action)) {
      co_return fault::insufficient_dependency_permission(action);
    }
  }
  CAIRN_CO_TRY(const bool role, co_await has_role(on, organization.management));
  if (!role && !at.manages()) {
    co_return fault::no_management_account_role();
  }
  co_return at;
}

Task<Result<void, aws::Fault>> rest_on(const Dependencies& on, const Call& call, const Affiliation& at,
                                       catalog::Transaction& effects) {
  const auto& organization = at.organization->value;
  effects.expectations.push_back(
      {.key = organization::key_of(organization.id), .version = at.organization->version});
  CAIRN_CO_TRY(const bool there, co_await has_role(on, organization.management));
  if (there) {
    co_return Result<void, aws::Fault>{};
  }
  auto account = co_await access::load_account(on.catalog, organization.management);
  if (!account) {
    co_return unreadable(account.error());
  }
  if (!*account) {
    co_return unreadable({Errc::corrupt, "the management account is not there", organization.management});
  }
  ++(*account)->value.roles;
  const access::RoleDocument role{.id = access::new_id("AROA"),
                                  .account = organization.management,
                                  .name = std::string(kRole),
                                  .path = std::string(kRolePath),
                                  .created = std::chrono::floor<std::chrono::seconds>(call.time),
                                  .trust = std::string(kTrust)};
  effects.writes.push_back(access::put_entity(role, 0));
  effects.writes.push_back(access::put((*account)->value, (*account)->version));
  co_return Result<void, aws::Fault>{};
}

namespace {

// Only the management account says who administers, and only while its organization trusts CloudTrail.
Task<Result<Affiliation, aws::Fault>> check_management(const Dependencies& on, const Call& call,
                                                       std::string_view action, std::string account) {
  CAIRN_CO_TRY(auto at, co_await affiliation_of(on, call.account));
  if (!at.organization) {
    co_return fault::organizations_not_in_use();
  }
  if (!at.manages()) {
    co_return fault::not_organization_management();
  }
  if (!at.organization->value.all_features) {
    co_return fault::not_in_all_features_mode();
  }
  if (!at.organization->value.trusts(organization::kCloudTrail)) {
    co_return fault::access_not_enabled();
  }
  if (!may(call, action, at.organization->value.account_arn(account),
           {{"organizations:ServicePrincipal", organization::kCloudTrail}})) {
    co_return fault::insufficient_dependency_permission(action);
  }
  co_return at;
}

organization::Delegation delegation_of(const Call& call, std::string_view member) {
  return {.account = std::string(json::find_string(call.input, member).value_or("")),
          .service = std::string(organization::kCloudTrail)};
}

Result<void, aws::Fault> check_account(const organization::Organization& organization, const std::string& account) {
  return organization.members.contains(account) ? Result<void, aws::Fault>() : fault::account_not_found(account);
}

}  // namespace

Task<Answer> register_delegated_admin(const Dependencies& on, Call& call) {
  const auto delegation = delegation_of(call, "MemberAccountId");
  CAIRN_CO_TRY(auto at, co_await check_management(on, call, "RegisterDelegatedAdministrator", delegation.account));
  auto& organization = at.organization->value;
  CAIRN_CO_TRY_VOID(check_account(organization, delegation.account));
  if (delegation.account == organization.management) {
    co_return fault::cannot_delegate_management();
  }
  if (organization.delegations.contains(delegation)) {
    co_return fault::account_registered(delegation.account);
  }
  if (organization.delegates_of(delegation.service) >= organization::Limits::cloudtrail_delegates_max) {
    co_return fault::delegated_admin_limit();
  }
  organization.delegations[delegation] = call.time;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await rest_on(on, call, at, outcome.effects));
  outcome.effects.expectations.clear();  // it is written
  outcome.effects.writes.push_back(organization::put(organization, at.organization->version));
  co_return outcome;
}

Task<Answer> deregister_delegated_admin(const Dependencies& on, Call& call) {
  const auto delegation = delegation_of(call, "DelegatedAdminAccountId");
  CAIRN_CO_TRY(auto at, co_await check_management(on, call, "DeregisterDelegatedAdministrator", delegation.account));
  auto& organization = at.organization->value;
  CAIRN_CO_TRY_VOID(check_account(organization, delegation.account));
  if (organization.delegations.erase(delegation) == 0) {
    co_return fault::account_not_registered(delegation.account);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(organization::put(organization, at.organization->version));
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
