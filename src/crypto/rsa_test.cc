// RSA keys: what is signed verifies, and nothing else does; keys come back from their bytes; foreign bytes
// are refused.
#include "crypto/rsa.h"

#include <gtest/gtest.h>

namespace cairn::crypto {
namespace {

// Making one is slow: the tests share it.
const RsaPrivateKey& key() {
  static const RsaPrivateKey made = RsaPrivateKey::generate().value();
  return made;
}

TEST(Rsa, a_signature_verifies_for_its_data_and_key_alone) {
  const auto signature = key().sign("data");
  EXPECT_EQ(signature.size(), 256U);
  EXPECT_EQ(signature, key().sign("data"));
  EXPECT_TRUE(key().public_key().verifies("data", signature));
  EXPECT_FALSE(key().public_key().verifies("dato", signature));
  EXPECT_FALSE(RsaPrivateKey::generate().value().public_key().verifies("data", signature));
  for (const std::size_t at : {0U, 100U, 255U}) {
    auto changed = signature;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(key().public_key().verifies("data", changed)) << at;
  }
  for (const auto& wrong : {std::string(), signature.substr(1), signature + "x", std::string(256, '\xff')}) {
    EXPECT_FALSE(key().public_key().verifies("data", wrong)) << wrong.size();
  }
}

TEST(Rsa, keys_come_back_from_their_bytes) {
  const auto secret = key().to_der();
  const auto again = RsaPrivateKey::from_der(secret.bytes());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->sign("data"), key().sign("data"));
  const auto der = key().public_key().to_pkcs1();
  const auto read = RsaPublicKey::from_pkcs1(der);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->bits(), 2048);
  EXPECT_EQ(read->to_pkcs1(), der);
  EXPECT_TRUE(read->verifies("data", key().sign("data")));
}

TEST(Rsa, foreign_bytes_are_refused) {
  const auto der = key().public_key().to_pkcs1();
  const auto secret = std::string(ByteView(key().to_der().bytes()).text());
  for (const auto& wrong : {std::string(), std::string("0"), der.substr(0, der.size() - 1), der + "x",
                            std::string(300, 'x'), key().public_key().to_subject_public_key_info()}) {
    EXPECT_FALSE(RsaPublicKey::from_pkcs1(wrong).has_value()) << wrong.size();
  }
  for (const auto& wrong : {std::string(), secret.substr(0, secret.size() - 1), secret + "x", der}) {
    EXPECT_FALSE(RsaPrivateKey::from_der(wrong).has_value()) << wrong.size();
  }
}

}  // namespace
}  // namespace cairn::crypto
