#include <algorithm>
#include <array>

#include "access/access.h"
#include "aws/ids.h"

namespace cairn::access {

namespace {

// What only the caller himself can bring about: never taken from a request.
constexpr std::array<std::string_view, 11> kCallerKeys = {"aws:PrincipalArn",
                                                          "aws:PrincipalAccount",
                                                          "aws:PrincipalType",
                                                          "aws:PrincipalIsAWSService",
                                                          "aws:PrincipalServiceName",
                                                          "aws:PrincipalServiceNamesList",
                                                          "aws:username",
                                                          "aws:userid",
                                                          "aws:SourceArn",
                                                          "aws:SourceAccount",
                                                          "aws:ResourceAccount"};

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
    case PrincipalKind::service:
      return {};
  }
  return {};
}

// A session goes by its role: arn:aws:sts::A:assumed-role/ROLE/SESSION is arn:aws:iam::A:role/ROLE.
std::string principal_arn(const Principal& principal) {
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
      context.add(key, value);
    }
  };
  const bool service = principal.kind == PrincipalKind::service;
  add("aws:PrincipalIsAWSService", service ? "true" : "false");
  if (service) {
    add("aws:PrincipalServiceName", principal.name);
    add("aws:PrincipalServiceNamesList", principal.name);
    return;
  }
  add("aws:PrincipalArn", principal_arn(principal));
  add("aws:PrincipalAccount", principal.account);
  add("aws:PrincipalType", principal_type(principal.kind));
  add("aws:userid", principal.kind == PrincipalKind::anonymous ? "anonymous" : principal.id);
  add("aws:username", principal.kind == PrincipalKind::user ? principal.name : std::string());
}

Context whole_context(const Caller& caller, const Ask& ask) {
  auto context = ask.context;
  for (const auto key : kCallerKeys) {
    context.erase(key);
  }
  context.override_with(caller.context);
  add_caller_keys(context, caller.principal);
  if (!ask.resource_account.empty()) {
    context.add("aws:ResourceAccount", ask.resource_account);
  }
  return context;
}

Verdict identity_verdict(const Caller& caller, const Question& question) {
  auto strongest = caller.principal.kind == PrincipalKind::root ? Verdict::allow : Verdict::none;
  for (const auto& policy : caller.policies) {
    strongest = std::max(strongest, policy->evaluate(question));
  }
  return strongest;
}

Decision allowed() {
  return {.allowed = true};
}

Decision denied_explicitly(std::string_view kind) {
  return {.explicit_deny = true, .reason = "with an explicit deny in " + std::string(kind) + " policy"};
}

Decision denied_implicitly(std::string_view kind, const Ask& ask) {
  return {.reason = "because no " + std::string(kind) + " policy allows the " + ask.action + " action"};
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
  set_known("aws:RequestedRegion", facts.region);
}

Decision decide(const Caller& caller, const Ask& ask) {
  const auto& principal = caller.principal;
  const auto context = whole_context(caller, ask);
  const Question question{principal, ask.action, ask.resource, context};
  const auto identity = identity_verdict(caller, question);
  const auto resource = ask.resource_policy ? ask.resource_policy->evaluate(question) : Verdict::none;
  if (resource == Verdict::deny) {
    return denied_explicitly("a resource-based");
  }
  if (identity == Verdict::deny) {
    return denied_explicitly("an identity-based");
  }
  if (resource == Verdict::allow && !principal.of_an_account()) {
    return allowed();
  }
  if (!principal.of_an_account()) {  // a service, an anonymous caller
    return denied_implicitly("resource-based", ask);
  }
  const bool same_account = ask.resource_account.empty() || ask.resource_account == principal.account;
  if (same_account && resource == Verdict::allow) {
    return allowed();
  }
  if ((!same_account || ask.resource_policy_rules) && resource == Verdict::none) {
    return denied_implicitly("resource-based", ask);
  }
  return identity == Verdict::allow ? allowed() : denied_implicitly("identity-based", ask);
}

}  // namespace cairn::access
