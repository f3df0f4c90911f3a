// Another name, another path. Tested by groups_test.cc.
#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

// His keys know him by name.
Task<Found<void>> move_keys(const Dependencies& on, const UserDocument& user, catalog::Transaction& effects) {
  for (const auto& id : user.keys) {
    auto key = co_await access::load_key(on.catalog, id);
    if (!key) {
      co_return fault::failure(key.error());
    }
    if (*key) {  // else it was deleted a moment ago, and the user's version is another
      (*key)->value.user = user.name;
      effects.writes.push_back(access::put((*key)->value, (*key)->version));
    }
  }
  co_return Found<void>{};
}

}  // namespace

// He keeps his id, his keys and his groups; policies that name his ARN speak of another.
Task<Answer> update_user(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto user, co_await find_named_own<UserDocument>(on, call));
  const auto before = user.value;
  if (const auto path = json::find_string(call.input, "NewPath")) {
    user.value.path = *path;
  }
  if (json::find(call.input, "NewUserName") != nullptr) {
    CAIRN_CO_TRY(user.value.name, name_of(call, "NewUserName", kNewNameMax));
  }
  Outcome outcome;
  const bool moves = codec::lower(user.value.name) != codec::lower(before.name);
  if (moves) {
    const auto existing = co_await access::load_user(on.catalog, call.account, user.value.name);
    if (!existing) {
      co_return fault::failure(existing.error());
    }
    if (*existing) {
      co_return fault::exists("User", user.value.name);
    }
    outcome.effects.writes.push_back(access::remove_user(before, user.version));
  }
  if (user.value.name != before.name) {
    CAIRN_CO_TRY_VOID(co_await move_keys(on, user.value, outcome.effects));
  }
  outcome.effects.writes.push_back(access::put(user.value, moves ? 0 : user.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
