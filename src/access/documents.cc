#include "access/documents.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "codec/base64.h"
#include "codec/headers.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::access {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::int64_t kFormat = 1;

// Reads members of one document; the first that is missing or of another type makes it corrupt.
class Reader {
 public:
  explicit Reader(const catalog::Document& document) : key_(document.key) {
    auto parsed = json::parse(document.value);
    parsed_ = parsed ? *std::move(parsed) : value();
    sound_ = parsed_.is_object() && number("v") == kFormat;
  }

  std::string text(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : (fail(), std::string());
  }
  bool truth(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_bool() ? found->get_bool() : (fail(), false);
  }
  std::int64_t number(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_int64() ? found->get_int64() : (fail(), 0);
  }
  Time time(std::string_view name) { return Time(Millis(number(name))); }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> all;
    for (const auto& one : list(name)) {
      one.is_string() ? all.emplace_back(one.get_string()) : (fail(), all.emplace_back());
    }
    return all;
  }
  // [["name", "value"], …]
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view name) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& one : list(name)) {
      const auto* pair = one.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
        fail();
        break;
      }
      all.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    }
    return all;
  }

  template <class T>
  Result<T> finish(T made) {
    return sound_ ? Result<T>(std::move(made))
                  : Error{Errc::corrupt, "read access document: not what was written", key_};
  }

 private:
  const value* member(std::string_view name) const {
    return parsed_.is_object() ? parsed_.get_object().if_contains(name) : nullptr;
  }
  const array& list(std::string_view name) {
    static const array kNone;
    const auto* found = member(name);
    return found != nullptr && found->is_array() ? found->get_array() : (fail(), kNone);
  }
  void fail() { sound_ = false; }

  std::string key_;
  value parsed_;
  bool sound_ = true;
};

std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

array pair_of(std::string_view a, std::string_view b) {
  array pair;
  pair.emplace_back(a);
  pair.emplace_back(b);
  return pair;
}

template <class T>
std::optional<Stored<T>> stored(T value, const catalog::Document& document) {
  return Stored<T>{std::move(value), document.version};
}

}  // namespace

std::string UserDocument::arn() const {
  return "arn:aws:iam::" + account + ":user" + path + name;
}

std::string account_key(std::string_view account) {
  return accounts_prefix().append(account);
}
std::string accounts_prefix() {
  return "access/account/";
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
  o["v"] = kFormat;
  o["id"] = account.id;
  o["name"] = account.name;
  o["created"] = millis(account.created);
  o["active"] = account.active;
  o["users"] = static_cast<std::int64_t>(account.users);
  return json::serialize(o);
}

std::string encode(const UserDocument& user) {
  object o;
  o["v"] = kFormat;
  o["id"] = user.id;
  o["account"] = user.account;
  o["name"] = user.name;
  o["path"] = user.path;
  o["created"] = millis(user.created);
  array tags;
  for (const auto& tag : user.tags) {
    tags.emplace_back(pair_of(tag.key, tag.value));
  }
  o["tags"] = std::move(tags);
  array policies;
  for (const auto& [name, document] : user.policies) {
    policies.emplace_back(pair_of(name, document));
  }
  o["policies"] = std::move(policies);
  o["keys"] = array(user.keys.begin(), user.keys.end());
  o["declared"] = user.declared;
  return json::serialize(o);
}

std::string encode(const KeyDocument& key) {
  object o;
  o["v"] = kFormat;
  o["id"] = key.id;
  o["account"] = key.account;
  o["user"] = key.user;
  o["sealed"] = codec::base64_encode(key.sealed);
  o["active"] = key.active;
  o["declared"] = key.declared;
  o["created"] = millis(key.created);
  return json::serialize(o);
}

Result<AccountDocument> decode_account(const catalog::Document& document) {
  Reader in(document);
  return in.finish(AccountDocument{.id = in.text("id"),
                                   .name = in.text("name"),
                                   .created = in.time("created"),
                                   .active = in.truth("active"),
                                   .users = static_cast<std::uint64_t>(in.number("users"))});
}

Result<UserDocument> decode_user(const catalog::Document& document) {
  Reader in(document);
  UserDocument user{.id = in.text("id"),
                    .account = in.text("account"),
                    .name = in.text("name"),
                    .path = in.text("path"),
                    .created = in.time("created"),
                    .tags = {},
                    .policies = {},
                    .keys = in.texts("keys"),
                    .declared = in.truth("declared")};
  for (auto& [key, text] : in.pairs("tags")) {
    user.tags.push_back({std::move(key), std::move(text)});
  }
  for (auto& [name, text] : in.pairs("policies")) {
    user.policies.emplace(std::move(name), std::move(text));
  }
  return in.finish(std::move(user));
}

Result<KeyDocument> decode_key(const catalog::Document& document) {
  Reader in(document);
  auto sealed = codec::base64_decode(in.text("sealed"));
  if (!sealed) {
    return Error{Errc::corrupt, "read access document: not what was written", document.key};
  }
  return in.finish(KeyDocument{.id = in.text("id"),
                               .account = in.text("account"),
                               .user = in.text("user"),
                               .sealed = *std::move(sealed),
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
  return "AIDA" + crypto::random_text(17, crypto::kBase32);
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

bool is_name(std::string_view text, std::size_t length_max) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= length_max && std::ranges::all_of(text, allowed);
}

}  // namespace cairn::access
