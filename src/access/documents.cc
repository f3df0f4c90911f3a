#include "access/documents.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "catalog/document_reader.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::access {

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::int64_t kFirstFormat = 1;
constexpr std::int64_t kFormat = 2;
constexpr std::int64_t kAccountFormat = 3;

array pairs_of(const std::vector<Tag>& tags) {
  array pairs;
  for (const auto& tag : tags) {
    pairs.emplace_back(boost::json::array{tag.key, tag.value});
  }
  return pairs;
}

template <class T>
std::optional<Stored<T>> stored(T value, const catalog::Document& document) {
  return Stored<T>{std::move(value), document.version};
}

}  // namespace

std::string UserDocument::key_of(std::string_view account, std::string_view name) {
  return user_key(account, name);
}
Result<UserDocument> UserDocument::decode(const catalog::Document& document) {
  return decode_user(document);
}
std::string UserDocument::arn() const {
  return "arn:aws:iam::" + account + ":user" + path + name;
}

std::string account_key(std::string_view account) {
  return accounts_prefix().append(account);
}
std::string accounts_prefix() {
  return "access/account/";
}
std::string alias_key(std::string_view alias) {
  return std::string("access/alias/").append(alias);
}
std::string user_key(std::string_view account, std::string_view name) {
  return users_prefix(account) + codec::lower(name);
}
std::string users_prefix(std::string_view account) {
  return std::string("access/user/").append(account) + "/";
}
std::string key_key(std::string_view id) {
  return std::string("access/key/").append(id);
}

std::string encode(const AccountDocument& account) {
  object o;
  const bool more = account.groups + account.roles + account.policies + account.instance_profiles > 0 ||
                    !account.alias.empty() || !account.password_policy.empty();
  const bool organized = account.made || !account.email.empty() || !account.organization.empty();
  o["v"] = organized ? kAccountFormat : more ? kFormat : kFirstFormat;
  o["id"] = account.id;
  o["name"] = account.name;
  o["created"] = catalog::millis(account.created);
  o["active"] = account.active;
  o["users"] = account.users;
  if (more || organized) {
    o["groups"] = account.groups;
    o["roles"] = account.roles;
    o["policies"] = account.policies;
    o["instanceProfiles"] = account.instance_profiles;
    o["alias"] = account.alias;
    o["passwordPolicy"] = account.password_policy;
  }
  if (organized) {
    o["made"] = account.made;
    o["email"] = account.email;
    o["organization"] = account.organization;
    o["organizationPath"] = account.organization_path;
  }
  return json::serialize(o);
}

std::string encode(const UserDocument& user) {
  object o;
  const bool more = !user.attached.empty() || !user.groups.empty() || !user.boundary.empty();
  o["v"] = more ? kFormat : kFirstFormat;
  o["id"] = user.id;
  o["account"] = user.account;
  o["name"] = user.name;
  o["path"] = user.path;
  o["created"] = catalog::millis(user.created);
  o["tags"] = pairs_of(user.tags);
  array policies;
  for (const auto& [name, document] : user.policies) {
    policies.emplace_back(boost::json::array{name, document});
  }
  o["policies"] = std::move(policies);
  o["keys"] = array(user.keys.begin(), user.keys.end());
  o["declared"] = user.declared;
  if (more) {
    o["attached"] = array(user.attached.begin(), user.attached.end());
    o["groups"] = array(user.groups.begin(), user.groups.end());
    o["boundary"] = user.boundary;
  }
  return json::serialize(o);
}

std::string encode(const KeyDocument& key) {
  object o;
  o["v"] = kFirstFormat;
  o["id"] = key.id;
  o["account"] = key.account;
  o["user"] = key.user;
  o["sealed"] = codec::base64_encode(key.sealed);
  o["active"] = key.active;
  o["declared"] = key.declared;
  o["created"] = catalog::millis(key.created);
  return json::serialize(o);
}

Result<AccountDocument> decode_account(const catalog::Document& document) {
  catalog::DocumentReader in(document, kAccountFormat);
  return in.finish(AccountDocument{.id = in.text("id"),
                                   .name = in.text("name"),
                                   .created = in.time("created"),
                                   .active = in.truth("active"),
                                   .users = in.count("users"),
                                   .groups = in.count_or_none("groups"),
                                   .roles = in.count_or_none("roles"),
                                   .policies = in.count_or_none("policies"),
                                   .instance_profiles = in.count_or_none("instanceProfiles"),
                                   .alias = in.text_or_none("alias"),
                                   .password_policy = in.text_or_none("passwordPolicy"),
                                   .made = in.truth_or_false("made"),
                                   .email = in.text_or_none("email"),
                                   .organization = in.text_or_none("organization"),
                                   .organization_path = in.text_or_none("organizationPath")});
}

Result<UserDocument> decode_user(const catalog::Document& document) {
  catalog::DocumentReader in(document, kFormat);
  UserDocument user{.id = in.text("id"),
                    .account = in.text("account"),
                    .name = in.text("name"),
                    .path = in.text("path"),
                    .created = in.time("created"),
                    .tags = {},
                    .policies = {},
                    .keys = in.texts("keys"),
                    .declared = in.truth("declared"),
                    .attached = in.texts_or_none("attached"),
                    .groups = in.texts_or_none("groups"),
                    .boundary = in.text_or_none("boundary")};
  for (auto& [key, text] : in.pairs("tags")) {
    user.tags.push_back({std::move(key), std::move(text)});
  }
  for (auto& [name, text] : in.pairs("policies")) {
    user.policies.emplace(std::move(name), std::move(text));
  }
  return in.finish(std::move(user));
}

Result<KeyDocument> decode_key(const catalog::Document& document) {
  catalog::DocumentReader in(document, kFirstFormat);
  return in.finish(KeyDocument{.id = in.text("id"),
                               .account = in.text("account"),
                               .user = in.text("user"),
                               .sealed = in.bytes("sealed"),
                               .active = in.truth("active"),
                               .declared = in.truth("declared"),
                               .created = in.time("created")});
}

Task<Result<std::optional<Stored<AccountDocument>>>> load_account(catalog::Catalog& catalog, std::string id) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(account_key(id)));
  if (!document) {
    co_return std::optional<Stored<AccountDocument>>();
  }
  CAIRN_CO_TRY(auto account, decode_account(*document));
  co_return stored(std::move(account), *document);
}

Task<Result<std::optional<Stored<UserDocument>>>> load_user(catalog::Catalog& catalog, std::string account,
                                                            std::string name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(user_key(account, name)));
  if (!document) {
    co_return std::optional<Stored<UserDocument>>();
  }
  CAIRN_CO_TRY(auto user, decode_user(*document));
  co_return stored(std::move(user), *document);
}

Task<Result<std::optional<Stored<KeyDocument>>>> load_key(catalog::Catalog& catalog, std::string id) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(key_key(id)));
  if (!document) {
    co_return std::optional<Stored<KeyDocument>>();
  }
  CAIRN_CO_TRY(auto key, decode_key(*document));
  co_return stored(std::move(key), *document);
}

catalog::Write put(const AccountDocument& account, catalog::Version expected) {
  return {.key = account_key(account.id), .value = encode(account), .expected = expected};
}
catalog::Write put(const UserDocument& user, catalog::Version expected) {
  return {.key = user_key(user.account, user.name), .value = encode(user), .expected = expected};
}
catalog::Write put(const KeyDocument& key, catalog::Version expected) {
  return {.key = key_key(key.id), .value = encode(key), .expected = expected};
}
catalog::Write remove_user(const UserDocument& user, catalog::Version expected) {
  return {.key = user_key(user.account, user.name), .value = std::nullopt, .expected = expected};
}
catalog::Write remove_key(const KeyDocument& key, catalog::Version expected) {
  return {.key = key_key(key.id), .value = std::nullopt, .expected = expected};
}

std::string new_user_id() {
  return new_id("AIDA");
}
std::string new_key_id() {
  return "AKIA" + crypto::random_text(16, crypto::kBase32);
}

crypto::Secret new_secret() {
  auto text = crypto::random_text(40, crypto::kBase64);
  crypto::Secret secret{ByteView(text)};
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  return secret;
}

std::string seal_secret(const crypto::Sealer& sealer, std::string_view key_id, const crypto::Secret& secret) {
  return sealer.seal(secret.bytes(), key_key(key_id));
}

Result<crypto::Secret> open_secret(const crypto::Sealer& sealer, const KeyDocument& key) {
  return sealer.open(key.sealed, key_key(key.id));
}

std::string new_id(std::string_view prefix) {
  return std::string(prefix) + crypto::random_text(17, crypto::kBase32);
}

bool is_name(std::string_view text, std::size_t length_max) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= length_max && std::ranges::all_of(text, allowed);
}

}  // namespace cairn::access
