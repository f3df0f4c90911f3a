#include <algorithm>

#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

Task<Answer> delete_access_key(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, user_name_of(call));
  const auto id = text(call, "AccessKeyId");
  CAIRN_CO_TRY(auto user, co_await find_own_user(on, call, std::move(name)));
  const auto removed = std::erase(user.value.keys, id);
  if (removed == 0) {
    co_return fault::no_such_key(id);
  }
  const auto key = co_await access::load_key(on.catalog, id);
  if (!key) {
    co_return fault::failure(key.error());
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(user.value, user.version));
  if (*key) {
    outcome.effects.writes.push_back(access::remove_key((*key)->value, (*key)->version));
  }
  co_return outcome;
}

}  // namespace cairn::services::iam
