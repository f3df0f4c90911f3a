#include <algorithm>

#include "access/access.h"
#include "access/aws_policies.h"
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

Caller unbound(const UserDocument& user, const Key& key) {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::user,
                      .account = user.account,
                      .arn = user.arn(),
                      .id = user.id,
                      .name = user.name,
                      .access_key = key.id};
  for (const auto& tag : user.tags) {
    caller.context.set("aws:PrincipalTag/" + tag.key, {tag.value});
  }
  return caller;
}

}  // namespace

// What a user, a group or a role is bound by.
struct Directory::Binding {
  const std::string& owner;
  const std::map<std::string, std::string>& policies;
  const std::vector<std::string>& attached;
  const std::string* boundary = nullptr;
};

Task<Result<std::optional<Key>>> Directory::key(std::string access_key_id) const {
  CAIRN_CO_TRY(const auto found, co_await load_key(catalog_, std::move(access_key_id)));
  if (!found) {
    co_return std::optional<Key>();
  }
  const auto& document = found->value;
  CAIRN_CO_TRY(auto secret, open_secret(sealer_, document));
  co_return std::optional(Key{.id = document.id,
                              .account = document.account,
                              .user = document.user,
                              .secret = std::move(secret),
                              .active = document.active});
}

Task<Result<std::optional<Caller>>> Directory::caller(const Key& key) const {
  CAIRN_CO_TRY(const auto account, co_await load_account(catalog_, key.account));
  if (!account || !account->value.active) {
    co_return std::optional<Caller>();
  }
  if (key.user.empty()) {
    co_return std::optional(root_of(key));
  }
  co_return co_await user_of(key);
}

Task<Result<std::optional<Caller>>> Directory::user_of(const Key& key) const {
  for (int reads = 0; reads < kReadsMax; ++reads) {
    CAIRN_CO_TRY(const auto user, co_await load_user(catalog_, key.account, key.user));
    if (!user || std::ranges::find(user->value.keys, key.id) == user->value.keys.end()) {
      co_return std::optional<Caller>();
    }
    const auto& document = user->value;
    auto caller = unbound(document, key);
    const auto arn = document.arn();
    const Binding own{.owner = arn,
                      .policies = document.policies,
                      .attached = document.attached,
                      .boundary = &document.boundary};
    CAIRN_CO_TRY(bool whole, co_await bind(own, caller));
    for (const auto& group : document.groups) {
      if (whole) {
        CAIRN_CO_TRY(whole, co_await bind_group(document.account, group, caller));
      }
    }
    if (whole) {
      co_return std::optional(std::move(caller));
    }
  }
  co_return Error{Errc::corrupt, "bind a user: a policy or a group of his is not there", key.user};
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
  const Binding binding{
      .owner = arn, .policies = group->value.policies, .attached = group->value.attached};
  co_return co_await bind(binding, caller);
}

// Its default version. Null: there is no such policy.
Task<Result<std::shared_ptr<const Policy>>> Directory::managed(std::string arn) const {
  const auto name = policy_name_of(arn);
  std::string text;
  if (const auto* builtin = find_aws_policy(arn)) {
    text = builtin->document;
  } else if (name) {
    CAIRN_CO_TRY(const auto policy, co_await load<ManagedPolicyDocument>(catalog_, name->account, name->name));
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
