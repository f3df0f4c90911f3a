// Instance profiles: documents that hold a role. Nothing here runs instances. Tested by roles_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

Task<Found<boost::json::object>> described_profile(const Dependencies& on,
                                                   const InstanceProfileDocument& profile, bool with_tags) {
  boost::json::object o;
  o["Path"] = profile.path;
  o["InstanceProfileName"] = profile.name;
  o["InstanceProfileId"] = profile.id;
  o["Arn"] = profile.arn();
  o["CreateDate"] = seconds(profile.created);
  boost::json::array roles;
  if (!profile.role.empty()) {
    const auto role = co_await access::load<RoleDocument>(on.catalog, profile.account, profile.role);
    if (!role) {
      co_return fault::failure(role.error());
    }
    if (*role) {  // else it was taken out a moment ago
      roles.emplace_back(described((*role)->value));
    }
  }
  o["Roles"] = std::move(roles);
  if (with_tags && !profile.tags.empty()) {
    o["Tags"] = described_tags(profile.tags);
  }
  co_return o;
}

Task<Answer> create_instance_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "InstanceProfileName", kNameMax));
  CAIRN_CO_TRY(auto tags, tags_of(call, Words<InstanceProfileDocument>::tags_quota));
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  const auto existing = co_await access::load<InstanceProfileDocument>(on.catalog, call.account, name);
  if (!existing) {
    co_return fault::failure(existing.error());
  }
  if (*existing) {
    co_return fault::instance_profile_exists(name);
  }
  if (account.value.instance_profiles >= Limits::instance_profiles_max) {
    co_return fault::quota("InstanceProfilesPerAccount", Limits::instance_profiles_max);
  }
  ++account.value.instance_profiles;
  const InstanceProfileDocument profile{
      .id = access::new_id("AIPA"),
      .account = call.account,
      .name = std::move(name),
      .path = std::string(json::find_string(call.input, "Path").value_or("/")),
      .created = std::chrono::floor<std::chrono::seconds>(call.time),
      .tags = std::move(tags)};
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["InstanceProfile"], co_await described_profile(on, profile, true));
  outcome.effects.writes.push_back(access::put_entity(profile, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> get_instance_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto profile, co_await find_named<InstanceProfileDocument>(on, call));
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["InstanceProfile"], co_await described_profile(on, profile.value, true));
  co_return outcome;
}

Task<Answer> delete_instance_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto profile, co_await find_named_own<InstanceProfileDocument>(on, call));
  if (!profile.value.role.empty()) {
    co_return fault::conflict("Cannot delete entity, must remove roles from instance profile first.");
  }
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  account.value.instance_profiles -= account.value.instance_profiles > 0 ? 1 : 0;
  Outcome outcome;
  outcome.effects.writes.push_back(access::remove_entity(profile.value, profile.version));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

// A role's documents are read one by one: a page has 1,000 at most, a role is read for each.
Task<Answer> list_instance_profiles(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  const auto path_prefix = text(call, "PathPrefix");
  const auto keep = [&](const InstanceProfileDocument& profile) {
    return profile.path.starts_with(path_prefix) && codec::lower(profile.name) > page.after;
  };
  CAIRN_CO_TRY(const auto all, co_await all_of<InstanceProfileDocument>(
                                   on, InstanceProfileDocument::prefix_of(call.account), keep));
  boost::json::array shown;
  const auto count = std::min(all.size(), page.limit);
  for (std::size_t i = 0; i < count; ++i) {
    CAIRN_CO_TRY(auto one, co_await described_profile(on, all[i].value, false));
    shown.emplace_back(std::move(one));
  }
  Outcome outcome;
  outcome.output["InstanceProfiles"] = std::move(shown);
  put_page_end(outcome.output, count<all.size(), count> 0 ? codec::lower(all[count - 1].value.name) : "");
  co_return outcome;
}

Task<Answer> list_instance_profiles_for_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto role, co_await find_named<RoleDocument>(on, call));
  const auto& names = role.value.instance_profiles;
  CAIRN_CO_TRY(const auto slice, slice_of(page, names));
  boost::json::array shown;
  for (auto i = slice.begin; i < slice.end; ++i) {
    CAIRN_CO_TRY(const auto profile, co_await find_entity<InstanceProfileDocument>(on, call, names[i]));
    CAIRN_CO_TRY(auto one, co_await described_profile(on, profile.value, false));
    shown.emplace_back(std::move(one));
  }
  Outcome outcome;
  outcome.output["InstanceProfiles"] = std::move(shown);
  put_slice_end(outcome.output, slice, names);
  co_return outcome;
}

Task<Answer> add_role_to_instance_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto profile, co_await find_named_own<InstanceProfileDocument>(on, call));
  CAIRN_CO_TRY(auto role, co_await find_named_own<RoleDocument>(on, call));
  if (!profile.value.role.empty()) {
    co_return fault::quota("InstanceSessionsPerInstanceProfile", 1);
  }
  profile.value.role = role.value.name;
  role.value.instance_profiles.push_back(profile.value.name);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(profile.value, profile.version));
  outcome.effects.writes.push_back(access::put_entity(role.value, role.version));
  co_return outcome;
}

Task<Answer> remove_role_from_instance_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto profile, co_await find_named_own<InstanceProfileDocument>(on, call));
  CAIRN_CO_TRY(auto role, co_await find_named_own<RoleDocument>(on, call));
  if (profile.value.role != role.value.name) {
    co_return fault::no_such("role", role.value.name);
  }
  profile.value.role.clear();
  std::erase(role.value.instance_profiles, profile.value.name);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(profile.value, profile.version));
  outcome.effects.writes.push_back(access::put_entity(role.value, role.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
