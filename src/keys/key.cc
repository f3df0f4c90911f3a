// Tested by keys_test.cc.
#include "keys/key.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/base64.h"
#include "crypto/random.h"

namespace cairn::keys {
namespace {

constexpr std::size_t kMaterialIdBytes = 32;

std::string partition_of(std::string_view region) {
  return region.starts_with("cn-") ? "aws-cn" : region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

std::string place_of(std::string_view account, std::string_view region) {
  return std::string(account) + "/" + std::string(region) + "/";
}

// What material is bound to: nowhere else does it open.
std::string binding_of(const Key& key, std::size_t number) {
  return key_key(key.account, key.region, key.id) + "/" + std::to_string(number);
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::enabled:
      return "Enabled";
    case State::disabled:
      return "Disabled";
    case State::pending_deletion:
      return "PendingDeletion";
  }
  return {};
}

std::string Key::arn() const {
  return "arn:" + partition_of(region) + ":kms:" + region + ":" + account + ":key/" + id;
}

State Key::state() const {
  return deletion ? State::pending_deletion : enabled ? State::enabled : State::disabled;
}

const Spec& Key::kind() const {
  const auto* const found = find_spec(spec);
  CAIRN_CHECK(found != nullptr);
  return *found;
}

// Rotations that were asked for do not move the date.
std::optional<Time> Key::next_rotation() const {
  if (!rotation.enabled || deletion || materials.size() >= Limits::materials_max) {
    return std::nullopt;
  }
  auto from = rotation.enabled_at;
  for (const auto& material : materials) {
    from = material.on_demand ? from : std::max(from, material.since);
  }
  return from + std::chrono::days(rotation.days);
}

std::string Alias::arn() const {
  return alias_arn(account, region, name);
}

std::string alias_arn(std::string_view account, std::string_view region, std::string_view name) {
  return "arn:" + partition_of(region) + ":kms:" + std::string(region) + ":" + std::string(account) + ":" +
         std::string(name);
}

std::string key_prefix(std::string_view account, std::string_view region) {
  return std::string(kKeysPrefix) + place_of(account, region);
}

std::string key_key(std::string_view account, std::string_view region, std::string_view id) {
  return key_prefix(account, region) + std::string(id);
}

std::string alias_prefix(std::string_view account, std::string_view region) {
  return "kms/alias/" + place_of(account, region);
}

std::string alias_key(std::string_view account, std::string_view region, std::string_view name) {
  return alias_prefix(account, region) + std::string(name.substr(name.find('/') + 1));
}

Task<Result<std::optional<Stored<Key>>>> load_key(catalog::Catalog& catalog, std::string account,
                                                  std::string region, std::string id) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(key_key(account, region, id)));
  if (!document) {
    co_return std::optional<Stored<Key>>{};
  }
  CAIRN_CO_TRY(auto key, decode_key(*document));
  co_return std::optional(Stored<Key>{.value = std::move(key), .version = document->version});
}

Task<Result<std::optional<Stored<Alias>>>> load_alias(catalog::Catalog& catalog, std::string account,
                                                      std::string region, std::string name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(alias_key(account, region, name)));
  if (!document) {
    co_return std::optional<Stored<Alias>>{};
  }
  CAIRN_CO_TRY(auto alias, decode_alias(*document));
  co_return std::optional(Stored<Alias>{.value = std::move(alias), .version = document->version});
}

catalog::Write put(const Key& key, catalog::Version expected) {
  return {.key = key_key(key.account, key.region, key.id), .value = encode(key), .expected = expected};
}

catalog::Write put(const Alias& alias, catalog::Version expected) {
  return {.key = alias_key(alias.account, alias.region, alias.name),
          .value = encode(alias),
          .expected = expected};
}

catalog::Write remove(const Alias& alias, catalog::Version expected) {
  return {
      .key = alias_key(alias.account, alias.region, alias.name), .value = std::nullopt, .expected = expected};
}

crypto::Secret new_material() {
  return crypto::random_secret(find_spec(kSymmetric)->material_bytes);
}

Result<crypto::Secret> new_material(const Spec& spec) {
  if (spec.family == Family::symmetric || spec.family == Family::mac) {
    return crypto::random_secret(spec.material_bytes);
  }
  CAIRN_TRY(const auto pair, crypto::KeyPair::generate(spec.pair));
  return pair.to_der();
}

void add_material(Key& key, const crypto::Sealer& sealer, const crypto::Secret& bytes, Time since,
                  bool on_demand) {
  CAIRN_CHECK(key.materials.size() < Limits::materials_max);
  std::array<std::byte, kMaterialIdBytes> id;
  crypto::random_bytes(id);
  key.materials.push_back({.id = codec::hex_encode(id),
                           .sealed = sealer.seal(bytes.bytes(), binding_of(key, key.materials.size())),
                           .since = since,
                           .on_demand = on_demand});
}

Result<crypto::Secret> open_material(const Key& key, const crypto::Sealer& sealer, std::size_t number) {
  if (number >= key.materials.size()) {
    return Error{Errc::not_found, "key has no such material", key.id};
  }
  return sealer.open(key.materials[number].sealed, binding_of(key, number));
}

}  // namespace cairn::keys
