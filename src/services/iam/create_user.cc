#include <algorithm>
#include <set>

#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

Found<std::vector<access::Tag>> tags_of(const Call& call) {
  std::vector<access::Tag> tags;
  std::set<std::string> seen;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    const auto key = json::find_string(tag, "Key").value_or("");
    if (!seen.insert(codec::lower(key)).second) {
      return fault::invalid_input(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    tags.push_back(
        {.key = std::string(key), .value = std::string(json::find_string(tag, "Value").value_or(""))});
  }
  if (tags.size() > Limits::tags_max) {
    return fault::quota("TagsPerUser", Limits::tags_max);
  }
  return tags;
}

Found<access::UserDocument> user_of(const Call& call) {
  CAIRN_TRY(auto name, name_of(call, "UserName", kNewNameMax));
  if (json::find(call.input, "PermissionsBoundary") != nullptr) {
    return fault::invalid_input("This Cairn has no permissions boundaries.");
  }
  CAIRN_TRY(auto tags, tags_of(call));
  return access::UserDocument{.id = access::new_user_id(),
                              .account = call.account,
                              .name = std::move(name),
                              .path = std::string(json::find_string(call.input, "Path").value_or("/")),
                              .created = std::chrono::floor<std::chrono::seconds>(call.time),
                              .tags = std::move(tags),
                              .policies = {},
                              .keys = {}};
}

}  // namespace

Task<Answer> create_user(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto user, user_of(call));
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  const auto existing = co_await access::load_user(on.catalog, call.account, user.name);
  if (!existing) {
    co_return fault::failure(existing.error());
  }
  if (*existing) {
    co_return fault::user_exists(user.name);
  }
  if (account.value.users >= Limits::users_max) {
    co_return fault::quota("UsersPerAccount", Limits::users_max);
  }
  ++account.value.users;
  Outcome outcome;
  auto answer = described(user);
  if (!user.tags.empty()) {
    answer["Tags"] = described_tags(user);
  }
  outcome.output["User"] = std::move(answer);
  outcome.effects.writes.push_back(access::put(user, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
