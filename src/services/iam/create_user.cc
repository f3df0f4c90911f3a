#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

Found<access::UserDocument> user_of(const Call& call) {
  CAIRN_TRY(auto name, name_of(call, "UserName", kNewNameMax));
  CAIRN_TRY(auto tags, tags_of(call, Words<UserDocument>::tags_quota));
  return access::UserDocument{.id = access::new_user_id(),
                              .account = call.account,
                              .name = std::move(name),
                              .path = std::string(json::find_string(call.input, "Path").value_or("/")),
                              .created = std::chrono::floor<std::chrono::seconds>(call.time),
                              .tags = std::move(tags),
                              .policies = {},
                              .keys = {},
                              .boundary = text(call, "PermissionsBoundary")};
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
    co_return fault::exists("User", user.name);
  }
  if (account.value.users >= Limits::users_max) {
    co_return fault::quota("UsersPerAccount", Limits::users_max);
  }
  ++account.value.users;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, "", user.boundary, outcome.effects));
  outcome.output["User"] = shown_user(user);
  outcome.effects.writes.push_back(access::put(user, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

// As CreateUser and GetUser show him.
boost::json::object shown_user(const access::UserDocument& user) {
  auto o = described(user);
  if (!user.boundary.empty()) {
    o["PermissionsBoundary"] = described_boundary(user.boundary);
  }
  if (!user.tags.empty()) {
    o["Tags"] = described_tags(user.tags);
  }
  return o;
}

Task<Answer> list_users(const Dependencies& on, Call& call) {
  const auto path_prefix = text(call, "PathPrefix");
  const auto keep = [&](const UserDocument& user) { return user.path.starts_with(path_prefix); };
  const auto show = [](const UserDocument& user) { return described(user); };
  co_return co_await list_entities<UserDocument>(on, call, access::users_prefix(call.account), keep, show);
}

}  // namespace cairn::services::iam
