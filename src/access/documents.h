// What access/ keeps in the catalog, and under which keys. Users and keys are written by services/iam and by
// bootstrap.h; everyone else reads through Directory.
//
//   access/account/ACCOUNT            an account: name, whether it is open, how many users it has
//   access/user/ACCOUNT/name          a user, by his name in lower case (AWS tells no users apart by case):
//                                     ids, path, tags, inline policies, what is attached to him, and
//                                     which access keys are his; so a scan lists an account's users in order
//                                     of name
//   access/key/KEYID                  an access key: whose it is, its secret (sealed, bound to the id), its
//                                     state
//
// Groups, roles, instance profiles and managed policies are entities.h's.
//
// Documents are JSON objects with a "v". It is 1 where a document holds what the first Cairn knew, and higher
// where it holds more (3: an organization): a Cairn that does not know what binds a user must not let him in. A user's document
// names his keys, so that what counts or forbids (two keys at most, no deletion of a user with keys) is
// decided under the version of that one document.
// Values; any thread. Errc::corrupt: not what was written. Tested by documents_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "crypto/secret.h"

namespace cairn::access {

struct AccountDocument {
  std::string id;
  std::string name;
  Time created;
  bool active = true;       // false: its keys open nothing (it was declared once, and is no longer)
  std::uint64_t users = 0;  // how many user documents it has
  std::uint64_t groups = 0;
  std::uint64_t roles = 0;
  std::uint64_t policies = 0;  // managed by the customer
  std::uint64_t instance_profiles = 0;
  std::string alias{};            // empty: none
  std::string password_policy{};  // JSON, the members of IAM's PasswordPolicy; empty: none was set
  bool made = false;              // by CreateAccount: open though the configuration does not declare it
  std::string email{};            // empty: nobody gave one
  std::string organization{};     // "o-…"; empty: none
  std::string organization_path{};  // "o-…/r-…/ou-…/": where in it
};

struct Tag {
  std::string key;
  std::string value;

  friend bool operator==(const Tag&, const Tag&) = default;
};

struct UserDocument {
  std::string id;  // AIDA…
  std::string account;
  std::string name;
  std::string path = "/";
  Time created;
  std::vector<Tag> tags;
  std::map<std::string, std::string> policies;  // inline: document by name
  std::vector<std::string> keys;                // oldest first
  bool declared = false;                        // by the configuration: the API may not change it
  std::vector<std::string> attached{};          // managed policies, by ARN, in the order of attaching
  std::vector<std::string> groups{};            // by name
  std::string boundary{};                       // a managed policy's ARN; empty: none

  static std::string key_of(std::string_view account, std::string_view name);
  static Result<UserDocument> decode(const catalog::Document& document);
  std::string arn() const;
};

struct KeyDocument {
  std::string id;  // AKIA…
  std::string account;
  std::string user;
  std::string sealed;  // the secret, by crypto::Sealer, bound to key_key(id)
  bool active = true;
  bool declared = false;  // by the configuration, secret and all
  Time created;
};

std::string account_key(std::string_view account);
std::string accounts_prefix();
std::string alias_key(std::string_view alias);  // holds the account's id: no two have one alias
std::string user_key(std::string_view account, std::string_view name);
std::string users_prefix(std::string_view account);
std::string key_key(std::string_view id);

std::string encode(const AccountDocument& account);
std::string encode(const UserDocument& user);
std::string encode(const KeyDocument& key);
Result<AccountDocument> decode_account(const catalog::Document& document);
Result<UserDocument> decode_user(const catalog::Document& document);
Result<KeyDocument> decode_key(const catalog::Document& document);

// A document and the version it was read with.
template <class T>
struct Stored {
  T value;
  catalog::Version version = 0;
};
Task<Result<std::optional<Stored<AccountDocument>>>> load_account(catalog::Catalog& catalog, std::string id);
Task<Result<std::optional<Stored<UserDocument>>>> load_user(catalog::Catalog& catalog, std::string account,
                                                            std::string name);
Task<Result<std::optional<Stored<KeyDocument>>>> load_key(catalog::Catalog& catalog, std::string id);

// Writes that hold only if the document is still as it was read; version 0: if there is none.
catalog::Write put(const AccountDocument& account, catalog::Version expected);
catalog::Write put(const UserDocument& user, catalog::Version expected);
catalog::Write put(const KeyDocument& key, catalog::Version expected);
catalog::Write remove_user(const UserDocument& user, catalog::Version expected);
catalog::Write remove_key(const KeyDocument& key, catalog::Version expected);

// AWS's shapes: AIDA and 17, AKIA and 16 characters of base32; 40 of base64.
std::string new_user_id();
std::string new_key_id();
crypto::Secret new_secret();

std::string seal_secret(const crypto::Sealer& sealer, std::string_view key_id, const crypto::Secret& secret);
Result<crypto::Secret> open_secret(const crypto::Sealer& sealer, const KeyDocument& key);

// "AGPA" and 17 characters of base32, as all ids but keys' are made.
std::string new_id(std::string_view prefix);

// 1 to 64 of letters, digits and +=,.@_- ; what IAM allows.
bool is_name(std::string_view text, std::size_t length_max = 64);

}  // namespace cairn::access
