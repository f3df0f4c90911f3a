// Groups and who is in them. Tested by groups_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

auto named(std::string_view name) {
  return [lower = codec::lower(name)](const std::string& other) { return codec::lower(other) == lower; };
}

bool is_member(const UserDocument& user, std::string_view group) {
  return std::ranges::any_of(user.groups, named(group));
}

Task<Found<void>> check_free(const Dependencies& on, const Call& call, std::string name) {
  const auto existing = co_await access::load<GroupDocument>(on.catalog, call.account, name);
  if (!existing) {
    co_return fault::failure(existing.error());
  }
  if (*existing) {
    co_return fault::exists("Group", name);
  }
  co_return Found<void>{};
}

}  // namespace

Task<Answer> create_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "GroupName", kNameMax));
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  CAIRN_CO_TRY_VOID(co_await check_free(on, call, name));
  if (account.value.groups >= Limits::groups_max) {
    co_return fault::quota("GroupsPerAccount", Limits::groups_max);
  }
  ++account.value.groups;
  const GroupDocument group{.id = access::new_id("AGPA"),
                            .account = call.account,
                            .name = std::move(name),
                            .path = std::string(json::find_string(call.input, "Path").value_or("/")),
                            .created = std::chrono::floor<std::chrono::seconds>(call.time)};
  Outcome outcome;
  outcome.output["Group"] = described(group);
  outcome.effects.writes.push_back(access::put_entity(group, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Task<Answer> get_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto group, co_await find_named<GroupDocument>(on, call));
  const auto keep = [&](const UserDocument& user) { return is_member(user, group.value.name); };
  CAIRN_CO_TRY(const auto members,
               co_await all_of<UserDocument>(on, access::users_prefix(call.account), keep));
  boost::json::array shown;
  std::string last;
  bool truncated = false;
  for (const auto& member : members) {
    const auto key = codec::lower(member.value.name);
    if (key <= page.after) {
      continue;
    }
    truncated = shown.size() == page.limit;
    if (truncated) {
      break;
    }
    shown.emplace_back(described(member.value));
    last = key;
  }
  Outcome outcome;
  outcome.output["Group"] = described(group.value);
  outcome.output["Users"] = std::move(shown);
  put_page_end(outcome.output, truncated, last);
  co_return outcome;
}

Task<Answer> delete_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto group, co_await find_named_own<GroupDocument>(on, call));
  if (group.value.members > 0) {
    co_return fault::conflict("Cannot delete entity, must remove users from group first.");
  }
  if (!group.value.attached.empty()) {
    co_return fault::conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!group.value.policies.empty()) {
    co_return fault::delete_conflict("policies");
  }
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  account.value.groups -= account.value.groups > 0 ? 1 : 0;
  Outcome outcome;
  outcome.effects.writes.push_back(access::remove_entity(group.value, group.version));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

// Its members know it by name, so a new name is written into all of them, in the same commit.
Task<Answer> update_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto group, co_await find_named_own<GroupDocument>(on, call));
  const auto before = group.value;
  if (const auto path = json::find_string(call.input, "NewPath")) {
    group.value.path = *path;
  }
  if (json::find(call.input, "NewGroupName") != nullptr) {
    CAIRN_CO_TRY(group.value.name, name_of(call, "NewGroupName", kNameMax));
  }
  Outcome outcome;
  const bool moves = codec::lower(group.value.name) != codec::lower(before.name);
  if (moves) {
    CAIRN_CO_TRY_VOID(co_await check_free(on, call, group.value.name));
    outcome.effects.writes.push_back(access::remove_entity(before, group.version));
  }
  if (group.value.name != before.name) {
    const auto keep = [&](const UserDocument& user) { return is_member(user, before.name); };
    CAIRN_CO_TRY(auto members, co_await all_of<UserDocument>(on, access::users_prefix(call.account), keep));
    for (auto& member : members) {
      std::ranges::replace_if(member.value.groups, named(before.name), group.value.name);
      outcome.effects.writes.push_back(access::put_entity(member.value, member.version));
    }
  }
  outcome.effects.writes.push_back(access::put_entity(group.value, moves ? 0 : group.version));
  co_return outcome;
}

Task<Answer> list_groups(const Dependencies& on, Call& call) {
  const auto path_prefix = text(call, "PathPrefix");
  const auto keep = [&](const GroupDocument& group) { return group.path.starts_with(path_prefix); };
  const auto show = [](const GroupDocument& group) { return described(group); };
  co_return co_await list_entities<GroupDocument>(on, call, GroupDocument::prefix_of(call.account), keep,
                                                  show);
}

Task<Answer> add_user_to_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto group, co_await find_named_own<GroupDocument>(on, call));
  CAIRN_CO_TRY(auto user, co_await find_named_own<UserDocument>(on, call));
  Outcome outcome;
  if (is_member(user.value, group.value.name)) {
    co_return outcome;
  }
  if (user.value.groups.size() >= Limits::groups_of_user_max) {
    co_return fault::quota("GroupsPerUser", Limits::groups_of_user_max);
  }
  user.value.groups.push_back(group.value.name);
  ++group.value.members;
  outcome.effects.writes.push_back(access::put_entity(user.value, user.version));
  outcome.effects.writes.push_back(access::put_entity(group.value, group.version));
  co_return outcome;
}

Task<Answer> remove_user_from_group(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto group, co_await find_named_own<GroupDocument>(on, call));
  CAIRN_CO_TRY(auto user, co_await find_named_own<UserDocument>(on, call));
  if (std::erase_if(user.value.groups, named(group.value.name)) == 0) {
    co_return fault::not_a_member(user.value.name, group.value.name);
  }
  group.value.members -= group.value.members > 0 ? 1 : 0;
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(user.value, user.version));
  outcome.effects.writes.push_back(access::put_entity(group.value, group.version));
  co_return outcome;
}

Task<Answer> list_groups_for_user(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto user, co_await find_named<UserDocument>(on, call));
  CAIRN_CO_TRY(const auto slice, slice_of(page, user.value.groups));
  boost::json::array shown;
  for (auto i = slice.begin; i < slice.end; ++i) {
    const auto group = co_await access::load<GroupDocument>(on.catalog, call.account, user.value.groups[i]);
    if (!group) {
      co_return fault::failure(group.error());
    }
    if (*group) {  // else it was deleted a moment ago
      shown.emplace_back(described((*group)->value));
    }
  }
  Outcome outcome;
  outcome.output["Groups"] = std::move(shown);
  put_slice_end(outcome.output, slice, user.value.groups);
  co_return outcome;
}

}  // namespace cairn::services::iam
