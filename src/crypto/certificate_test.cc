#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace cairn::crypto {
namespace {

const Time kFrom{Millis{1'772'446'500'000}};
const Time kUntil = kFrom + std::chrono::days(3650);

std::shared_ptr<X509> read(const std::string& pem) {
  const std::shared_ptr<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  return {PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free};
}

// Whether the certificate's key opens what the private key signed.
bool verifies(X509& certificate, const EVP_MD* hash, std::string_view data, std::string_view signature) {
  const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, X509_get0_pubkey(&certificate)) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1;
}

TEST(Certificate, says_which_key_signs) {
  const auto key = *RsaPrivateKey::generate();
  const auto pem = self_signed_certificate(key, {.common_name = "Cairn", .from = kFrom, .until = kUntil});
  ASSERT_TRUE(pem) << pem.error().text();
  const auto certificate = read(*pem);
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())), 1);
  EXPECT_TRUE(verifies(*certificate, EVP_sha1(), "nest", key.sign("nest", Algorithm::sha1)));
  EXPECT_TRUE(verifies(*certificate, EVP_sha256(), "nest", key.sign("nest")));
  EXPECT_FALSE(verifies(*certificate, EVP_sha256(), "nest", key.sign("nest", Algorithm::sha1)));
  EXPECT_FALSE(verifies(*certificate, EVP_sha1(), "rest", key.sign("nest", Algorithm::sha1)));
  auto from = static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(kFrom).time_since_epoch().count());
  EXPECT_EQ(X509_cmp_time(X509_get0_notBefore(certificate.get()), &from),
            -1);  // the same second counts as before
  EXPECT_EQ(X509_get_version(certificate.get()), 2);
}

TEST(Certificate, has_a_name_that_certificates_can_have) {
  const auto key = *RsaPrivateKey::generate();
  EXPECT_FALSE(self_signed_certificate(key, {.common_name = "", .from = kFrom, .until = kUntil}));
  EXPECT_FALSE(
      self_signed_certificate(key, {.common_name = std::string(65, 'n'), .from = kFrom, .until = kUntil}));
}

}  // namespace
}  // namespace cairn::crypto
