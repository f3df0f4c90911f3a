// Accounts, users and keys that the configuration declares, brought into the catalog at start: what is new is
// added, what changed is changed, what is no longer declared is removed. Users made through the IAM API are
// never touched, not even when their account is no longer declared: then the account is closed, their keys
// open nothing, and declaring it again opens it. Accounts that an organization made (CreateAccount) stay open.
//
// An account without users gets an administrator of ours, "admin"; without any account there is one,
// 111122223333. Keys that are not declared are made once and kept. Running it again changes nothing; several
// nodes may run it at the same time. Tested by bootstrap_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "crypto/secret.h"

namespace cairn::access {

inline constexpr std::string_view kDefaultAccount = "111122223333";
inline constexpr std::string_view kAdministrator = "admin";
inline constexpr std::string_view kAdministratorPolicy = "AdministratorAccess";

struct BootstrapLimits {
  static constexpr std::size_t accounts_max = 10000;
  static constexpr std::size_t users_max = 5000;   // declared ones of an account
  static constexpr std::size_t keys_max = 10;      // of a user
  static constexpr std::size_t policies_max = 20;  // of a user
  static constexpr std::size_t attempts_max = 10;  // when another node commits first
};

struct DeclaredPolicy {
  std::string name;
  std::string document;
};

struct DeclaredKey {
  std::string id;
  crypto::Secret secret;
};

struct DeclaredUser {
  std::string name;
  bool administrator = false;
  std::vector<DeclaredPolicy> policies;
  std::vector<DeclaredKey> keys;
};

struct DeclaredAccount {
  std::string id;
  std::string name;
  std::vector<DeclaredUser> users;
};

// A key somebody may sign with: for <data>/credentials.
struct Credential {
  std::string account;
  std::string user;
  bool administrator = false;  // of the account: its first one
  bool declared = false;       // else he is ours
  std::string key_id;
  crypto::Secret secret;
};

// The first keys of each account's administrator and of each declared user, in the order of the declaration.
// Errc::invalid: the declaration is wrong. Errc::conflict: a declared user or key is one that the IAM API
// made. Both name which, and say it so that it can be shown to an operator. Errc::denied, Errc::corrupt: a
// kept secret does not open, so the master key is not the one it was sealed with. REQUIRES: `accounts`
// outlives the task.
Task<Result<std::vector<Credential>>> apply_declared(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                                     const std::vector<DeclaredAccount>& accounts, Time now);

// The accounts that CreateAccount made.
Task<Result<std::vector<std::string>>> made_accounts(catalog::Catalog& catalog);

// What an operator can get wrong, found without a catalog.
Result<void> check_declared(const std::vector<DeclaredAccount>& accounts);

}  // namespace cairn::access
