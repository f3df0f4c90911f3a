// One account at a time: read what is there, work out what should be (Plan), commit the difference in one
// transaction that holds only if nothing changed meanwhile; else once more.
#include "access/bootstrap.h"

#include <algorithm>
#include <map>
#include <set>

#include "access/documents.h"
#include "base/log.h"
#include "codec/headers.h"

namespace cairn::access {

namespace {

constexpr std::string_view kAllowEverything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

using Users = std::map<std::string, Stored<UserDocument>, std::less<>>;  // by name in lower case

// What is in the catalog of one account.
struct Present {
  std::optional<Stored<AccountDocument>> account;
  Users users;
  std::map<std::string, Stored<KeyDocument>, std::less<>>
      keys;  // of declared users, and those that are to be declared
};

struct Plan {
  catalog::Transaction transaction;
  std::vector<Credential> credentials;
};

struct Surroundings {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
  Time now;
};

Task<Result<Users>> read_users(catalog::Catalog& catalog, std::string account) {
  Users users;
  for (std::string after;;) {
    CAIRN_CO_TRY(const auto page,
                 co_await catalog.scan(users_prefix(account), after, catalog::Limits().page_max));
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto user, decode_user(document));
      auto name = codec::lower(user.name);
      users.emplace(std::move(name), Stored<UserDocument>{std::move(user), document.version});
    }
    if (page.empty()) {
      co_return users;
    }
    after = page.back().key;
  }
}

Task<Result<void>> read_key(catalog::Catalog& catalog, std::string id, Present& present) {
  CAIRN_CO_TRY(auto key, co_await load_key(catalog, id));
  if (key) {
    present.keys.insert_or_assign(std::move(id), *std::move(key));
  }
  co_return Result<void>();
}

Task<Result<Present>> read_present(catalog::Catalog& catalog, const DeclaredAccount& declared) {
  Present present;
  CAIRN_CO_TRY(present.account, co_await load_account(catalog, declared.id));
  CAIRN_CO_TRY(present.users, co_await read_users(catalog, declared.id));
  for (const auto& user : declared.users) {
    for (const auto& key : user.keys) {
      CAIRN_CO_TRY_VOID(co_await read_key(catalog, key.id, present));
    }
  }
  for (const auto& [name, user] : present.users) {
    for (const auto& id : user.value.declared ? user.value.keys : std::vector<std::string>()) {
      CAIRN_CO_TRY_VOID(co_await read_key(catalog, id, present));
    }
  }
  co_return present;
}

// Works out one account's transaction. Not a coroutine: everything was read before.
class Planner {
 public:
  Planner(const Surroundings& around, const Present& present) : around_(around), present_(present) {}

  Result<Plan> plan(const DeclaredAccount& declared);

 private:
  struct Wanted {
    const DeclaredUser& user;
    bool ours = false;
  };

  Result<UserDocument> plan_user(const std::string& account, const Wanted& wanted);
  Result<void> plan_keys(const Wanted& wanted, UserDocument& user, const std::vector<std::string>& had);
  Result<crypto::Secret> plan_declared_key(const DeclaredKey& declared, const UserDocument& user);
  Result<crypto::Secret> plan_kept_key(UserDocument& user, const std::vector<std::string>& had);
  crypto::Secret add_key(const std::string& id, const crypto::Secret& secret, const UserDocument& user,
                         bool declared);
  bool may_take(const KeyDocument& key, const UserDocument& user) const;
  void plan_removals(const std::set<std::string>& wanted);
  void remove_key_of(const std::string& id);
  void plan_account(const DeclaredAccount& declared);

  const Surroundings& around_;
  const Present& present_;
  Plan plan_;
  std::set<std::string, std::less<>> claimed_;  // key ids that are declared: never removed
  bool has_administrator_ = false;
  std::int64_t added_ = 0;
};

Result<Plan> Planner::plan(const DeclaredAccount& declared) {
  const DeclaredUser administrator{
      .name = std::string(kAdministrator), .administrator = true, .policies = {}, .keys = {}};
  std::vector<Wanted> wanted;
  for (const auto& user : declared.users) {
    wanted.push_back({.user = user});
  }
  if (wanted.empty()) {
    wanted.push_back({.user = administrator, .ours = true});
  }
  for (const auto& user : declared.users) {
    for (const auto& key : user.keys) {
      claimed_.insert(key.id);
    }
  }
  std::set<std::string> names;
  for (const auto& one : wanted) {
    CAIRN_TRY(const auto user, plan_user(declared.id, one));
    names.insert(codec::lower(user.name));
  }
  plan_removals(names);
  plan_account(declared);
  return std::move(plan_);
}

Result<UserDocument> Planner::plan_user(const std::string& account, const Wanted& wanted) {
  const auto found = present_.users.find(codec::lower(wanted.user.name));
  const bool exists = found != present_.users.end();
  if (exists && !found->second.value.declared) {
    return Error{Errc::conflict,
                 "accounts: a declared user exists already, made through the IAM API; delete that one or "
                 "declare another name",
                 found->second.value.arn()};
  }
  UserDocument user;
  if (exists) {
    user = found->second.value;
  } else {
    user.id = new_user_id();
    user.account = account;
    user.created = around_.now;
    user.declared = true;
    ++added_;
  }
  const auto had = std::exchange(user.keys, {});
  user.name = wanted.user.name;
  user.policies.clear();
  for (const auto& policy : wanted.user.policies) {
    user.policies.emplace(policy.name, policy.document);
  }
  if (wanted.user.administrator) {
    user.policies.emplace(kAdministratorPolicy, kAllowEverything);  // check_declared() keeps the name free
  }
  CAIRN_TRY_VOID(plan_keys(wanted, user, had));
  if (!exists || encode(user) != encode(found->second.value)) {
    plan_.transaction.writes.push_back(put(user, exists ? found->second.version : 0));
  }
  return user;
}

Result<void> Planner::plan_keys(const Wanted& wanted, UserDocument& user,
                                const std::vector<std::string>& had) {
  std::optional<crypto::Secret> first;
  for (const auto& declared : wanted.user.keys) {
    CAIRN_TRY(auto secret, plan_declared_key(declared, user));
    user.keys.push_back(declared.id);
    if (!first) {
      first = std::move(secret);
    }
  }
  if (!first) {
    CAIRN_TRY(first, plan_kept_key(user, had));
  }
  for (const auto& id : had) {
    if (std::ranges::find(user.keys, id) == user.keys.end()) {
      remove_key_of(id);
    }
  }
  plan_.credentials.push_back({.account = user.account,
                               .user = user.name,
                               .administrator = wanted.user.administrator && !has_administrator_,
                               .declared = !wanted.ours,
                               .key_id = user.keys.front(),
                               .secret = *std::move(first)});
  has_administrator_ = has_administrator_ || wanted.user.administrator;
  return {};
}

Result<crypto::Secret> Planner::plan_declared_key(const DeclaredKey& declared, const UserDocument& user) {
  const auto found = present_.keys.find(declared.id);
  if (found == present_.keys.end()) {
    return add_key(declared.id, declared.secret, user, true);
  }
  auto key = found->second.value;
  if (!may_take(key, user)) {
    return Error{Errc::conflict, "accounts: a declared key is already another user's",
                 declared.id + " of " + key.account + "/" + key.user};
  }
  const auto secret = open_secret(around_.sealer, key);
  if (!secret || !(*secret == declared.secret) || !key.active || !key.declared || key.user != user.name) {
    key.user = user.name;
    key.sealed = seal_secret(around_.sealer, key.id, declared.secret);
    key.active = key.declared = true;
    plan_.transaction.writes.push_back(put(key, found->second.version));
  }
  return declared.secret.clone();
}

// His own, or from another declared user of the account (who was renamed, say).
bool Planner::may_take(const KeyDocument& key, const UserDocument& user) const {
  const auto owner = present_.users.find(codec::lower(key.user));
  return key.account == user.account && owner != present_.users.end() && owner->second.value.declared;
}

// A user without declared keys has one of ours, made once.
Result<crypto::Secret> Planner::plan_kept_key(UserDocument& user, const std::vector<std::string>& had) {
  for (const auto& id : had) {
    const auto found = present_.keys.find(id);
    if (found != present_.keys.end() && !found->second.value.declared) {
      user.keys.push_back(id);
      return open_secret(around_.sealer, found->second.value);
    }
  }
  user.keys.push_back(new_key_id());
  return add_key(user.keys.back(), new_secret(), user, false);
}

crypto::Secret Planner::add_key(const std::string& id, const crypto::Secret& secret, const UserDocument& user,
                                bool declared) {
  const KeyDocument key{.id = id,
                        .account = user.account,
                        .user = user.name,
                        .sealed = seal_secret(around_.sealer, id, secret),
                        .declared = declared,
                        .created = around_.now};
  plan_.transaction.writes.push_back(put(key, 0));
  return secret.clone();
}

void Planner::remove_key_of(const std::string& id) {
  const auto found = present_.keys.find(id);
  if (found != present_.keys.end() && !claimed_.contains(id)) {
    plan_.transaction.writes.push_back(remove_key(found->second.value, found->second.version));
  }
}

void Planner::plan_removals(const std::set<std::string>& wanted) {
  for (const auto& [name, user] : present_.users) {
    if (user.value.declared && !wanted.contains(name)) {
      std::ranges::for_each(user.value.keys, [this](const std::string& id) { remove_key_of(id); });
      plan_.transaction.writes.push_back(remove_user(user.value, user.version));
      --added_;
    }
  }
}

void Planner::plan_account(const DeclaredAccount& declared) {
  auto account = present_.account ? present_.account->value
                                  : AccountDocument{.id = declared.id, .name = {}, .created = around_.now};
  account.name = declared.name;
  account.active = true;
  account.users = static_cast<std::uint64_t>(static_cast<std::int64_t>(present_.users.size()) + added_);
  if (!present_.account || encode(account) != encode(present_.account->value)) {
    plan_.transaction.writes.push_back(put(account, present_.account ? present_.account->version : 0));
  }
}

// True: done. False: somebody else was faster, or may have been: read again.
Task<Result<bool>> commit(catalog::Catalog& catalog, catalog::Transaction transaction) {
  if (transaction.empty()) {
    co_return true;
  }
  const auto committed = co_await catalog.commit(std::move(transaction));
  if (committed) {
    co_return true;
  }
  const auto code = committed.error().code;
  if (code == Errc::conflict || code == Errc::unknown) {
    co_return false;
  }
  co_return committed.error();
}

Error never_settled(const std::string& account) {
  return {Errc::unavailable, "accounts: the catalog kept changing while the declared users were written",
          account};
}

Task<Result<std::vector<Credential>>> apply_account(const Surroundings& around,
                                                    const DeclaredAccount& declared) {
  for (std::size_t attempt = 0; attempt < BootstrapLimits::attempts_max; ++attempt) {
    CAIRN_CO_TRY(const auto present, co_await read_present(around.catalog, declared));
    Planner planner(around, present);
    CAIRN_CO_TRY(auto plan, planner.plan(declared));
    const auto changes = plan.transaction.writes.size();
    CAIRN_CO_TRY(const bool done, co_await commit(around.catalog, std::move(plan.transaction)));
    if (done) {
      if (changes > 0) {
        log::info("declared users applied", {{"account", declared.id}, {"documents", changes}});
      }
      co_return std::move(plan.credentials);
    }
  }
  co_return never_settled(declared.id);
}

// An account that is no longer declared: its declared users and their keys go, it is closed.
Task<Result<bool>> close_once(catalog::Catalog& catalog, Stored<AccountDocument> account) {
  catalog::Transaction transaction;
  CAIRN_CO_TRY(const auto users, co_await read_users(catalog, account.value.id));
  for (const auto& [name, user] : users) {
    if (!user.value.declared) {
      continue;
    }
    for (const auto& id : user.value.keys) {
      CAIRN_CO_TRY(const auto key, co_await load_key(catalog, id));
      if (key) {
        transaction.writes.push_back(remove_key(key->value, key->version));
      }
    }
    transaction.writes.push_back(remove_user(user.value, user.version));
    --account.value.users;
  }
  account.value.active = false;
  transaction.writes.push_back(put(account.value, account.version));
  co_return co_await commit(catalog, std::move(transaction));
}

Task<Result<void>> close_account(catalog::Catalog& catalog, std::string id) {
  for (std::size_t attempt = 0; attempt < BootstrapLimits::attempts_max; ++attempt) {
    CAIRN_CO_TRY(const auto account, co_await load_account(catalog, id));
    if (!account || !account->value.active) {
      co_return Result<void>();
    }
    CAIRN_CO_TRY(const bool done, co_await close_once(catalog, *account));
    if (done) {
      log::info("account closed, because it is no longer declared", {{"account", id}});
      co_return Result<void>();
    }
  }
  co_return never_settled(id);
}

Task<Result<void>> close_undeclared(catalog::Catalog& catalog, std::set<std::string> declared) {
  for (std::string after;;) {
    CAIRN_CO_TRY(const auto page,
                 co_await catalog.scan(accounts_prefix(), after, catalog::Limits().page_max));
    for (const auto& document : page) {
      CAIRN_CO_TRY(const auto account, decode_account(document));
      if (!account.made && !declared.contains(account.id)) {
        CAIRN_CO_TRY_VOID(co_await close_account(catalog, account.id));
      }
    }
    if (page.empty()) {
      co_return Result<void>();
    }
    after = page.back().key;
  }
}

std::vector<DeclaredAccount> default_account() {
  std::vector<DeclaredAccount> accounts;
  accounts.push_back({.id = std::string(kDefaultAccount), .name = "main", .users = {}});
  return accounts;
}

}  // namespace

Task<Result<std::vector<Credential>>> apply_declared(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                                     const std::vector<DeclaredAccount>& accounts, Time now) {
  CAIRN_CO_TRY_VOID(check_declared(accounts));
  const auto otherwise = default_account();
  const auto& wanted = accounts.empty() ? otherwise : accounts;
  std::set<std::string> ids;
  for (const auto& account : wanted) {
    ids.insert(account.id);
  }
  CAIRN_CO_TRY_VOID(co_await close_undeclared(catalog, ids));
  const Surroundings around{.catalog = catalog, .sealer = sealer, .now = now};
  std::vector<Credential> credentials;
  for (const auto& account : wanted) {
    CAIRN_CO_TRY(auto of_account, co_await apply_account(around, account));
    std::ranges::move(of_account, std::back_inserter(credentials));
  }
  co_return credentials;
}

Task<Result<std::vector<std::string>>> made_accounts(catalog::Catalog& catalog) {
  std::vector<std::string> made;
  for (std::string after;;) {
    CAIRN_CO_TRY(const auto page,
                 co_await catalog.scan(accounts_prefix(), after, catalog::Limits().page_max));
    for (const auto& document : page) {
      CAIRN_CO_TRY(const auto account, decode_account(document));
      if (account.made) {
        made.push_back(account.id);
      }
    }
    if (page.empty()) {
      co_return made;
    }
    after = page.back().key;
  }
}

}  // namespace cairn::access
