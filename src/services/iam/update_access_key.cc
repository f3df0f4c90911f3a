#include <algorithm>

#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

Task<Answer> update_access_key(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, user_name_of(call));
  const auto id = text(call, "AccessKeyId");
  const auto status = text(call, "Status");
  if (status != "Active" && status != "Inactive") {
    co_return fault::validation(
        "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy "
        "enum value set: [Active, Inactive]");
  }
  CAIRN_CO_TRY(const auto user, co_await find_own_user(on, call, std::move(name)));
  auto key = co_await access::load_key(on.catalog, id);
  if (!key) {
    co_return fault::failure(key.error());
  }
  if (!*key || std::ranges::find(user.value.keys, id) == user.value.keys.end()) {
    co_return fault::no_such_key(id);
  }
  auto& stored = **key;
  stored.value.active = status == "Active";
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(stored.value, stored.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
