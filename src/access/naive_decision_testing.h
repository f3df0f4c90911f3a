// The second opinion, continued: statements, principals and the decision. See naive_testing.h.
#pragma once

#include "access/naive_testing.h"

namespace cairn::access::naive {

struct Request {
  Principal who;
  std::string action;
  std::string resource;
  Keys keys;
};

inline bool listed(const Texts& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

// By what he is named.
struct Naming {
  bool self = false;
  bool issuer = false;
  bool account = false;
};

inline Naming naming(const value& principal, const Principal& who) {
  if (principal.is_string()) {
    return {true, true, true};  // "*"
  }
  const bool session = who.kind == PrincipalKind::session || who.kind == PrincipalKind::federated;
  Naming named;
  for (const auto& [kind, names] : principal.get_object()) {
    for (const auto& name : texts_of(names)) {
      if (kind == "Service") {
        named.self |= who.kind == PrincipalKind::service && name == who.name;
      } else if (kind == "CanonicalUser") {
        named.account |= !who.account.empty() && name == canonical_user_id(who.account);
      } else if (kind != "AWS") {
        continue;
      } else if (name == "*") {
        return {true, true, true};
      } else if (who.kind == PrincipalKind::service || who.kind == PrincipalKind::anonymous) {
        continue;
      } else {
        named.account |= name == who.account || name == "arn:aws:iam::" + who.account + ":root";
        named.self |= (name == who.arn && who.kind != PrincipalKind::root) ||
                      (who.kind == PrincipalKind::user && name == who.id);
        named.issuer |= session && name == who.issuer;
        named.issuer |= who.kind == PrincipalKind::session && name == who.id.substr(0, who.id.find(':'));
      }
    }
  }
  named.self |= who.kind == PrincipalKind::root && named.account;
  return named;
}

enum class Says { nothing, account, issuer, allow, deny };

inline Says to_him(const object& statement, const Principal& who) {
  const bool allows = statement.at("Effect") == "Allow";
  if (const auto* principal = statement.if_contains("Principal")) {
    const auto named = naming(*principal, who);
    if (!named.self && !named.issuer && !named.account) {
      return Says::nothing;
    }
    return !allows ? Says::deny : named.self ? Says::allow : named.issuer ? Says::issuer : Says::account;
  }
  if (const auto* principal = statement.if_contains("NotPrincipal")) {
    const auto named = naming(*principal, who);
    if (allows) {
      return named.self || named.issuer || named.account ? Says::nothing : Says::allow;
    }
    const bool session = who.kind == PrincipalKind::session || who.kind == PrincipalKind::federated;
    const bool alone = who.kind == PrincipalKind::service || who.kind == PrincipalKind::anonymous;
    const bool spared = named.self && (!session || named.issuer) && (alone || named.account);
    return spared ? Says::nothing : Says::deny;
  }
  return allows ? Says::allow : Says::deny;
}

inline bool concerns(const object& statement, const Request& request, bool variables, bool allows) {
  const auto* action = statement.if_contains("Action");
  bool found = false;
  for (const auto& text : texts_of(action != nullptr ? *action : statement.at("NotAction"))) {
    found |= matches(expanded(lower(text), false, {}, true), lower(request.action));
  }
  if (found != (action != nullptr)) {
    return false;
  }
  const auto* resource = statement.if_contains("Resource");
  const auto* others = statement.if_contains("NotResource");
  if (resource == nullptr && others == nullptr) {
    return true;  // a role's trust
  }
  found = false;
  for (const auto& text : texts_of(resource != nullptr ? *resource : *others)) {
    const auto pattern = expanded(text, variables, request.keys, true, true);
    if (!pattern && resource == nullptr && allows) {
      return false;
    }
    found |= matches(pattern, request.resource);
  }
  return found == (resource != nullptr);
}

inline Says judged(const object& statement, const Request& request, bool variables) {
  const auto says = to_him(statement, request.who);
  const bool allows = says != Says::deny;
  if (says == Says::nothing || !concerns(statement, request, variables, allows)) {
    return Says::nothing;
  }
  const auto* block = statement.if_contains("Condition");
  for (const auto& [op, keys] : block != nullptr ? block->get_object() : object()) {
    for (const auto& [key, values] : keys.get_object()) {
      if (!condition_holds(std::string(op), key, texts_of(values), request.keys, variables, allows)) {
        return Says::nothing;
      }
    }
  }
  return says;
}

inline Says says(const value& document, const Request& request) {
  const auto* version = document.get_object().if_contains("Version");
  const bool variables = version != nullptr && *version == "2012-10-17";
  auto strongest = Says::nothing;
  const auto& statements = document.at("Statement");
  const auto* list = statements.if_array();
  for (std::size_t i = 0; i < (list != nullptr ? list->size() : 1); ++i) {
    const auto& statement = list != nullptr ? (*list)[i] : statements;
    strongest = std::max(strongest, judged(statement.get_object(), request, variables));
  }
  return strongest;
}

inline Keys whole_keys(const Context& of_request, const Context& of_caller, const Principal& who,
                       const std::string& resource_account) {
  Keys keys;
  for (const auto& name : of_request.keys()) {
    const auto key = lower(name);
    const bool his = key.starts_with("aws:principal") || key == "aws:userid" || key == "aws:username" ||
                     key == "aws:sourcearn" || key == "aws:sourceaccount" ||
                     key.starts_with("aws:sourceorg") || key == "aws:sourceidentity" ||
                     key == "aws:tokenissuetime" || key.starts_with("aws:multifactorauth") ||
                     key == "aws:federatedprovider" || key == "aws:calledvia" || key == "aws:viaawsservice" ||
                     key == "aws:resourceaccount";
    if (!his) {
      keys[key] = *of_request.find(name);
    }
  }
  for (const auto& name : of_caller.keys()) {
    keys[lower(name)] = *of_caller.find(name);
  }
  keys.try_emplace("aws:viaawsservice", Context::Values{"false"});
  if (!resource_account.empty()) {
    keys["aws:resourceaccount"] = {resource_account};
  }
  if (who.kind == PrincipalKind::service) {
    keys["aws:principalisawsservice"] = {"true"};
    keys["aws:principalservicename"] = keys["aws:principalservicenameslist"] = {who.name};
    return keys;
  }
  static const std::map<PrincipalKind, std::string> types = {{PrincipalKind::anonymous, "Anonymous"},
                                                             {PrincipalKind::root, "Account"},
                                                             {PrincipalKind::user, "User"},
                                                             {PrincipalKind::session, "AssumedRole"},
                                                             {PrincipalKind::federated, "FederatedUser"}};
  keys["aws:principaltype"] = {types.at(who.kind)};
  const bool anonymous = who.kind == PrincipalKind::anonymous;
  keys["aws:principalaccount"] = {anonymous ? "anonymous" : who.account};
  keys["aws:userid"] = {anonymous ? "anonymous" : who.id};
  if (!anonymous) {
    keys["aws:principalisawsservice"] = {"false"};
    keys["aws:principalarn"] = {who.kind == PrincipalKind::session ? who.issuer : who.arn};
  }
  if (who.kind == PrincipalKind::user) {
    keys["aws:username"] = {who.name};
  }
  return keys;
}

struct Answer {
  bool allowed;
  bool denied;  // explicitly
  friend bool operator==(const Answer&, const Answer&) = default;
};

struct Documents {
  std::optional<value> identity, boundary, session, resource;
  bool session_of_nothing = false;  // a session policy list that is there and empty
};

// What the documents say, in AWS's order.
inline Answer answer(const Documents& on, const Request& request, const std::string& resource_account,
                     bool resource_rules) {
  const auto ask = [&](const std::optional<value>& document) {
    return document ? says(*document, request) : Says::nothing;
  };
  const auto resource = ask(on.resource);
  for (const auto say : {resource, ask(on.identity), ask(on.boundary), ask(on.session)}) {
    if (say == Says::deny) {
      return {false, true};
    }
  }
  const auto& who = request.who;
  if (who.kind == PrincipalKind::service || who.kind == PrincipalKind::anonymous) {
    return {resource == Says::allow, false};
  }
  const bool same = resource_account.empty() || resource_account == who.account;
  if (same && resource == Says::allow) {
    return {true, false};
  }
  if ((!same || resource_rules) && resource == Says::nothing) {
    return {false, false};
  }
  const bool of_root = who.kind == PrincipalKind::root ||
                       (who.kind == PrincipalKind::federated && who.issuer.ends_with(":root"));
  const bool granted = ask(on.identity) == Says::allow || of_root || (same && resource == Says::issuer);
  const bool in_boundary = !on.boundary || ask(on.boundary) == Says::allow;
  const bool in_session = !on.session_of_nothing && (!on.session || ask(on.session) == Says::allow);
  return {granted && in_boundary && in_session, false};
}

}  // namespace cairn::access::naive
