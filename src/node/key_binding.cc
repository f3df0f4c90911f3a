// Tested by conformance/test_sealed.py.
#include "node/key_binding.h"

#include <fmt/format.h>

#include "access/documents.h"
#include "catalog/sqlite/offline.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::node {
namespace {

constexpr std::string_view kKeyDocument = "node/key";
constexpr std::string_view kMasterKeyMember = "masterKey";

// False: secrets of access keys are there, and none of them opens.
Result<bool> opens_secrets(catalog::sqlite::Offline& offline, const crypto::MasterKey& key) {
  const crypto::Sealer sealer(key.clone());
  bool opened = false;
  CAIRN_TRY(const auto kept,
            offline.each(access::key_key(""), [&](const catalog::Document& document) -> Result<void> {
              const auto found = access::decode_key(document);
              opened = opened || (found && access::open_secret(sealer, *found));
              return {};
            }));
  return opened || kept == 0;
}

Result<bool> is_the_key(catalog::sqlite::Offline& offline, const crypto::MasterKey& key) {
  CAIRN_TRY(const auto bound, offline.get(kKeyDocument));
  if (!bound) {
    return opens_secrets(offline, key);
  }
  CAIRN_TRY(const auto object, json::parse_object(bound->value));
  return json::find_string(object, kMasterKeyMember) == codec::hex_encode(key.id());
}

}  // namespace

Result<void> check_key(const std::filesystem::path& catalog_file, const crypto::MasterKey& key,
                       const std::filesystem::path& key_file) {
  auto offline = catalog::sqlite::Offline::open(catalog_file);
  if (!offline) {
    return offline.error().code == Errc::not_found ? Result<void>() : offline.error();
  }
  CAIRN_TRY(const bool is_it, is_the_key(*offline, key));
  if (!is_it) {
    return Error{Errc::denied,
                 fmt::format("what is in {} was sealed under another master key: put that one back, nothing "
                             "opens with this one",
                             catalog_file.parent_path().string()),
                 key_file.string()};
  }
  return {};
}

Task<Result<void>> bind_key(catalog::Catalog& catalog, const crypto::MasterKey& key) {
  CAIRN_CO_TRY(const auto bound, co_await catalog.get(std::string(kKeyDocument)));
  if (bound) {
    co_return Result<void>{};
  }
  catalog::Transaction transaction;
  transaction.writes.push_back(
      {.key = std::string(kKeyDocument),
       .value = json::serialize(json::object{{kMasterKeyMember, codec::hex_encode(key.id())}}),
       .expected = 0});
  CAIRN_CO_TRY_VOID(co_await catalog.commit(std::move(transaction)));
  co_return Result<void>{};
}

}  // namespace cairn::node
