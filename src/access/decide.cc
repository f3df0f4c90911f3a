#include <algorithm>
#include <array>

#include "access/access.h"
#include "aws/ids.h"

namespace cairn::access {

namespace {

// What only the caller himself, or who answers for him, can bring about: never taken from a request.
constexpr std::array<std::string_view, 22> kCallerKeys = {"aws:PrincipalArn",
                                                          "aws:PrincipalAccount",
                                                          "aws:PrincipalType",
                                                          "aws:PrincipalIsAWSService",
                                                          "aws:PrincipalServiceName",
                                                          "aws:PrincipalServiceNamesList",
                                                          "aws:PrincipalOrgID",
                                                          "aws:PrincipalOrgPaths",
                                                          "aws:username",
                                                          "aws:userid",
                                                          "aws:SourceArn",
                                                          "aws:SourceAccount",
                                                          "aws:SourceOrgID",
                                                          "aws:SourceOrgPaths",
                                                          "aws:SourceIdentity",
                                                          "aws:TokenIssueTime",
                                                          "aws:MultiFactorAuthPresent",
                                                          "aws:MultiFactorAuthAge",
                                                          "aws:FederatedProvider",
                                                          "aws:CalledVia",
                                                          "aws:ViaAWSService",
                                                          "aws:ResourceAccount"};
constexpr std::string_view kPrincipalTags = "aws:PrincipalTag/";

std::string_view principal_type(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::anonymous:
      return "Anonymous";
    case PrincipalKind::root:
      return "Account";
    case PrincipalKind::user:
      return "User";
    case PrincipalKind::session:
      return "AssumedRole";
    case PrincipalKind::federated:
      return "FederatedUser";
    case PrincipalKind::service:
      return {};
  }
  return {};
}

// A session goes by its role: arn:aws:sts::A:assumed-role/ROLE/SESSION is arn:aws:iam::A:role/ROLE.
std::string principal_arn(const Principal& principal) {
  if (principal.kind == PrincipalKind::session && !principal.issuer.empty()) {
    return principal.issuer;
  }
  const auto arn = aws::Arn::parse(principal.arn);
  if (principal.kind != PrincipalKind::session || !arn || arn->resource_type() != "assumed-role") {
    return principal.arn;
  }
  const auto role = arn->resource_id().substr(0, arn->resource_id().find('/'));
  return "arn:" + std::string(arn->partition()) + ":iam::" + std::string(arn->account()) + ":role/" +
         std::string(role);
}

void add_caller_keys(Context& context, const Principal& principal) {
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) {
      context.set(key, {std::string(value)});
    }
  };
  const bool service = principal.kind == PrincipalKind::service;
  const bool anonymous = principal.kind == PrincipalKind::anonymous;
  if (context.find("aws:ViaAWSService") == nullptr) {  // whom a service asks for says so himself
    add("aws:ViaAWSService", "false");
  }
  add("aws:PrincipalIsAWSService", service ? "true" : anonymous ? "" : "false");
  if (service) {
    add("aws:PrincipalServiceName", principal.name);
    add("aws:PrincipalServiceNamesList", principal.name);
    return;
  }
  add("aws:PrincipalArn", principal_arn(principal));
  add("aws:PrincipalAccount", anonymous ? "anonymous" : principal.account);
  add("aws:PrincipalType", principal_type(principal.kind));
  add("aws:userid", anonymous ? "anonymous" : principal.id);
  add("aws:username", principal.kind == PrincipalKind::user ? principal.name : std::string());
}

Verdict strongest_of(const Policies& policies, const Question& question) {
  auto strongest = Verdict::none;
  for (const auto& policy : policies) {
    strongest = std::max(strongest, policy->evaluate(question));
  }
  return strongest;
}

// Root, and whom root federated, need no identity policy.
bool is_unbound(const Principal& principal) {
  return principal.kind == PrincipalKind::root ||
         (principal.kind == PrincipalKind::federated && principal.issuer.ends_with(":root"));
}

// What each kind of policy says. A limit that is not there allows.
struct Verdicts {
  Verdict resource = Verdict::none;
  Verdict identity = Verdict::none;
  Verdict boundary = Verdict::allow;
  Verdict session = Verdict::allow;
};

Verdicts verdicts_on(const Caller& caller, const Ask& ask, const Question& question) {
  Verdicts say;
  if (ask.resource_policy) {
    say.resource = ask.resource_policy->evaluate(question);
  }
  say.identity = strongest_of(caller.policies, question);
  if (is_unbound(caller.principal)) {
    say.identity = std::max(say.identity, Verdict::allow);
  }
  if (caller.boundary) {
    say.boundary = caller.boundary->evaluate(question);
  }
  if (caller.session_policies) {
    say.session = strongest_of(*caller.session_policies, question);
  }
  return say;
}

Decision allowed() {
  return {.allowed = true};
}

Decision denied_explicitly(std::string_view whose) {
  return {.explicit_deny = true, .reason = "with an explicit deny in " + std::string(whose)};
}

Decision denied_implicitly(std::string_view whose, const Ask& ask) {
  return {.reason = "because no " + std::string(whose) + " allows the " + ask.action + " action"};
}

std::optional<Decision> explicit_deny(const Verdicts& say, const Ask& ask) {
  if (say.resource == Verdict::deny) {
    return denied_explicitly("a " + ask.resource_policy_name + " policy");
  }
  if (say.identity == Verdict::deny) {
    return denied_explicitly("an identity-based policy");
  }
  if (say.boundary == Verdict::deny) {
    return denied_explicitly("a permissions boundary");
  }
  return say.session == Verdict::deny ? std::optional(denied_explicitly("a session policy")) : std::nullopt;
}

// The caller's own side: what his identity policies allow, or, within one account, what a resource policy
// allows to the role or user whose session he is; and no further than his boundary and his session policies.
Decision of_the_callers_account(const Verdicts& say, bool same_account, const Ask& ask) {
  const bool granted =
      say.identity == Verdict::allow || (same_account && say.resource == Verdict::allow_issuer);
  if (!granted) {
    return denied_implicitly("identity-based policy", ask);
  }
  if (say.boundary != Verdict::allow) {
    return denied_implicitly("permissions boundary", ask);
  }
  return say.session == Verdict::allow ? allowed() : denied_implicitly("session policy", ask);
}

}  // namespace

void add_request_keys(Context& context, const RequestFacts& facts) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(facts.time).time_since_epoch().count();
  context.set("aws:CurrentTime", {rfc3339(facts.time)});
  context.set("aws:EpochTime", {std::to_string(seconds)});
  context.set("aws:SecureTransport", {facts.secure ? "true" : "false"});
  const auto set_known = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) {
      context.set(key, {std::string(value)});
    }
  };
  set_known("aws:SourceIp", facts.source_address);
  set_known("aws:UserAgent", facts.user_agent);
  set_known("aws:Referer", facts.referer);
  set_known("aws:RequestedRegion", facts.region);
}

void add_request_tag(Context& context, std::string_view key, std::string_view value) {
  context.add("aws:RequestTag/" + std::string(key), value);
  context.add("aws:TagKeys", key);
}

void add_resource_tag(Context& context, std::string_view key, std::string_view value) {
  context.add("aws:ResourceTag/" + std::string(key), value);
}

Context whole_context(const Caller& caller, const Ask& ask) {
  auto context = ask.context;
  for (const auto key : kCallerKeys) {
    context.erase(key);
  }
  context.erase_all(kPrincipalTags);
  context.override_with(caller.context);
  add_caller_keys(context, caller.principal);
  if (!ask.resource_account.empty()) {
    context.add("aws:ResourceAccount", ask.resource_account);
  }
  return context;
}

Decision decide(const Caller& caller, const Ask& ask) {
  const auto& principal = caller.principal;
  const auto context = whole_context(caller, ask);
  const Question question{principal, ask.action, ask.resource, context};
  const auto say = verdicts_on(caller, ask, question);
  if (auto denied = explicit_deny(say, ask)) {
    return *std::move(denied);
  }
  const auto resource_policy = ask.resource_policy_name + " policy";
  if (!principal.of_an_account()) {  // a service, an anonymous caller
    return say.resource == Verdict::allow ? allowed() : denied_implicitly(resource_policy, ask);
  }
  const bool same_account = ask.resource_account.empty() || ask.resource_account == principal.account;
  if (same_account && say.resource == Verdict::allow) {
    return allowed();  // he himself is let in, or everyone is: nothing but an explicit deny limits that
  }
  if ((!same_account || ask.resource_policy_rules) && say.resource == Verdict::none) {
    return denied_implicitly(resource_policy, ask);
  }
  return of_the_callers_account(say, same_account, ask);
}

}  // namespace cairn::access
