#include <algorithm>
#include <set>

#include "access/bootstrap.h"
#include "access/documents.h"
#include "access/new_policy.h"
#include "aws/ids.h"
#include "codec/headers.h"

namespace cairn::access {

namespace {

Error wrong(std::string what, std::string subject) {
  return {Errc::invalid, "accounts: " + std::move(what), std::move(subject)};
}

bool is_key_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return id.size() >= 16 && id.size() <= 128 && std::ranges::all_of(id, allowed);
}

// It stands on a line of a credentials file, and callers must be able to type it.
bool is_secret(const crypto::Secret& secret) {
  const auto printable = [](std::byte b) { return b > std::byte{' '} && b < std::byte{0x7F}; };
  return !secret.empty() && secret.size() <= 128 && std::ranges::all_of(secret.bytes(), printable);
}

Result<void> check_policies(const DeclaredUser& user, const std::string& who) {
  std::set<std::string_view> names;
  for (const auto& policy : user.policies) {
    if (!is_name(policy.name, 128) || !names.insert(policy.name).second) {
      return wrong("a policy's name is empty, not allowed or used twice", who + "/" + policy.name);
    }
    if (user.administrator && policy.name == kAdministratorPolicy) {
      return wrong("an administrator has this policy already", who + "/" + policy.name);
    }
    if (const auto parsed = parse_new_policy(policy.document, PolicyKind::identity); !parsed) {
      return wrong("policy refused: " + parsed.error().what, who + "/" + policy.name);
    }
  }
  return user.policies.size() <= BootstrapLimits::policies_max ? Result<void>()
                                                               : wrong("too many policies", who);
}

Result<void> check_keys(const DeclaredUser& user, const std::string& who,
                        std::set<std::string, std::less<>>& ids) {
  for (const auto& key : user.keys) {
    if (!is_key_id(key.id)) {
      return wrong("a key's id is 16 to 128 letters and digits", who + "/" + key.id);
    }
    if (!ids.insert(key.id).second) {
      return wrong("a key is declared twice", who + "/" + key.id);
    }
    if (!is_secret(key.secret)) {
      return wrong("a key's secret is 1 to 128 printable characters without spaces", who + "/" + key.id);
    }
  }
  return user.keys.size() <= BootstrapLimits::keys_max ? Result<void>() : wrong("too many keys", who);
}

Result<void> check_users(const DeclaredAccount& account, std::set<std::string, std::less<>>& key_ids) {
  std::set<std::string> names;
  for (const auto& user : account.users) {
    const auto who = account.id + "/" + user.name;
    if (!is_name(user.name)) {
      return wrong("a user's name is 1 to 64 letters, digits and +=,.@_-", who);
    }
    if (!names.insert(codec::lower(user.name)).second) {
      return wrong("a user is declared twice (case makes no difference)", who);
    }
    CAIRN_TRY_VOID(check_policies(user, who));
    CAIRN_TRY_VOID(check_keys(user, who, key_ids));
  }
  return account.users.size() <= BootstrapLimits::users_max ? Result<void>()
                                                            : wrong("too many users", account.id);
}

}  // namespace

Result<void> check_declared(const std::vector<DeclaredAccount>& accounts) {
  std::set<std::string_view> ids;
  std::set<std::string, std::less<>> key_ids;
  for (const auto& account : accounts) {
    if (!aws::AccountId::parse(account.id)) {
      return wrong("an account's id is 12 digits (in quotes)", account.id);
    }
    if (!ids.insert(account.id).second) {
      return wrong("an account is declared twice", account.id);
    }
    CAIRN_TRY_VOID(check_users(account, key_ids));
  }
  return accounts.size() <= BootstrapLimits::accounts_max ? Result<void>() : wrong("too many accounts", {});
}

}  // namespace cairn::access
