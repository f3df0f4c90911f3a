#include "codec/uri.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

// The document comes percent-encoded; SDKs decode it.
Task<Answer> get_user_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "UserName", kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(const auto user, co_await find_user(on, call, std::move(name)));
  const auto policy = user.value.policies.find(policy_name);
  if (policy == user.value.policies.end()) {
    co_return fault::no_such_policy(policy_name);
  }
  Outcome outcome;
  outcome.output["UserName"] = user.value.name;
  outcome.output["PolicyName"] = policy->first;
  outcome.output["PolicyDocument"] = codec::percent_encode(policy->second);
  co_return outcome;
}

}  // namespace cairn::services::iam
