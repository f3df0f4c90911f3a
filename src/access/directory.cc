#include <algorithm>

#include "access/access.h"
#include "access/documents.h"

namespace cairn::access {

namespace {

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

Result<Caller> compile(const UserDocument& user) {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::user,
                      .account = user.account,
                      .arn = user.arn(),
                      .id = user.id,
                      .name = user.name,
                      .access_key = {}};
  for (const auto& [name, document] : user.policies) {
    auto policy = Policy::parse(document, PolicyKind::identity);
    if (!policy) {  // it was parsed when it was put; without it a Deny could be missing
      return Error{Errc::corrupt, "compile policy of " + user.arn() + ": " + policy.error().what, name};
    }
    caller.policies.push_back(*std::move(policy));
  }
  return caller;
}

}  // namespace

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

Task<Result<bool>> Directory::account_is_active(std::string account) const {
  CAIRN_CO_TRY(const auto found, co_await load_account(catalog_, std::move(account)));
  co_return found && found->value.active;
}

Task<Result<std::optional<Caller>>> Directory::caller(const Key& key) const {
  CAIRN_CO_TRY(const bool active, co_await account_is_active(key.account));
  if (!active) {
    co_return std::optional<Caller>();
  }
  if (key.user.empty()) {
    co_return std::optional(root_of(key));
  }
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(user_key(key.account, key.user)));
  if (!document) {
    co_return std::optional<Caller>();
  }
  CAIRN_CO_TRY(const auto user, decode_user(*document));
  if (std::ranges::find(user.keys, key.id) == user.keys.end()) {
    co_return std::optional<Caller>();
  }
  auto caller = remembered(*document);
  if (!caller) {
    CAIRN_CO_TRY(caller, compile(user));
    remember(*document, *caller);
  }
  caller->principal.access_key = key.id;
  co_return std::move(caller);
}

std::optional<Caller> Directory::remembered(const catalog::Document& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = compiled_.find(user.key);
  return found != compiled_.end() && found->second.document == user.value
             ? std::optional(found->second.caller)
             : std::nullopt;
}

// When it is full it starts over: a thousand users who call at the same time are not what this is made for,
// and cost only time.
void Directory::remember(const catalog::Document& user, const Caller& caller) const {
  const std::lock_guard lock(mutex_);
  if (compiled_.size() >= kCompiledMax && !compiled_.contains(user.key)) {
    compiled_.clear();
  }
  compiled_.insert_or_assign(user.key, Compiled{user.value, caller});
}

}  // namespace cairn::access
