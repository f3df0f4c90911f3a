// Who calls, and may they. Principals, the keys they sign with, the policies that bind them, and the
// decision.
//
// Users and keys are catalog documents whose format is access/documents.h's; services/iam writes them, the
// configuration declares some. Every evaluation follows AWS's documented order: an explicit deny wins; else
// an identity policy or, within one account, a resource policy must allow; across accounts both must. What an
// identity policy allows, a permissions boundary and session policies must allow too. Pure but for Directory.
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "access/policy.h"
#include "access/principal.h"
#include "access/session.h"
#include "async/task.h"
#include "aws/ids.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "crypto/secret.h"

namespace cairn::access {

using Policies = std::vector<std::shared_ptr<const Policy>>;

// A principal with what binds it. An administrator's policies hold one that allows everything.
struct Caller {
  Principal principal;
  Policies policies;
  // For a service: on whose behalf (aws:SourceArn, aws:SourceAccount). For the others what they bring along:
  // aws:PrincipalTag/…, and of a session aws:TokenIssueTime, aws:MultiFactorAuthPresent, aws:SourceIdentity.
  Context context;
  // The permissions boundary of the user, of the role whose session it is, or of the user who federated.
  // Null: none.
  std::shared_ptr<const Policy> boundary{};
  // What was passed when the session was made; any of them may allow. Absent: none was passed. Present and
  // empty: nothing is allowed (a federated user without a policy).
  std::optional<Policies> session_policies{};
};

// One question: may the caller do `action` on `resource`? `resource_account` owns the resource and its
// policy.
struct Ask {
  std::string action;    // "s3:PutObject"
  std::string resource;  // an ARN, or "*" for actions without one
  std::string resource_account;
  std::shared_ptr<const Policy> resource_policy;  // may be null
  Context context;  // s3:x-amz-acl, … and the request's keys; those of the caller are added by decide()
  // The resource's policy must allow too, or leave it to the account, even within one account: KMS keys, the
  // trust of a role.
  bool resource_policy_rules = false;
  // How a refusal calls the resource's policy: "resource-based", "role trust".
  std::string resource_policy_name = "resource-based";
  // How a refusal calls the resource, where the caller is not to learn its ARN. Empty: by its ARN.
  std::string shown_resource{};
};

// What every request says of itself: aws:SourceIp, aws:SecureTransport, aws:UserAgent, aws:Referer,
// aws:RequestedRegion, aws:CurrentTime, aws:EpochTime, aws:ViaAWSService (never).
struct RequestFacts {
  Time time;
  std::string_view source_address;  // empty: in process
  std::string_view user_agent;
  std::string_view region;
  bool secure = false;
  std::string_view referer = {};
};
void add_request_keys(Context& context, const RequestFacts& facts);
// A tag the request would set: aws:RequestTag/KEY, and one value more of aws:TagKeys. Of keys alike but for case all
// values count (condition.h).
void add_request_tag(Context& context, std::string_view key, std::string_view value);
// A tag the resource has: aws:ResourceTag/KEY.
void add_resource_tag(Context& context, std::string_view key, std::string_view value);

struct Decision {
  bool allowed = false;
  bool explicit_deny = false;
  // "because no identity-based policy allows the s3:PutObject action", as AWS words it.
  std::string reason;
};

Decision decide(const Caller& caller, const Ask& ask);
// The condition keys that the policies are asked with: the request's and the caller's.
Context whole_context(const Caller& caller, const Ask& ask);

struct Key {
  std::string id;
  std::string account;
  std::string user;  // empty: the account's root
  crypto::Secret secret;
  bool active = true;
  std::shared_ptr<const Session> session{};  // of temporary credentials; null: long-term ones

  bool expired(Time now) const { return session != nullptr && now >= session->expires; }
};

// Looks callers up in the catalog: a key, then whose it is, then what binds him: his own policies, those of
// his groups, and what is attached to either. Nothing it answers is older than the catalog's own answer;
// compiled policies and decoded documents are kept by their text. Thread-safe. Errc::corrupt: a document or a
// sealed secret is not what was written, or a policy is attached that is not there.
class Directory {
 public:
  static constexpr std::size_t kCompiledMax = 1024;           // policies
  static constexpr std::size_t kCompiledBytesMax = 8U << 20;  // of text

  Directory(catalog::Catalog& catalog, const crypto::Sealer& sealer);
  ~Directory();

  // None: there is no such key, or the session token is not its own. A key that has expired is found: see
  // Key::expired.
  Task<Result<std::optional<Key>>> key(std::string access_key_id, std::string session_token = {}) const;
  // The principal and compiled policies. None: the user, his hold on this key, the role, or the account is
  // gone.
  Task<Result<std::optional<Caller>>> caller(const Key& key) const;

 private:
  struct Binding;
  struct Known;
  // What one reading gave. Not whole: something that binds the caller was not there.
  struct Reading {
    bool whole = true;
    std::optional<Caller> caller{};
  };

  Task<Result<Reading>> read_caller(const Key& key) const;
  Task<Result<Reading>> read_user(const Key& key) const;
  Task<Result<Reading>> read_role(const Key& key) const;
  Task<Result<bool>> bind_user(const UserDocument& user, Caller& caller) const;
  Task<Result<bool>> bind_session(const Session& session, Caller& caller) const;
  Task<Result<bool>> bind(const Binding& what, Caller& caller) const;
  Task<Result<bool>> bind_group(std::string account, std::string name, Caller& caller) const;
  Task<Result<std::shared_ptr<const Policy>>> managed(std::string arn) const;
  Result<std::shared_ptr<const Policy>> compiled(const std::string& text) const;

  catalog::Catalog& catalog_;
  const crypto::Sealer& sealer_;
  mutable std::mutex mutex_;
  // By text. Guarded by mutex_.
  mutable std::unordered_map<std::string, std::shared_ptr<const Policy>> compiled_;
  mutable std::size_t compiled_bytes_ = 0;
  const std::unique_ptr<Known> known_;
};

}  // namespace cairn::access
