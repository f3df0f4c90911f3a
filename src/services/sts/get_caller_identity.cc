#include "services/sts/operations.h"

namespace cairn::services::sts {

// All of it is in the signature's key, which the front has looked up.
Task<Answer> get_caller_identity(const Dependencies& /*on*/, Call& call) {
  Outcome outcome;
  outcome.output["UserId"] = call.caller.principal.id;
  outcome.output["Account"] = call.account;
  outcome.output["Arn"] = call.caller.principal.arn;
  co_return outcome;
}

}  // namespace cairn::services::sts
