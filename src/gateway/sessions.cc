// Tested by sessions_test.cc and conformance/test_gateway_sessions.py.
#include "gateway/sessions.h"

#include <algorithm>

#include "aws/ids.h"
#include "aws/xml_form.h"
#include "base/bytes.h"
#include "json/json.h"

namespace cairn::gateway {
namespace {

// What is longer than AWS makes it is not kept.
constexpr std::size_t kKeyBytesMax = 256;
constexpr std::size_t kTokenBytesMax = 8192;
constexpr std::size_t kNameBytesMax = 64;  // of a session, of a source identity
constexpr std::size_t kIdentityBytesMax = 4096;
constexpr Millis kLifetimeMax = std::chrono::hours(36);

crypto::Secret secret_of(std::string_view text) {
  return crypto::Secret(std::as_bytes(std::span(text)));
}

std::string text_in(const json::object& object, std::string_view member) {
  return std::string(json::find_string(object, member).value_or(""));
}

// "assumed-role/path/Falcon" and "nightly" of "assumed-role/path/Falcon/nightly".
std::pair<std::string_view, std::string_view> split_last(std::string_view resource) {
  const auto slash = resource.rfind('/');
  return slash == resource.npos ? std::pair(std::string_view(), resource)
                                : std::pair(resource.substr(0, slash), resource.substr(slash + 1));
}

std::string last_word(std::string_view resource) {
  return std::string(split_last(resource).second);
}

// Whether STS looked at the code of a device, its answer does not say.
json::object attributes(const Issue& issue) {
  return {{"creationDate", rfc3339(issue.now)}, {"mfaAuthenticated", "false"}};
}

json::object issuer_of(std::string type, std::string_view id, std::string_view arn, std::string_view account,
                       std::string name) {
  json::object issuer{{"type", std::move(type)}, {"principalId", id}, {"arn", arn}, {"accountId", account}};
  if (!name.empty()) {
    issuer["userName"] = std::move(name);
  }
  return issuer;
}

// Ceph and MinIO call it AssumeRoleId, which AWS's model does not know.
std::string role_id(const json::object& user, const Issue& issue) {
  auto id = text_in(user, "AssumedRoleId");
  if (!id.empty()) {
    return id;
  }
  const std::string operation(issue.operation);
  const auto form = aws::xml_form(issue.answer);
  const auto* at = &form;
  for (const auto& name : {operation + "Response", operation + "Result", std::string("AssumedRoleUser")}) {
    at = at == nullptr ? nullptr : json::find_object(*at, name);
  }
  return at == nullptr ? id : text_in(*at, "AssumeRoleId");
}

// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, AROA…:SESSION. Ceph keeps the role's path before ROLE.
std::optional<event::Identity> assumed(const Issue& issue) {
  const auto* const user = json::find_object(issue.output, "AssumedRoleUser");
  const auto arn = user != nullptr ? aws::Arn::parse(text_in(*user, "Arn")) : Error{Errc::invalid, "no user"};
  const auto role = aws::Arn::parse(text_in(issue.input, "RoleArn"));
  if (!arn || !role) {
    return std::nullopt;
  }
  const auto [role_part, session_name] = split_last(arn->resource());
  const auto role_name = last_word(role_part);
  auto source = text_in(issue.output, "SourceIdentity");
  const bool is_it = role_name == last_word(role->resource()) && arn->account() == role->account();
  if (!is_it || session_name.size() > kNameBytesMax || source.size() > kNameBytesMax) {
    return std::nullopt;
  }
  event::Identity identity;
  identity.type = "AssumedRole";
  identity.principal_id = role_id(*user, issue);
  identity.arn = arn->text();
  identity.account_id = arn->account();
  const auto id = identity.principal_id.substr(0, identity.principal_id.find(':'));
  identity.session_context =
      json::object{{"sessionIssuer", issuer_of("Role", id, role->text(), role->account(), role_name)},
                   {"attributes", attributes(issue)}};
  if (!source.empty()) {
    (*identity.session_context)["sourceIdentity"] = std::move(source);
  }
  return identity;
}

std::optional<event::Identity> federated(const Issue& issue) {
  const auto* const user = json::find_object(issue.output, "FederatedUser");
  const auto arn = user != nullptr ? aws::Arn::parse(text_in(*user, "Arn")) : Error{Errc::invalid, "no user"};
  if (!arn || last_word(arn->resource()).size() > kNameBytesMax) {
    return std::nullopt;
  }
  const auto& by = issue.caller;
  event::Identity identity;
  identity.type = "FederatedUser";
  identity.principal_id = text_in(*user, "FederatedUserId");
  identity.arn = arn->text();
  identity.account_id = arn->account();
  identity.session_context = json::object{
      {"sessionIssuer", issuer_of(by.type, by.principal_id, by.arn, by.account_id, by.user_name)},
      {"attributes", attributes(issue)}};
  return identity;
}

event::Identity same_user(const Issue& issue) {
  auto identity = issue.caller;
  identity.session_context = json::object{{"attributes", attributes(issue)}};
  return identity;
}

bool assumes_role(const Issue& issue) {  // …WithSAML, …WithWebIdentity
  return issue.operation.starts_with("AssumeRole");
}

std::optional<event::Identity> identity_of(const Issue& issue) {
  if (assumes_role(issue)) {
    return assumed(issue);
  }
  if (issue.caller.session_context) {  // AWS gives these to nobody who has temporary credentials already
    return std::nullopt;
  }
  if (issue.operation == "GetFederationToken") {
    return federated(issue);
  }
  return issue.operation == "GetSessionToken" ? std::optional(same_user(issue)) : std::nullopt;
}

bool is_of_usual_size(const event::Identity& who) {
  const json::object all{{"principalId", who.principal_id}, {"arn", who.arn},
                         {"accountId", who.account_id},     {"accessKeyId", who.access_key_id},
                         {"userName", who.user_name},       {"sessionContext", *who.session_context}};
  return json::serialize(all).size() <= kIdentityBytesMax;
}

// Nothing: there is no time in it.
std::optional<Time> expiry_of(const json::object& credentials, Time now) {
  const auto seconds = json::find_number(credentials, "Expiration").value_or(0);
  const auto last = now + kLifetimeMax;
  const double millis = std::min(seconds * 1000, static_cast<double>(last.time_since_epoch().count()));
  return seconds > 0 ? std::optional(Time{Millis{static_cast<std::int64_t>(millis)}}) : std::nullopt;
}

}  // namespace

std::optional<Session> session_of(const Issue& issue) {
  const auto* const credentials = json::find_object(issue.output, "Credentials");
  auto identity = credentials == nullptr ? std::nullopt : identity_of(issue);
  if (!identity || identity->principal_id.empty()) {
    return std::nullopt;
  }
  auto key = text_in(*credentials, "AccessKeyId");
  const auto secret = json::find_string(*credentials, "SecretAccessKey").value_or("");
  const auto token = json::find_string(*credentials, "SessionToken").value_or("");
  const auto expires = expiry_of(*credentials, issue.now);
  identity->access_key_id = key;
  const bool whole = !key.empty() && !secret.empty() && !token.empty() && expires;
  const bool sized = key.size() <= kKeyBytesMax && secret.size() <= kKeyBytesMax &&
                     token.size() <= kTokenBytesMax && is_of_usual_size(*identity);
  if (!whole || !sized) {
    return std::nullopt;
  }
  const auto& caller = issue.caller;
  return Session{.access_key = std::move(key),
                 .secret = secret_of(secret),
                 .token = secret_of(token),
                 .expires = *expires,
                 .identity = *std::move(identity),
                 .upstream = std::string(issue.upstream),
                 .asked_by = caller.account_id.empty() ? caller.access_key_id : caller.account_id,
                 .owner = assumes_role(issue) ? std::string() : caller.access_key_id};
}

void Sessions::learn(Session session, Time now) {
  const std::lock_guard lock(mutex_);
  while (!ends_.empty() && ends_.begin()->first <= now) {
    forget(ends_.begin()->second);
  }
  if (const auto known = by_key_.find(session.access_key); known != by_key_.end()) {
    if (!(known->second->secret == session.secret)) {
      return;
    }
    forget(session.access_key);
  }
  if (const auto share = shares_.find(session.asked_by);
      share != shares_.end() && share->second.size() >= kShareMax) {
    forget(share->second.begin()->second);
  }
  if (ends_.size() >= kSessionsMax) {
    forget(ends_.begin()->second);
  }
  ends_.emplace(session.expires, session.access_key);
  shares_[session.asked_by].emplace(session.expires, session.access_key);
  auto key = session.access_key;
  by_key_.emplace(std::move(key), std::make_shared<const Session>(std::move(session)));
}

// Under the lock; the key is known.
void Sessions::forget(std::string access_key) {
  const auto known = by_key_.find(access_key);
  const std::pair end(known->second->expires, std::move(access_key));
  const auto share = shares_.find(known->second->asked_by);
  ends_.erase(end);
  share->second.erase(end);
  if (share->second.empty()) {
    shares_.erase(share);
  }
  by_key_.erase(known);
}

std::shared_ptr<const Session> Sessions::find(std::string_view access_key, std::string_view token) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(access_key);
  const bool is_his = known != by_key_.end() && crypto::constant_time_equal(known->second->token.bytes(),
                                                                            std::as_bytes(std::span(token)));
  return is_his ? known->second : nullptr;
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return by_key_.size();
}

}  // namespace cairn::gateway
