#include "keys/grant.h"

#include <algorithm>

#include "catalog/document_reader.h"
#include "json/json.h"

namespace cairn::keys {
namespace {

constexpr std::size_t kGrantsPage = 1000;

json::value encode_context(const std::optional<EncryptionContext>& context) {
  if (!context) {
    return nullptr;
  }
  json::array pairs;
  for (const auto& [name, value] : *context) {
    pairs.push_back(json::array{json::value(name), json::value(value)});
  }
  return pairs;
}

}  // namespace

bool Grant::allows(std::string_view operation) const {
  return std::ranges::find(operations, operation) != operations.end();
}

bool Grant::accepts(const EncryptionContext& context) const {
  if (context_equals && *context_equals != context) {
    return false;
  }
  return !context_subset || std::ranges::all_of(*context_subset, [&](const auto& pair) {
    const auto found = context.find(pair.first);
    return found != context.end() && found->second == pair.second;
  });
}

std::string grants_prefix(std::string_view account, std::string_view region) {
  return "kms/grant/" + std::string(account) + "/" + std::string(region) + "/";
}

std::string grant_prefix(const Key& key) {
  return grants_prefix(key.account, key.region) + key.id + "/";
}

std::string grant_key(const Grant& grant) {
  return grants_prefix(grant.account, grant.region) + grant.key + "/" + grant.id;
}

std::string encode(const Grant& grant) {
  json::array operations;
  for (const auto& operation : grant.operations) {
    operations.push_back(json::array{json::value(operation)});
  }
  return json::serialize(json::object{{"v", 1},
                                      {"id", grant.id},
                                      {"account", grant.account},
                                      {"region", grant.region},
                                      {"key", grant.key},
                                      {"name", grant.name},
                                      {"grantee", grant.grantee},
                                      {"retiring", grant.retiring},
                                      {"operations", std::move(operations)},
                                      {"contextEquals", encode_context(grant.context_equals)},
                                      {"contextSubset", encode_context(grant.context_subset)},
                                      {"issuer", grant.issuer},
                                      {"created", grant.created.time_since_epoch().count()}});
}

Result<Grant> decode_grant(const catalog::Document& document) {
  catalog::DocumentReader read(document, 1);
  Grant grant{.id = read.text("id"),
              .account = read.text("account"),
              .region = read.text("region"),
              .key = read.text("key"),
              .name = read.text("name"),
              .grantee = read.text("grantee"),
              .retiring = read.text("retiring"),
              .issuer = read.text("issuer"),
              .created = read.time("created")};
  read.rows("operations", 1,
            [&](const json::array& row) { grant.operations.push_back(read.text_in(row, 0)); });
  const auto take = [&](std::string_view name, std::optional<EncryptionContext>& context) {
    if (!read.has(name)) {
      return;
    }
    context.emplace();
    read.rows(name, 2,
              [&](const json::array& row) { context->emplace(read.text_in(row, 0), read.text_in(row, 1)); });
  };
  take("contextEquals", grant.context_equals);
  take("contextSubset", grant.context_subset);
  read.expect(!grant.grantee.empty());
  return read.finish(std::move(grant));
}

Task<Result<std::vector<Stored<Grant>>>> grants_of(catalog::Catalog& catalog, Key key) {
  std::vector<Stored<Grant>> all;
  if (key.grants == 0) {
    co_return all;
  }
  const auto prefix = grant_prefix(key);
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog.scan(prefix, after, kGrantsPage));
    if (page.empty()) {
      co_return all;
    }
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto grant, decode_grant(document));
      all.push_back({.value = std::move(grant), .version = document.version});
      after = document.key;
    }
  }
}

}  // namespace cairn::keys
