#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

Task<Answer> delete_user(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "UserName", kNameMax));
  CAIRN_CO_TRY(const auto user, co_await find_own_user(on, call, std::move(name)));
  if (!user.value.groups.empty()) {
    co_return fault::conflict("Cannot delete entity, must remove users from group first.");
  }
  if (!user.value.attached.empty()) {
    co_return fault::conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!user.value.policies.empty()) {
    co_return fault::delete_conflict("policies");
  }
  if (!user.value.keys.empty()) {
    co_return fault::delete_conflict("access keys");
  }
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  account.value.users -= account.value.users > 0 ? 1 : 0;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, user.value.boundary, "", outcome.effects));
  outcome.effects.writes.push_back(access::remove_user(user.value, user.version));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
