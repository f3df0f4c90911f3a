// GetSessionToken and GetFederationToken: a user's own session, and one for somebody he vouches for. Tested
// by assume_role_test.cc.
#include <algorithm>

#include "access/access.h"
#include "services/sts/operations.h"

namespace cairn::services::sts {

namespace {

using access::PrincipalKind;
using std::chrono::seconds;

constexpr seconds kUserDuration{43200};
constexpr seconds kRootDurationMax{3600};

// Long-term credentials alone: of a user, or of root.
Found<void> check_long_term(const Call& call) {
  const auto& who = call.caller.principal;
  const bool own = who.kind == PrincipalKind::user || who.kind == PrincipalKind::root;
  if (!own || who.session != nullptr) {
    return fault::denied("Cannot call " + call.operation.name + " with session credentials");
  }
  return {};
}

// Root's last an hour at most, whatever is asked for.
access::Session session_of_caller(const Call& call, access::SessionKind kind) {
  const auto& who = call.caller.principal;
  const bool root = who.kind == PrincipalKind::root;
  const auto asked = duration_of(call, kUserDuration);
  const auto issued = whole_seconds(call.time);
  return {.kind = kind,
          .account = who.account,
          .owner = root ? std::string() : who.name,
          .owner_id = who.id,
          .name = {},
          .issued = issued,
          .expires = issued + (root ? std::min(asked, kRootDurationMax) : asked)};
}

std::string federated_arn(const Call& call) {
  return "arn:aws:sts::" + call.account + ":federated-user/" + text(call, "Name");
}

}  // namespace

// No policy decides about it, as in AWS: it gives nobody more than he has.
Task<Asks> get_session_token_asks(const Dependencies& /*on*/, Call& call) {
  CAIRN_CO_TRY_VOID(check_long_term(call));
  co_return std::vector<access::Ask>();
}

Task<Answer> get_session_token(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(refuse_unknown_arguments(call));
  Outcome outcome;
  CAIRN_CO_TRY_VOID(issue(on, session_of_caller(call, access::SessionKind::user), outcome.output));
  co_return outcome;
}

Task<Asks> get_federation_token_asks(const Dependencies& /*on*/, Call& call) {
  CAIRN_CO_TRY_VOID(check_long_term(call));
  access::Ask ask;
  ask.action = "sts:GetFederationToken";
  ask.resource = federated_arn(call);
  ask.resource_account = call.account;
  add_tag_keys(call, ask.context);
  std::vector<access::Ask> all{ask};
  if (has_tags(call)) {
    ask.action = "sts:TagSession";
    all.push_back(ask);
  }
  co_return all;
}

// What no session policy allows, a federated user may not.
Task<Answer> get_federation_token(const Dependencies& on, Call& call) {
  auto session = session_of_caller(call, access::SessionKind::federated);
  session.name = text(call, "Name");
  CAIRN_CO_TRY_VOID(co_await take_policies(on, call, call.account, session));
  CAIRN_CO_TRY_VOID(take_tags(call, session));
  session.limited = true;
  Outcome outcome;
  CAIRN_CO_TRY_VOID(issue(on, session, outcome.output));
  boost::json::object user;
  user["FederatedUserId"] = call.account + ":" + session.name;
  user["Arn"] = federated_arn(call);
  outcome.output["FederatedUser"] = std::move(user);
  if (!outcome.output.contains("PackedPolicySize")) {
    outcome.output["PackedPolicySize"] = 0;
  }
  co_return outcome;
}

}  // namespace cairn::services::sts
