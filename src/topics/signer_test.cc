#include "topics/signer.h"

#include <gtest/gtest.h>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "codec/base64.h"
#include "crypto/master_key.h"

namespace cairn::topics {
namespace {

class SignerTest : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(0).get_executor()), std::move(task));
  }

  catalog::memory::MemoryCatalog catalog{system_clock()};
  crypto::Sealer sealer{crypto::MasterKey::generate()};
  async::Pool pool{1};
  Signer signer{catalog, sealer, pool, system_clock()};

 private:
  async::Loops loops_{1};
};

TEST_F(SignerTest, makes_its_key_at_the_first_signature_and_keeps_it) {
  EXPECT_EQ(*run(signer.certificate("/SimpleNotificationService-00000000000000000000000000000000.pem")),
            std::nullopt);
  EXPECT_FALSE(*run(catalog.get(std::string(kSignerKey))));  // strangers bring no key about
  const auto first = run(signer.sign("nest", "2"));
  ASSERT_TRUE(first) << first.error().text();
  Signer later(catalog, sealer, pool, system_clock());
  EXPECT_EQ(*run(later.sign("nest", "2")), *first);
  const auto signing = *run(later.signing());
  EXPECT_TRUE(signing->key.public_key().verifies("nest", *codec::base64_decode(*first)));
  EXPECT_TRUE(is_certificate_path(signing->path));
  EXPECT_EQ(*run(later.certificate(signing->path)), signing->certificate);
  EXPECT_NE(*run(later.sign("nest", "1")), *first);
  const auto document = *run(catalog.get(std::string(kSignerKey)));
  const auto der = signing->key.to_der();
  EXPECT_EQ(document->value.find(codec::base64_encode(der.bytes())), std::string::npos);
}

TEST_F(SignerTest, opens_its_key_with_its_master_key_alone) {
  ASSERT_TRUE(run(signer.signing()));
  const crypto::Sealer stranger{crypto::MasterKey::generate()};
  Signer other(catalog, stranger, pool, system_clock());
  const auto refused = run(other.sign("nest", "1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::denied);
}

TEST_F(SignerTest, refuses_what_it_did_not_write) {
  for (const auto* const bad : {"{}", R"({"v":2})", R"({"v":1,"key":"AAAA","certificate":"c"})", "no JSON"}) {
    catalog::Transaction change;
    change.writes.push_back({.key = std::string(kSignerKey), .value = bad, .expected = std::nullopt});
    ASSERT_TRUE(run(catalog.commit(std::move(change))));
    EXPECT_FALSE(run(signer.sign("nest", "1"))) << bad;
  }
}

TEST(CertificatePath, is_of_one_form) {
  EXPECT_FALSE(is_certificate_path("/"));
  EXPECT_FALSE(is_certificate_path("/SimpleNotificationService-.pem"));
  EXPECT_FALSE(is_certificate_path("/bucket/SimpleNotificationService-00000000000000000000000000000000.pem"));
}

}  // namespace
}  // namespace cairn::topics
