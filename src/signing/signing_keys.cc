// Tested by signing_keys_test.cc.
#include "signing/signing_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "json/json.h"

namespace cairn::signing {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kFingerprintChars = 32;

std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

Error not_written(const std::string& place) {
  return {Errc::corrupt, "read a signing key: not what was written", place};
}

Result<SigningKey> opened(const crypto::Sealer& sealer, const StoredKey& stored) {
  const auto place = document_key(stored.region, stored.shown.valid_from);
  CAIRN_TRY(const auto der, sealer.open(stored.sealed, place));
  auto pair = crypto::RsaPrivateKey::from_der(der.bytes());
  if (!pair || integrity::fingerprint_of(pair->public_key()) != stored.shown.fingerprint) {
    return not_written(place);
  }
  return SigningKey{.shown = stored.shown, .pair = *std::move(pair)};
}

}  // namespace

Time window_start(Time moment) {
  return moment - moment.time_since_epoch() % kWindow;
}

std::string document_key(std::string_view region, Time valid_from) {
  return fmt::format("{}{}/{:013}", kKeysPrefix, region, millis(valid_from));
}

std::string StoredKey::document() const {
  return json::serialize(json::object{{"v", kFormat},
                                      {"region", region},
                                      {"from", millis(shown.valid_from)},
                                      {"until", millis(shown.valid_until)},
                                      {"fingerprint", shown.fingerprint},
                                      {"public", codec::base64_encode(shown.der)},
                                      {"private", codec::base64_encode(sealed)}});
}

Result<StoredKey> read_key(const catalog::Document& document) {
  const auto parsed = json::parse_object(document.value);
  if (!parsed || json::find_int(*parsed, "v") != kFormat) {
    return not_written(document.key);
  }
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(*parsed, member).value_or(""));
  };
  const auto time = [&](std::string_view member) {
    return Time{Millis{json::find_int(*parsed, member).value_or(0)}};
  };
  auto der = codec::base64_decode(text("public"));
  auto sealed = codec::base64_decode(text("private"));
  if (!der || !sealed) {
    return not_written(document.key);
  }
  StoredKey stored{.region = text("region"),
                   .shown = {.fingerprint = text("fingerprint"),
                             .der = *std::move(der),
                             .valid_from = time("from"),
                             .valid_until = time("until")},
                   .sealed = *std::move(sealed)};
  const bool sound = stored.shown.fingerprint.size() == kFingerprintChars && !stored.shown.der.empty() &&
                     stored.shown.valid_from < stored.shown.valid_until &&
                     document.key == document_key(stored.region, stored.shown.valid_from);
  return sound ? Result<StoredKey>(std::move(stored)) : not_written(document.key);
}

Task<Result<std::optional<SigningKey>>> find_key(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                                 std::string region, Time moment) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(document_key(region, window_start(moment))));
  if (!document) {
    co_return std::optional<SigningKey>();
  }
  CAIRN_CO_TRY(const auto stored, read_key(*document));
  CAIRN_CO_TRY(auto key, opened(sealer, stored));
  co_return std::optional(std::move(key));
}

Result<NewKey> make_key(const crypto::Sealer& sealer, std::string region, Time moment) {
  CAIRN_TRY(auto pair, crypto::RsaPrivateKey::generate());
  const auto from = window_start(moment);
  const auto place = document_key(region, from);
  const auto der = pair.to_der();
  StoredKey stored{.region = std::move(region),
                   .shown = integrity::public_key_of(pair.public_key(), from, from + kWindow),
                   .sealed = sealer.seal(der.bytes(), place)};
  auto shown = stored.shown;
  return NewKey{.stored = std::move(stored), .key = {.shown = std::move(shown), .pair = std::move(pair)}};
}

Task<Result<SigningKey>> keep_key(catalog::Catalog& catalog, const crypto::Sealer& sealer, NewKey made) {
  catalog::Transaction transaction;
  transaction.writes.push_back(
      {document_key(made.stored.region, made.stored.shown.valid_from), made.stored.document(), 0});
  const auto committed = co_await catalog.commit(std::move(transaction));
  if (committed) {
    co_return std::move(made.key);
  }
  if (committed.error().code != Errc::conflict && committed.error().code != Errc::unknown) {
    co_return committed.error();
  }
  const auto from = made.stored.shown.valid_from;
  CAIRN_CO_TRY(auto kept, co_await find_key(catalog, sealer, made.stored.region, from));
  if (!kept) {
    co_return committed.error();
  }
  co_return *std::move(kept);
}

// From the window before on: that one ends where `from` may begin.
Task<Result<std::vector<integrity::PublicKey>>> list_keys(catalog::Catalog& catalog, std::string region,
                                                          Time from, Time to) {
  std::vector<integrity::PublicKey> keys;
  const auto prefix = fmt::format("{}{}/", kKeysPrefix, region);
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog.scan(prefix, after, kListedMax));
    if (page.empty()) {
      co_return keys;
    }
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto stored, read_key(document));
      if (stored.shown.valid_until >= from && stored.shown.valid_from <= to && keys.size() < kListedMax) {
        keys.push_back(std::move(stored.shown));
      }
    }
    after = page.back().key;
  }
}

}  // namespace cairn::signing
