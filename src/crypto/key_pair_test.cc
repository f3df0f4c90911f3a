// Pairs of every kind: what is signed verifies and nothing else does, what is encrypted opens; and published
// vectors of the HMACs.
#include "crypto/key_pair.h"

#include <gtest/gtest.h>

#include <map>

#include "crypto/random.h"

namespace cairn::crypto {
namespace {

// Making one is slow: the tests share them.
const KeyPair& pair_of(PairKind kind) {
  static std::map<PairKind, KeyPair> made;
  auto it = made.find(kind);
  if (it == made.end()) {
    it = made.emplace(kind, KeyPair::generate(kind).value()).first;
  }
  return it->second;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(byte) >> 4U];
    out += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

struct Signing {
  PairKind kind;
  Scheme scheme;
  Sha sha;
};

TEST(KeyPair, a_signature_verifies_for_its_digest_scheme_and_key_alone) {
  const Signing rows[] = {{PairKind::rsa_2048, Scheme::rsa_pss, Sha::sha256},
                          {PairKind::rsa_2048, Scheme::rsa_pss, Sha::sha512},
                          {PairKind::rsa_2048, Scheme::rsa_pkcs1, Sha::sha384},
                          {PairKind::rsa_2048, Scheme::rsa_pkcs1, Sha::sha256},
                          {PairKind::p256, Scheme::ecdsa, Sha::sha256},
                          {PairKind::p384, Scheme::ecdsa, Sha::sha384},
                          {PairKind::p521, Scheme::ecdsa, Sha::sha512},
                          {PairKind::secp256k1, Scheme::ecdsa, Sha::sha256}};
  for (const auto& [kind, scheme, sha] : rows) {
    const auto& pair = pair_of(kind);
    const auto nest = digest(sha, "nest");
    const auto signature = pair.sign(scheme, sha, nest);
    EXPECT_TRUE(pair.verifies(scheme, sha, nest, signature));
    EXPECT_FALSE(pair.verifies(scheme, sha, digest(sha, "eggs"), signature));
    EXPECT_FALSE(KeyPair::generate(PairKind::p256)
                     ->verifies(Scheme::ecdsa, Sha::sha256, digest(Sha::sha256, "nest"), signature));
    if (scheme != Scheme::ecdsa) {
      const auto other = scheme == Scheme::rsa_pss ? Scheme::rsa_pkcs1 : Scheme::rsa_pss;
      EXPECT_FALSE(pair.verifies(other, sha, nest, signature));
    }
    for (const auto& wrong :
         {std::string(), std::string("x"), signature.substr(1), std::string(signature.size(), '\xff')}) {
      EXPECT_FALSE(pair.verifies(scheme, sha, nest, wrong));
    }
  }
}

TEST(KeyPair, what_is_encrypted_opens_with_the_same_pair_and_hash_alone) {
  const std::size_t bytes = 256;
  const auto& pair = pair_of(PairKind::rsa_2048);
  for (const auto sha : {Sha::sha1, Sha::sha256}) {
    EXPECT_EQ(pair.plaintext_max(sha), bytes - (sha == Sha::sha1 ? 42 : 66));
    for (const auto& plain :
         {std::string(), std::string("nest"), std::string(pair.plaintext_max(sha), 'x')}) {
      const auto text = pair.encrypt(sha, plain);
      EXPECT_EQ(text.size(), bytes);
      EXPECT_EQ(ByteView(pair.decrypt(sha, text)->bytes()).text(), plain);
      EXPECT_EQ(pair.decrypt(sha == Sha::sha1 ? Sha::sha256 : Sha::sha1, text).error().code, Errc::corrupt);
      auto changed = text;
      changed[bytes / 2] = static_cast<char>(changed[bytes / 2] ^ 1);
      EXPECT_EQ(pair.decrypt(sha, changed).error().code, Errc::corrupt);
      EXPECT_EQ(pair.decrypt(sha, text.substr(1)).error().code, Errc::corrupt);
      EXPECT_EQ(pair.decrypt(sha, text + "x").error().code, Errc::corrupt);
    }
  }
}

// Until one begins with a zero, which is one in 256: cut off, it is the same number.
TEST(KeyPair, a_ciphertext_without_its_zero_is_not_opened) {
  const auto& pair = pair_of(PairKind::rsa_2048);
  auto text = pair.encrypt(Sha::sha1, "nest");
  while (text.front() != '\0') {
    text = pair.encrypt(Sha::sha1, "nest");
  }
  EXPECT_TRUE(pair.decrypt(Sha::sha1, text));
  EXPECT_EQ(pair.decrypt(Sha::sha1, text.substr(1)).error().code, Errc::corrupt);
}

TEST(KeyPair, pairs_come_back_from_their_bytes_and_foreign_bytes_are_refused) {
  for (const auto kind :
       {PairKind::rsa_2048, PairKind::p256, PairKind::p384, PairKind::p521, PairKind::secp256k1}) {
    const auto& pair = pair_of(kind);
    const auto der = pair.to_der();
    const auto again = KeyPair::from_der(der.bytes());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->to_subject_public_key_info(), pair.to_subject_public_key_info());
    EXPECT_EQ(ByteView(again->to_der().bytes()).text(), ByteView(der.bytes()).text());
    const std::string bytes(ByteView(der.bytes()).text());
    for (const auto& wrong :
         {std::string(), bytes.substr(0, bytes.size() - 1), bytes + "x", pair.to_subject_public_key_info()}) {
      EXPECT_EQ(KeyPair::from_der(wrong).error().code, Errc::corrupt);
    }
  }
}

// RFC 4231, case 2.
TEST(Sha, hmacs_are_as_published) {
  const std::map<Sha, const char*> expected = {
      {Sha::sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
      {Sha::sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Sha::sha384,
       "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
      {Sha::sha512,
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab"
       "1a34d4a6b4b"
       "636e070a38bce737"}};
  for (const auto& [sha, value] : expected) {
    EXPECT_EQ(hex(hmac(sha, "Jefe", "what do ya want for nothing?")), value);
    EXPECT_EQ(hmac(sha, "Jefe", "").size(), size_of(sha));
  }
  EXPECT_EQ(hex(digest(Sha::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

}  // namespace
}  // namespace cairn::crypto
