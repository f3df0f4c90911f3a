#include "keys/spec.h"

#include <algorithm>

namespace cairn::keys {
namespace {

using crypto::PairKind;
using crypto::Scheme;
using crypto::Sha;

constexpr std::array kSpecs = {
    Spec{.name = kSymmetric, .family = Family::symmetric},
    Spec{.name = "RSA_2048", .family = Family::rsa, .pair = PairKind::rsa_2048},
    Spec{.name = "RSA_3072", .family = Family::rsa, .pair = PairKind::rsa_3072},
    Spec{.name = "RSA_4096", .family = Family::rsa, .pair = PairKind::rsa_4096},
    Spec{.name = "ECC_NIST_P256",
         .family = Family::curve,
         .pair = PairKind::p256,
         .sha = Sha::sha256,
         .algorithm = "ECDSA_SHA_256"},
    Spec{.name = "ECC_NIST_P384",
         .family = Family::curve,
         .pair = PairKind::p384,
         .sha = Sha::sha384,
         .algorithm = "ECDSA_SHA_384"},
    Spec{.name = "ECC_NIST_P521",
         .family = Family::curve,
         .pair = PairKind::p521,
         .sha = Sha::sha512,
         .algorithm = "ECDSA_SHA_512"},
    Spec{.name = "ECC_SECG_P256K1",
         .family = Family::curve,
         .pair = PairKind::secp256k1,
         .sha = Sha::sha256,
         .algorithm = "ECDSA_SHA_256"},
    Spec{.name = "HMAC_224",
         .family = Family::mac,
         .sha = Sha::sha224,
         .material_bytes = 28,
         .algorithm = "HMAC_SHA_224"},
    Spec{.name = "HMAC_256",
         .family = Family::mac,
         .sha = Sha::sha256,
         .material_bytes = 32,
         .algorithm = "HMAC_SHA_256"},
    Spec{.name = "HMAC_384",
         .family = Family::mac,
         .sha = Sha::sha384,
         .material_bytes = 48,
         .algorithm = "HMAC_SHA_384"},
    Spec{.name = "HMAC_512",
         .family = Family::mac,
         .sha = Sha::sha512,
         .material_bytes = 64,
         .algorithm = "HMAC_SHA_512"},
};

constexpr std::array kOfRsa = {
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_256", Scheme::rsa_pkcs1, Sha::sha256},
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_384", Scheme::rsa_pkcs1, Sha::sha384},
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_512", Scheme::rsa_pkcs1, Sha::sha512},
    SigningAlgorithm{"RSASSA_PSS_SHA_256", Scheme::rsa_pss, Sha::sha256},
    SigningAlgorithm{"RSASSA_PSS_SHA_384", Scheme::rsa_pss, Sha::sha384},
    SigningAlgorithm{"RSASSA_PSS_SHA_512", Scheme::rsa_pss, Sha::sha512},
};

constexpr std::array kOaep = {
    EncryptionAlgorithm{"RSAES_OAEP_SHA_1", Sha::sha1},
    EncryptionAlgorithm{"RSAES_OAEP_SHA_256", Sha::sha256},
};

}  // namespace

bool Spec::is_for(std::string_view usage) const {
  switch (family) {
    case Family::symmetric:
      return usage == kEncrypts;
    case Family::rsa:
      return usage == kEncrypts || usage == kSigns;
    case Family::curve:
      return usage == kSigns;
    case Family::mac:
      return usage == kMacs;
  }
  return false;
}

const Spec* find_spec(std::string_view name) {
  const auto* const found = std::ranges::find(kSpecs, name, &Spec::name);
  return found == kSpecs.end() ? nullptr : found;
}

const Spec* find_pair_spec(std::string_view name) {
  const auto* const spec = find_spec(name);
  return spec != nullptr && (spec->family == Family::rsa || spec->family == Family::curve) ? spec : nullptr;
}

std::vector<std::string_view> algorithms_of(const Spec& spec, std::string_view usage) {
  if (spec.family == Family::symmetric) {
    return {kSymmetric};
  }
  if (spec.family != Family::rsa) {
    return {spec.algorithm};
  }
  std::vector<std::string_view> names;
  if (usage == kEncrypts) {
    std::ranges::transform(kOaep, std::back_inserter(names), &EncryptionAlgorithm::name);
  } else {
    std::ranges::transform(kOfRsa, std::back_inserter(names), &SigningAlgorithm::name);
  }
  return names;
}

std::optional<SigningAlgorithm> signing_algorithm(const Spec& spec, std::string_view name) {
  if (spec.family == Family::curve && name == spec.algorithm) {
    return SigningAlgorithm{spec.algorithm, Scheme::ecdsa, spec.sha};
  }
  const auto* const found = std::ranges::find(kOfRsa, name, &SigningAlgorithm::name);
  return spec.family == Family::rsa && found != kOfRsa.end() ? std::optional(*found) : std::nullopt;
}

std::optional<EncryptionAlgorithm> encryption_algorithm(const Spec& spec, std::string_view name) {
  const auto* const found = std::ranges::find(kOaep, name, &EncryptionAlgorithm::name);
  return spec.family == Family::rsa && found != kOaep.end() ? std::optional(*found) : std::nullopt;
}

}  // namespace cairn::keys
