// Tested by sessions_test.cc and conformance/test_gateway_sessions.py.
#include "gateway/sessions.h"

#include <cmath>

#include "aws/ids.h"
#include "base/bytes.h"
#include "json/json.h"

namespace cairn::gateway {
namespace {

// What is longer than AWS makes it is not kept.
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kIdBytesMax = 2048;
constexpr std::size_t kTokenBytesMax = 8192;

crypto::Secret secret_of(std::string_view text) {
  return crypto::Secret(std::as_bytes(std::span(text)));
}

std::string text_in(const json::object& object, std::string_view member) {
  return std::string(json::find_string(object, member).value_or(""));
}

// "Falcon" of "arn:aws:iam::210987654321:role/path/Falcon".
std::string last_word(std::string_view resource) {
  return std::string(resource.substr(resource.rfind('/') + 1));
}

// STS took the code of a device, where one was sent.
json::object attributes(const Issue& issue) {
  const bool mfa = !text_in(issue.input, "TokenCode").empty();
  return {{"creationDate", rfc3339(issue.now)}, {"mfaAuthenticated", mfa ? "true" : "false"}};
}

json::object issuer_of(std::string type, std::string_view id, std::string_view arn, std::string_view account,
                       std::string name) {
  json::object issuer{{"type", std::move(type)}, {"principalId", id}, {"arn", arn}, {"accountId", account}};
  if (!name.empty()) {
    issuer["userName"] = std::move(name);
  }
  return issuer;
}

// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, AROA…:SESSION
std::optional<event::Identity> assumed(const Issue& issue) {
  const auto* const user = json::find_object(issue.output, "AssumedRoleUser");
  const auto arn = user != nullptr ? aws::Arn::parse(text_in(*user, "Arn")) : Error{Errc::invalid, "no user"};
  const auto role = aws::Arn::parse(text_in(issue.input, "RoleArn"));
  if (!arn || !role) {
    return std::nullopt;
  }
  event::Identity identity;
  identity.type = "AssumedRole";
  identity.principal_id = text_in(*user, "AssumedRoleId");
  identity.arn = arn->text();
  identity.account_id = arn->account();
  const auto role_id = identity.principal_id.substr(0, identity.principal_id.find(':'));
  identity.session_context =
      json::object{{"sessionIssuer",
                    issuer_of("Role", role_id, role->text(), role->account(), last_word(role->resource()))},
                   {"attributes", attributes(issue)}};
  if (auto source = text_in(issue.input, "SourceIdentity"); !source.empty()) {
    (*identity.session_context)["sourceIdentity"] = std::move(source);
  }
  return identity;
}

std::optional<event::Identity> federated(const Issue& issue) {
  const auto* const user = json::find_object(issue.output, "FederatedUser");
  const auto arn = user != nullptr ? aws::Arn::parse(text_in(*user, "Arn")) : Error{Errc::invalid, "no user"};
  if (!arn) {
    return std::nullopt;
  }
  event::Identity identity;
  identity.type = "FederatedUser";
  identity.principal_id = text_in(*user, "FederatedUserId");
  identity.arn = arn->text();
  identity.account_id = arn->account();
  identity.session_context = json::object{{"attributes", attributes(issue)}};
  if (const auto& by = issue.caller; !by.arn.empty()) {
    (*identity.session_context)["sessionIssuer"] =
        issuer_of(by.type, by.principal_id, by.arn, by.account_id, by.user_name);
  }
  return identity;
}

std::optional<event::Identity> same_user(const Issue& issue) {
  auto identity = issue.caller;
  identity.session_context = json::object{{"attributes", attributes(issue)}};
  return identity;
}

std::optional<event::Identity> identity_of(const Issue& issue) {
  if (issue.operation.starts_with("AssumeRole")) {  // …WithSAML, …WithWebIdentity
    return assumed(issue);
  }
  if (issue.operation == "GetFederationToken") {
    return federated(issue);
  }
  return issue.operation == "GetSessionToken" ? same_user(issue) : std::nullopt;
}

}  // namespace

std::optional<Session> session_of(const Issue& issue) {
  const auto* const credentials = json::find_object(issue.output, "Credentials");
  if (credentials == nullptr) {
    return std::nullopt;
  }
  auto identity = identity_of(issue);
  const auto* const expires = credentials->if_contains("Expiration");
  const auto seconds = expires != nullptr && expires->is_number() ? expires->to_number<double>() : 0.0;
  constexpr double kSecondsMax = 1e11;
  auto key = text_in(*credentials, "AccessKeyId");
  const auto secret = json::find_string(*credentials, "SecretAccessKey").value_or("");
  const auto token = json::find_string(*credentials, "SessionToken").value_or("");
  const bool whole = identity && !key.empty() && !secret.empty() && !token.empty();
  const bool sized = whole && key.size() <= kNameBytesMax && secret.size() <= kNameBytesMax &&
                     token.size() <= kTokenBytesMax && identity->principal_id.size() <= kIdBytesMax;
  if (!sized || !(seconds > 0 && seconds < kSecondsMax)) {
    return std::nullopt;
  }
  identity->access_key_id = key;
  return Session{.access_key = std::move(key),
                 .secret = secret_of(secret),
                 .token = secret_of(token),
                 .expires = Time{Millis{static_cast<std::int64_t>(seconds * 1000)}},
                 .identity = *std::move(identity)};
}

void Sessions::learn(Session session, Time now) {
  const std::lock_guard lock(mutex_);
  forget(session.access_key);
  while (!by_end_.empty() && (by_end_.begin()->first <= now || by_end_.size() >= kSessionsMax)) {
    const auto first = by_end_.begin()->second;
    forget(first);
  }
  by_end_.emplace(session.expires, session.access_key);
  auto key = session.access_key;
  by_key_.emplace(std::move(key), std::make_shared<const Session>(std::move(session)));
}

// Under the lock.
void Sessions::forget(const std::string& access_key) {
  const auto known = by_key_.find(access_key);
  if (known == by_key_.end()) {
    return;
  }
  const auto [first, last] = by_end_.equal_range(known->second->expires);
  for (auto it = first; it != last; ++it) {
    if (it->second == known->first) {
      by_end_.erase(it);
      break;
    }
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
