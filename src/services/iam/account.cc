// What is kept of the account itself: its summary, its alias, its password policy. Tested by roles_test.cc.
#include <boost/json/array.hpp>

#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

// Where a password policy does not say otherwise.
constexpr std::int64_t kPasswordLength = 6;

Task<Found<std::uint64_t>> versions_in_use(const Dependencies& on, const std::string& account) {
  std::uint64_t versions = 0;
  const auto count = [&](const ManagedPolicyDocument& policy) {
    versions += policy.versions.size();
    return false;
  };
  CAIRN_CO_TRY_VOID(
      co_await all_of<ManagedPolicyDocument>(on, ManagedPolicyDocument::prefix_of(account), count));
  co_return versions;
}

boost::json::object quotas() {
  boost::json::object map;
  map["UsersQuota"] = Limits::users_max;
  map["GroupsQuota"] = Limits::groups_max;
  map["RolesQuota"] = Limits::roles_max;
  map["PoliciesQuota"] = Limits::managed_policies_max;
  map["InstanceProfilesQuota"] = Limits::instance_profiles_max;
  map["GroupsPerUserQuota"] = Limits::groups_of_user_max;
  map["AttachedPoliciesPerUserQuota"] = Limits::attached_max;
  map["AttachedPoliciesPerGroupQuota"] = Limits::attached_max;
  map["AttachedPoliciesPerRoleQuota"] = Limits::attached_max;
  map["AccessKeysPerUserQuota"] = Limits::keys_max;
  map["PolicySizeQuota"] = Limits::managed_policy_characters_max;
  map["UserPolicySizeQuota"] = Limits::policy_characters_max;
  map["GroupPolicySizeQuota"] = Limits::group_policy_characters_max;
  map["RolePolicySizeQuota"] = Limits::role_policy_characters_max;
  map["AssumeRolePolicySizeQuota"] = Limits::trust_characters_max;
  map["VersionsPerPolicyQuota"] = Limits::policy_versions_max;
  map["PolicyVersionsInUseQuota"] = Limits::managed_policies_max * Limits::policy_versions_max;
  map["ServerCertificatesQuota"] = 0;
  map["SigningCertificatesPerUserQuota"] = 0;
  return map;
}

}  // namespace

// What is not there (devices, certificates, providers, a root's password) is counted as none.
Task<Answer> get_account_summary(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto account, co_await find_account(on, call));
  CAIRN_CO_TRY(const auto versions, co_await versions_in_use(on, call.account));
  auto map = quotas();
  map["Users"] = account.value.users;
  map["Groups"] = account.value.groups;
  map["Roles"] = account.value.roles;
  map["Policies"] = account.value.policies;
  map["InstanceProfiles"] = account.value.instance_profiles;
  map["PolicyVersionsInUse"] = versions;
  map["GlobalEndpointTokenVersion"] = 2;
  for (const auto* none : {"AccountAccessKeysPresent", "AccountMFAEnabled", "AccountPasswordPresent",
                           "AccountSigningCertificatesPresent", "MFADevices", "MFADevicesInUse", "Providers",
                           "ServerCertificates"}) {
    map[none] = 0;
  }
  Outcome outcome;
  outcome.output["SummaryMap"] = std::move(map);
  co_return outcome;
}

Task<Answer> list_account_aliases(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto account, co_await find_account(on, call));
  boost::json::array aliases;
  if (!account.value.alias.empty()) {
    aliases.emplace_back(account.value.alias);
  }
  Outcome outcome;
  outcome.output["AccountAliases"] = std::move(aliases);
  outcome.output["IsTruncated"] = false;
  co_return outcome;
}

// An account has one: a new one takes the place of the old. No two accounts have the same.
Task<Answer> create_account_alias(const Dependencies& on, Call& call) {
  auto alias = text(call, "AccountAlias");
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  const auto key = access::alias_key(alias);
  const auto taken = co_await on.catalog.get(key);
  if (!taken) {
    co_return fault::failure(taken.error());
  }
  Outcome outcome;
  if (*taken) {
    if (account.value.alias == alias) {
      co_return outcome;
    }
    co_return fault::alias_exists(alias);
  }
  if (!account.value.alias.empty()) {
    outcome.effects.writes.push_back(
        {.key = access::alias_key(account.value.alias), .value = std::nullopt, .expected = std::nullopt});
  }
  outcome.effects.writes.push_back(
      {.key = key,
       .value = json::serialize(json::object{{"v", 1}, {"account", call.account}}),
       .expected = 0});
  account.value.alias = std::move(alias);
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> delete_account_alias(const Dependencies& on, Call& call) {
  const auto alias = text(call, "AccountAlias");
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  if (account.value.alias.empty() || account.value.alias != alias) {
    co_return fault::no_such_alias(alias);
  }
  account.value.alias.clear();
  Outcome outcome;
  outcome.effects.writes.push_back(
      {.key = access::alias_key(alias), .value = std::nullopt, .expected = std::nullopt});
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

// Kept and shown: users here have no passwords.
Task<Answer> get_account_password_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto account, co_await find_account(on, call));
  const auto policy = json::parse_object(account.value.password_policy);
  if (!policy) {
    co_return fault::no_password_policy(call.account);
  }
  Outcome outcome;
  outcome.output["PasswordPolicy"] = *policy;
  co_return outcome;
}

// The whole policy is replaced: what is not given goes back to its default.
Task<Answer> update_account_password_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  json::object policy;
  policy["MinimumPasswordLength"] =
      json::find_int(call.input, "MinimumPasswordLength").value_or(kPasswordLength);
  for (const auto* member : {"RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters",
                             "RequireLowercaseCharacters", "AllowUsersToChangePassword"}) {
    policy[member] = json::find_bool(call.input, member).value_or(false);
  }
  const auto age = json::find_int(call.input, "MaxPasswordAge").value_or(0);
  policy["ExpirePasswords"] = age > 0;
  if (age > 0) {
    policy["MaxPasswordAge"] = age;
  }
  if (const auto reuse = json::find_int(call.input, "PasswordReusePrevention")) {
    policy["PasswordReusePrevention"] = *reuse;
  }
  if (const auto hard = json::find_bool(call.input, "HardExpiry")) {
    policy["HardExpiry"] = *hard;
  }
  account.value.password_policy = json::serialize(policy);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> delete_account_password_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  if (account.value.password_policy.empty()) {
    co_return fault::no_password_policy(call.account);
  }
  account.value.password_policy.clear();
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
