#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

Task<Answer> delete_user_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "UserName", kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(auto user, co_await find_own_user(on, call, std::move(name)));
  if (user.value.policies.erase(policy_name) == 0) {
    co_return fault::no_such_policy(policy_name);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(user.value, user.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
