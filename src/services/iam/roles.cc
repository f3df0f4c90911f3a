// Roles. Tested by roles_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "access/new_policy.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

Found<void> check_trust(const std::string& document) {
  if (const auto policy = access::parse_new_policy(document, access::PolicyKind::trust); !policy) {
    return fault::malformed_policy(policy.error().what);
  }
  if (policy_characters(document) > Limits::trust_characters_max) {
    return fault::quota("ACLSizePerRole", Limits::trust_characters_max);
  }
  return {};
}

Found<RoleDocument> role_of(const Call& call) {
  CAIRN_TRY(auto name, name_of(call, "RoleName", kNewNameMax));
  CAIRN_TRY(auto tags, tags_of(call, Words<RoleDocument>::tags_quota));
  auto trust = text(call, "AssumeRolePolicyDocument");
  CAIRN_TRY_VOID(check_trust(trust));
  const auto path = std::string(json::find_string(call.input, "Path").value_or("/"));
  if (path.starts_with(kServiceRolePath)) {
    return fault::validation("A role in " + std::string(kServiceRolePath) + " is a service's own.");
  }
  return RoleDocument{.id = access::new_id("AROA"),
                      .account = call.account,
                      .name = std::move(name),
                      .path = path,
                      .created = std::chrono::floor<std::chrono::seconds>(call.time),
                      .tags = std::move(tags),
                      .policies = {},
                      .attached = {},
                      .boundary = text(call, "PermissionsBoundary"),
                      .trust = std::move(trust),
                      .description = text(call, "Description"),
                      .session_seconds_max = json::find_int(call.input, "MaxSessionDuration").value_or(3600),
                      .instance_profiles = {}};
}

// What GetRole says beyond lists. When a role was last used nobody keeps, as AWS says it of a role not used.
boost::json::object shown(const RoleDocument& role) {
  auto o = listed(role);
  if (!role.boundary.empty()) {
    o["PermissionsBoundary"] = described_boundary(role.boundary);
  }
  if (!role.tags.empty()) {
    o["Tags"] = described_tags(role.tags);
  }
  return o;
}

}  // namespace

Task<Answer> create_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto role, role_of(call));
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  const auto existing = co_await access::load<RoleDocument>(on.catalog, call.account, role.name);
  if (!existing) {
    co_return fault::failure(existing.error());
  }
  if (*existing) {
    co_return fault::exists("Role", role.name);
  }
  if (account.value.roles >= Limits::roles_max) {
    co_return fault::quota("RolesPerAccount", Limits::roles_max);
  }
  ++account.value.roles;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, "", role.boundary, outcome.effects));
  auto answer = described(role);
  if (!role.boundary.empty()) {
    answer["PermissionsBoundary"] = described_boundary(role.boundary);
  }
  if (!role.tags.empty()) {
    answer["Tags"] = described_tags(role.tags);
  }
  outcome.output["Role"] = std::move(answer);
  outcome.effects.writes.push_back(access::put_entity(role, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> get_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto role, co_await find_named<RoleDocument>(on, call));
  auto answer = shown(role.value);
  answer["RoleLastUsed"] = boost::json::object();
  Outcome outcome;
  outcome.output["Role"] = std::move(answer);
  co_return outcome;
}

Task<Answer> delete_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto role, co_await find_named_own<RoleDocument>(on, call));
  if (!role.value.instance_profiles.empty()) {
    co_return fault::conflict("Cannot delete entity, must remove roles from instance profile first.");
  }
  if (!role.value.attached.empty()) {
    co_return fault::conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!role.value.policies.empty()) {
    co_return fault::delete_conflict("policies");
  }
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  account.value.roles -= account.value.roles > 0 ? 1 : 0;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, role.value.boundary, "", outcome.effects));
  outcome.effects.writes.push_back(access::remove_entity(role.value, role.version));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> update_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto role, co_await find_named_own<RoleDocument>(on, call));
  if (const auto description = json::find_string(call.input, "Description")) {
    role.value.description = *description;
  }
  if (const auto longest = json::find_int(call.input, "MaxSessionDuration")) {
    role.value.session_seconds_max = *longest;
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(role.value, role.version));
  co_return outcome;
}

Task<Answer> update_role_description(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto role, co_await find_named_own<RoleDocument>(on, call));
  role.value.description = text(call, "Description");
  Outcome outcome;
  outcome.output["Role"] = shown(role.value);
  outcome.effects.writes.push_back(access::put_entity(role.value, role.version));
  co_return outcome;
}

Task<Answer> update_assume_role_policy(const Dependencies& on, Call& call) {
  auto document = text(call, "PolicyDocument");
  CAIRN_CO_TRY(auto role, co_await find_named_own<RoleDocument>(on, call));
  CAIRN_CO_TRY_VOID(check_trust(document));
  role.value.trust = std::move(document);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(role.value, role.version));
  co_return outcome;
}

Task<Answer> list_roles(const Dependencies& on, Call& call) {
  const auto path_prefix = text(call, "PathPrefix");
  const auto keep = [&](const RoleDocument& role) { return role.path.starts_with(path_prefix); };
  const auto show = [](const RoleDocument& role) { return listed(role); };
  co_return co_await list_entities<RoleDocument>(on, call, RoleDocument::prefix_of(call.account), keep, show);
}

}  // namespace cairn::services::iam
