#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

// The root of an account has neither name nor path.
Task<Answer> get_root(const Dependencies& on, const Call& call) {
  CAIRN_CO_TRY(const auto account, co_await find_account(on, call));
  boost::json::object user;
  user["UserId"] = call.account;
  user["Arn"] = call.caller.principal.arn;
  user["CreateDate"] = seconds(account.value.created);
  Outcome outcome;
  outcome.output["User"] = std::move(user);
  co_return outcome;
}

}  // namespace

Task<Answer> get_user(const Dependencies& on, Call& call) {
  if (!call.input.contains("UserName") && call.caller.principal.kind == access::PrincipalKind::root) {
    co_return co_await get_root(on, call);
  }
  CAIRN_CO_TRY(auto name, user_name_of(call));
  CAIRN_CO_TRY(const auto user, co_await find_user(on, call, std::move(name)));
  Outcome outcome;
  outcome.output["User"] = shown_user(user.value);
  co_return outcome;
}

}  // namespace cairn::services::iam
