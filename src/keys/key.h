// Keys that encrypt for others: the documents of KMS's keys and aliases, and their life.
//
//   kms/key/ACCOUNT/REGION/ID         a key: its policy, tags, names, and its material, sealed
//   kms/alias/ACCOUNT/REGION/NAME     an alias ("alias/" left out): which key it is for
//
// A key's document names its aliases, so that what counts and what goes with the key is decided under one
// version. Material is sealed by crypto::Sealer and bound to the key and the material's number: it opens
// nowhere else. A key's id is never used again.
// Values; any thread. Errc::corrupt: not what was written. Tested by keys_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "keys/spec.h"

namespace cairn::keys {

struct Limits {
  static constexpr std::size_t tags_max = 50;
  static constexpr std::size_t aliases_max = 50;              // of a key
  static constexpr std::size_t policy_bytes_max = 32U << 10;  // as AWS's
  static constexpr std::size_t materials_max = 1000;          // of a key, all that it ever had
  static constexpr std::size_t on_demand_rotations_max = 25;
};

enum class State { enabled, disabled, pending_deletion };
std::string_view to_string(State state);  // "Enabled"

// What encrypts; the newest is used, all of them decrypt. Or what signs, or makes MACs: there is one then.
struct Material {
  std::string id{};      // 64 hexadecimal digits; says nothing of its bytes
  std::string sealed{};  // by seal_material()
  Time since{};
  bool on_demand = false;  // RotateKeyOnDemand brought it

  friend bool operator==(const Material&, const Material&) = default;
};

struct Rotation {
  bool enabled = false;
  std::int64_t days = 365;
  Time enabled_at{};

  friend bool operator==(const Rotation&, const Rotation&) = default;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

struct Key {
  std::string id{};
  std::string account{};
  std::string region{};
  Time created{};
  std::string description{};
  std::string usage = "ENCRYPT_DECRYPT";
  std::string spec = "SYMMETRIC_DEFAULT";
  bool enabled = true;
  std::optional<Time> deletion{};  // when it goes
  std::int64_t window_days = 0;    // of the deletion, as it was asked for
  std::string policy{};
  Tags tags{};
  std::set<std::string> aliases{};  // "alias/…"
  std::vector<Material> materials{};
  Rotation rotation{};
  std::uint64_t grants = 0;  // how many grants it has

  std::string arn() const;
  State state() const;
  bool is_symmetric() const { return spec == kSymmetric; }
  const Spec& kind() const;
  // It was to go by now, and is as good as gone.
  bool is_due(Time now) const { return deletion && now >= *deletion; }
  // When its material is replaced without being asked. None: never, as things are.
  std::optional<Time> next_rotation() const;

  friend bool operator==(const Key&, const Key&) = default;
};

struct Alias {
  std::string account{};
  std::string region{};
  std::string name{};  // "alias/…"
  std::string key{};   // its id
  Time created{};
  Time updated{};

  std::string arn() const;
  friend bool operator==(const Alias&, const Alias&) = default;
};

std::string key_prefix(std::string_view account, std::string_view region);
std::string key_key(std::string_view account, std::string_view region, std::string_view id);
std::string alias_prefix(std::string_view account, std::string_view region);
std::string alias_key(std::string_view account, std::string_view region, std::string_view name);
std::string alias_arn(std::string_view account, std::string_view region, std::string_view name);
inline constexpr std::string_view kKeysPrefix = "kms/key/";

std::string encode(const Key& key);
std::string encode(const Alias& alias);
Result<Key> decode_key(const catalog::Document& document);
Result<Alias> decode_alias(const catalog::Document& document);

template <class T>
struct Stored {
  T value;
  catalog::Version version = 0;
};
Task<Result<std::optional<Stored<Key>>>> load_key(catalog::Catalog& catalog, std::string account,
                                                  std::string region, std::string id);
Task<Result<std::optional<Stored<Alias>>>> load_alias(catalog::Catalog& catalog, std::string account,
                                                      std::string region, std::string name);
// Holds only if the document is still as it was read; version 0: if there is none.
catalog::Write put(const Key& key, catalog::Version expected);
catalog::Write put(const Alias& alias, catalog::Version expected);
catalog::Write remove(const Alias& alias, catalog::Version expected);

// Of a symmetric key.
crypto::Secret new_material();
// 32 random bytes, or as many as the MAC has; of a pair, its private key (crypto/key_pair.h). An RSA pair
// takes its time. Errc::unavailable: no random bytes.
Result<crypto::Secret> new_material(const Spec& spec);
// New material, its newest, for the key. REQUIRES: the key has fewer than materials_max.
void add_material(Key& key, const crypto::Sealer& sealer, const crypto::Secret& bytes, Time since,
                  bool on_demand);
// Errc::corrupt, Errc::denied: as Sealer::open(). Errc::not_found: it has no such material.
Result<crypto::Secret> open_material(const Key& key, const crypto::Sealer& sealer, std::size_t number);

}  // namespace cairn::keys
