// What kinds of keys there are, what each may be used for, and with which algorithms, by the names of KMS's
// model. Pure; any thread. Tested by keys_test.cc.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/key_pair.h"
#include "crypto/sha.h"

namespace cairn::keys {

inline constexpr std::string_view kSymmetric =
    "SYMMETRIC_DEFAULT";  // a key's spec, and what it encrypts with
inline constexpr std::string_view kEncrypts = "ENCRYPT_DECRYPT";
inline constexpr std::string_view kSigns = "SIGN_VERIFY";
inline constexpr std::string_view kMacs = "GENERATE_VERIFY_MAC";

enum class Family { symmetric, rsa, curve, mac };

struct Spec {
  std::string_view name;  // "RSA_2048"
  Family family;
  crypto::PairKind pair{};          // of rsa and curve
  crypto::Sha sha{};                // of curve and mac: the hash of its one algorithm
  std::size_t material_bytes = 32;  // of symmetric and mac
  std::string_view algorithm{};     // of curve and mac: it has one

  bool is_for(std::string_view usage) const;
};

// Null: there is none of this name here.
const Spec* find_spec(std::string_view name);
// Null: not a spec of data key pairs.
const Spec* find_pair_spec(std::string_view name);

struct SigningAlgorithm {
  std::string_view name;
  crypto::Scheme scheme;
  crypto::Sha sha;
};
struct EncryptionAlgorithm {
  std::string_view name;
  crypto::Sha sha;
};

// What a key of this spec and usage does it with; in the order that AWS shows.
std::vector<std::string_view> algorithms_of(const Spec& spec, std::string_view usage);
// One of them. None: the spec does not have it.
std::optional<SigningAlgorithm> signing_algorithm(const Spec& spec, std::string_view name);
// Of RSA. None: the spec does not have it.
std::optional<EncryptionAlgorithm> encryption_algorithm(const Spec& spec, std::string_view name);

}  // namespace cairn::keys
