#include <algorithm>

#include "access/access.h"
#include "access/aws_policies.h"
#include "access/decoded.h"
#include "access/entities.h"

namespace cairn::access {

namespace {

// A policy may be detached and deleted between two reads; then what it hung on reads differently, too.
constexpr int kReadsMax = 4;

Caller root_of(const Key& key) {
  return {.principal = {.kind = PrincipalKind::root,
                        .account = key.account,
                        .arn = "arn:aws:iam::" + key.account + ":root",
                        .id = key.account,
                        .name = {},
                        .access_key = key.id},
          .policies = {},
          .context = {}};
}

void add_principal_tags(const std::vector<Tag>& tags, Context& context) {
  for (const auto& tag : tags) {
    context.set("aws:PrincipalTag/" + tag.key, {tag.value});
  }
}

Caller unbound(const UserDocument& user, const Key& key) {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::user,
                      .account = user.account,
                      .arn = user.arn(),
                      .id = user.id,
                      .name = user.name,
                      .access_key = key.id};
  add_principal_tags(user.tags, caller.context);
  return caller;
}

Caller unbound(const RoleDocument& role, const Key& key) {
  Caller caller;
  const auto& name = key.session->name;
  caller.principal = {.kind = PrincipalKind::session,
                      .account = role.account,
                      .arn = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + name,
                      .id = role.id + ":" + name,
                      .name = {},
                      .access_key = key.id,
                      .issuer = role.arn()};
  add_principal_tags(role.tags, caller.context);
  return caller;
}

// Whom the user, or root, let act for him.
void federate(const Session& session, Principal& principal) {
  principal.issuer = principal.arn;
  principal.kind = PrincipalKind::federated;
  principal.arn = "arn:aws:sts::" + session.account + ":federated-user/" + session.name;
  principal.id = session.account + ":" + session.name;
  principal.name.clear();
}

// Of the principal whose session it is, before it is that of a federated user.
std::shared_ptr<const SessionFacts> facts_of(const Session& session, const Principal& owner) {
  SessionFacts facts{.issued = session.issued, .source_identity = session.source_identity};
  if (session.kind == SessionKind::role) {
    facts.issuer_type = "Role";
    facts.issuer_id = session.owner_id;
    facts.issuer_arn = owner.issuer;
  } else if (session.kind == SessionKind::federated) {
    facts.issuer_type = owner.kind == PrincipalKind::root ? "Root" : "IAMUser";
    facts.issuer_id = owner.id;
    facts.issuer_arn = owner.arn;
  }
  facts.issuer_account = session.account;
  facts.issuer_name = session.owner;
  for (const auto& tag : session.tags) {
    if (std::ranges::find(session.transitive, tag.key) != session.transitive.end()) {
      facts.transitive_tags.emplace_back(tag.key, tag.value);
    }
  }
  return std::make_shared<const SessionFacts>(std::move(facts));
}

}  // namespace

// What every call asks for, decoded.
struct Directory::Known {
  struct Key {
    KeyDocument document;
    crypto::Secret secret;
  };

  Decoded<Key> keys;
  Decoded<AccountDocument> accounts;
  Decoded<UserDocument> users;
};

Directory::Directory(catalog::Catalog& catalog, const crypto::Sealer& sealer)
    : catalog_(catalog), sealer_(sealer), known_(std::make_unique<Known>()) {}
Directory::~Directory() = default;

// What a user, a group or a role is bound by.
struct Directory::Binding {
  const std::string& owner;
  const std::map<std::string, std::string>& policies;
  const std::vector<std::string>& attached;
  const std::string* boundary = nullptr;
};

Task<Result<std::optional<Key>>> Directory::key(std::string access_key_id, std::string session_token) const {
  if (!session_token.empty()) {
    auto opened = open_session(sealer_, access_key_id, session_token);
    if (!opened) {
      co_return std::optional<Key>();
    }
    auto session = std::make_shared<const Session>(std::move(opened->session));
    co_return std::optional(Key{.id = std::move(access_key_id),
                                .account = session->account,
                                .user = session->kind == SessionKind::role ? std::string() : session->owner,
                                .secret = std::move(opened->secret),
                                .session = session});
  }
  CAIRN_CO_TRY(const auto found, co_await catalog_.get(key_key(access_key_id)));
  if (!found) {
    co_return std::optional<Key>();
  }
  const auto open = [this](const catalog::Document& document) -> Result<Known::Key> {
    CAIRN_TRY(auto decoded, decode_key(document));
    CAIRN_TRY(auto secret, open_secret(sealer_, decoded));
    return Known::Key{std::move(decoded), std::move(secret)};
  };
  CAIRN_CO_TRY(const auto key, known_->keys.of(*found, open));
  const auto& document = key->document;
  co_return std::optional(Key{.id = document.id,
                              .account = document.account,
                              .user = document.user,
                              .secret = key->secret.clone(),
                              .active = document.active});
}

Task<Result<std::optional<Caller>>> Directory::caller(const Key& key) const {
  CAIRN_CO_TRY(const auto found, co_await catalog_.get(account_key(key.account)));
  if (!found) {
    co_return std::optional<Caller>();
  }
  CAIRN_CO_TRY(const auto account, known_->accounts.of(*found, decode_account));
  if (!account->active) {
    co_return std::optional<Caller>();
  }
  for (int reads = 0; reads < kReadsMax; ++reads) {
    CAIRN_CO_TRY(auto reading, co_await read_caller(key));
    if (reading.whole) {
      if (reading.caller && !account->organization.empty()) {
        reading.caller->context.set("aws:PrincipalOrgID", {account->organization});
        reading.caller->context.set("aws:PrincipalOrgPaths", {account->organization_path});
      }
      co_return std::move(reading.caller);
    }
  }
  co_return Error{Errc::corrupt, "bind a caller: a policy or a group is not there", key.id};
}

Task<Result<Directory::Reading>> Directory::read_caller(const Key& key) const {
  const bool of_role = key.session != nullptr && key.session->kind == SessionKind::role;
  Reading reading;
  if (of_role) {
    CAIRN_CO_TRY(reading, co_await read_role(key));
  } else if (key.user.empty()) {
    reading.caller = root_of(key);
  } else {
    CAIRN_CO_TRY(reading, co_await read_user(key));
  }
  if (!reading.whole || !reading.caller || key.session == nullptr) {
    co_return reading;
  }
  CAIRN_CO_TRY(const bool there, co_await bind_session(*key.session, *reading.caller));
  co_return there ? std::move(reading) : Reading{};
}

// Long-term credentials are his as long as he names the key, a session as long as he is the same.
Task<Result<Directory::Reading>> Directory::read_user(const Key& key) const {
  CAIRN_CO_TRY(const auto found, co_await catalog_.get(user_key(key.account, key.user)));
  if (!found) {
    co_return Reading{};
  }
  CAIRN_CO_TRY(const auto user, known_->users.of(*found, decode_user));
  const auto& document = *user;
  const bool holds = key.session != nullptr ? document.id == key.session->owner_id
                                            : std::ranges::find(document.keys, key.id) != document.keys.end();
  if (!holds) {
    co_return Reading{};
  }
  Reading reading{.whole = true, .caller = unbound(document, key)};
  CAIRN_CO_TRY(reading.whole, co_await bind_user(document, *reading.caller));
  co_return reading;
}

Task<Result<Directory::Reading>> Directory::read_role(const Key& key) const {
  const auto& session = *key.session;
  CAIRN_CO_TRY(const auto role, co_await load<RoleDocument>(catalog_, session.account, session.owner));
  if (!role || role->value.id != session.owner_id) {
    co_return Reading{};
  }
  const auto& document = role->value;
  Reading reading{.whole = true, .caller = unbound(document, key)};
  const auto arn = document.arn();
  const Binding own{.owner = arn,
                    .policies = document.policies,
                    .attached = document.attached,
                    .boundary = &document.boundary};
  CAIRN_CO_TRY(reading.whole, co_await bind(own, *reading.caller));
  co_return reading;
}

// What the session adds: who acts, with which tags, and no further than its policies allow. False: one of
// these is not there any more, and a Deny could have been in it.
Task<Result<bool>> Directory::bind_session(const Session& session, Caller& caller) const {
  caller.principal.session = facts_of(session, caller.principal);
  if (session.kind == SessionKind::federated) {
    federate(session, caller.principal);
  }
  add_principal_tags(session.tags, caller.context);
  caller.context.set("aws:TokenIssueTime", {rfc3339(session.issued)});
  caller.context.set("aws:MultiFactorAuthPresent", {"false"});
  if (!session.source_identity.empty()) {
    caller.context.set("aws:SourceIdentity", {session.source_identity});
  }
  if (!session.limited) {
    co_return true;
  }
  Policies limits;
  for (const auto& text : session.policies) {
    auto policy = compiled(text);
    if (!policy) {
      co_return Error{Errc::corrupt, "compile a session policy: " + policy.error().what, session.name};
    }
    limits.push_back(*std::move(policy));
  }
  for (const auto& arn : session.policy_arns) {
    CAIRN_CO_TRY(auto policy, co_await managed(arn));
    if (policy == nullptr) {
      co_return false;
    }
    limits.push_back(std::move(policy));
  }
  caller.session_policies = std::move(limits);
  co_return true;
}

Task<Result<bool>> Directory::bind_user(const UserDocument& user, Caller& caller) const {
  const auto arn = user.arn();
  const Binding own{
      .owner = arn, .policies = user.policies, .attached = user.attached, .boundary = &user.boundary};
  CAIRN_CO_TRY(bool whole, co_await bind(own, caller));
  for (const auto& group : user.groups) {
    if (whole) {
      CAIRN_CO_TRY(whole, co_await bind_group(user.account, group, caller));
    }
  }
  co_return whole;
}

// False: something it names is not there.
Task<Result<bool>> Directory::bind(const Binding& what, Caller& caller) const {
  for (const auto& [name, document] : what.policies) {
    auto policy = compiled(document);
    if (!policy) {  // it was parsed when it was put; without it a Deny could be missing
      co_return Error{Errc::corrupt, "compile policy of " + what.owner + ": " + policy.error().what, name};
    }
    caller.policies.push_back(*std::move(policy));
  }
  for (const auto& arn : what.attached) {
    CAIRN_CO_TRY(auto policy, co_await managed(arn));
    if (policy == nullptr) {
      co_return false;
    }
    caller.policies.push_back(std::move(policy));
  }
  if (what.boundary != nullptr && !what.boundary->empty()) {
    CAIRN_CO_TRY(caller.boundary, co_await managed(*what.boundary));
    co_return caller.boundary != nullptr;
  }
  co_return true;
}

Task<Result<bool>> Directory::bind_group(std::string account, std::string name, Caller& caller) const {
  CAIRN_CO_TRY(const auto group, co_await load<GroupDocument>(catalog_, std::move(account), std::move(name)));
  if (!group) {
    co_return false;
  }
  const auto arn = group->value.arn();
  const Binding binding{.owner = arn, .policies = group->value.policies, .attached = group->value.attached};
  co_return co_await bind(binding, caller);
}

// Its default version. Null: there is no such policy.
Task<Result<std::shared_ptr<const Policy>>> Directory::managed(std::string arn) const {
  const auto name = policy_name_of(arn);
  std::string text;
  if (const auto* builtin = find_aws_policy(arn)) {
    text = builtin->document;
  } else if (name) {
    CAIRN_CO_TRY(const auto policy,
                 co_await load<ManagedPolicyDocument>(catalog_, name->account, name->name));
    if (policy && policy->value.arn() == arn) {
      text = policy->value.text();
    }
  }
  if (text.empty()) {
    co_return std::shared_ptr<const Policy>();
  }
  auto policy = compiled(text);
  if (!policy) {
    co_return Error{Errc::corrupt, "compile a managed policy: " + policy.error().what, arn};
  }
  co_return *std::move(policy);
}

// When it is full it starts over: a thousand policies at the same time are not what this is made for, and
// cost only time.
Result<std::shared_ptr<const Policy>> Directory::compiled(const std::string& text) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = compiled_.find(text); found != compiled_.end()) {
      return found->second;
    }
  }
  CAIRN_TRY(auto policy, Policy::parse(text, PolicyKind::identity));
  const std::lock_guard lock(mutex_);
  if (compiled_.size() >= kCompiledMax || compiled_bytes_ + text.size() > kCompiledBytesMax) {
    compiled_.clear();
    compiled_bytes_ = 0;
  }
  if (compiled_.emplace(text, policy).second) {
    compiled_bytes_ += text.size();
  }
  return policy;
}

}  // namespace cairn::access
