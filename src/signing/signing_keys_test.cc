#include "signing/signing_keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "crypto/master_key.h"

namespace cairn::signing {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};
constexpr Time kFrom{Millis{1'770'336'000'000}};  // 681 times 30 days since 1970

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/signing/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class FixedClock final : public Clock {
 public:
  Time now() const override { return kNow; }
};

class SigningKeysTest : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return async::run(loops.at(0).get_executor(), std::move(task));
  }
  SigningKey kept(const std::string& region, Time moment) {
    auto made = make_key(sealer, region, moment);
    EXPECT_TRUE(made);
    return run(keep_key(catalog, sealer, *std::move(made))).value();
  }
  std::vector<std::string> listed(const std::string& region, Time from, Time to) {
    std::vector<std::string> fingerprints;
    const auto keys = run(list_keys(catalog, region, from, to));
    for (const auto& key : keys.value()) {
      fingerprints.push_back(key.fingerprint);
    }
    return fingerprints;
  }

  FixedClock clock;
  catalog::memory::MemoryCatalog catalog{clock};
  crypto::Sealer sealer{crypto::MasterKey::generate()};
  async::Loops loops{1};
};

TEST_F(SigningKeysTest, a_window_has_the_moment) {
  EXPECT_EQ(window_start(kNow), kFrom);
  EXPECT_EQ(window_start(kFrom), kFrom);
  EXPECT_EQ(window_start(kFrom - Millis{1}), kFrom - kWindow);
  EXPECT_EQ(document_key("eu-west-1", kFrom), "signing/key/eu-west-1/1770336000000");
}

TEST_F(SigningKeysTest, what_was_kept_is_found_and_verifies) {
  EXPECT_FALSE(run(find_key(catalog, sealer, "eu-west-1", kNow)).value());
  const auto key = kept("eu-west-1", kNow);
  EXPECT_EQ(key.shown.valid_from, kFrom);
  EXPECT_EQ(key.shown.valid_until - key.shown.valid_from, Millis{2'592'000'000});
  const auto found = run(find_key(catalog, sealer, "eu-west-1", kFrom));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->shown.fingerprint, key.shown.fingerprint);
  const auto shown = crypto::RsaPublicKey::from_pkcs1((*found)->shown.der);
  ASSERT_TRUE(shown);
  EXPECT_TRUE(shown->verifies("words", (*found)->pair.sign("words")));
  EXPECT_EQ((*found)->pair.sign("words"), key.pair.sign("words"));
  EXPECT_FALSE(run(find_key(catalog, sealer, "eu-west-2", kNow)).value());
  EXPECT_FALSE(run(find_key(catalog, sealer, "eu-west-1", kFrom + kWindow)).value());
}

TEST_F(SigningKeysTest, of_two_the_first_is_everybodys) {
  const auto first = kept("eu-west-1", kNow);
  EXPECT_EQ(kept("eu-west-1", kNow + Millis{1}).shown.fingerprint, first.shown.fingerprint);
  EXPECT_EQ(listed("eu-west-1", kNow, kNow).size(), 1U);
}

TEST_F(SigningKeysTest, those_are_listed_whose_validity_meets_the_range) {
  const auto a = kept("eu-west-1", kFrom).shown.fingerprint;
  const auto b = kept("eu-west-1", kFrom + kWindow).shown.fingerprint;
  kept("us-east-1", kFrom);
  using Keys = std::vector<std::string>;
  EXPECT_EQ(listed("eu-west-1", kFrom - Millis{2}, kFrom - Millis{1}), Keys{});
  EXPECT_EQ(listed("eu-west-1", kFrom - Millis{2}, kFrom), Keys{a});
  EXPECT_EQ(listed("eu-west-1", kFrom, kFrom + kWindow - Millis{1}), Keys{a});
  EXPECT_EQ(listed("eu-west-1", kFrom, kFrom + kWindow), (Keys{a, b}));
  EXPECT_EQ(listed("eu-west-1", kFrom + kWindow + Millis{1}, kFrom + 9 * kWindow), Keys{b});
  EXPECT_EQ(listed("eu-west-1", kFrom + 2 * kWindow + Millis{1}, kFrom + 9 * kWindow), Keys{});
}

TEST_F(SigningKeysTest, a_document_opens_at_its_place_and_with_its_master_key_alone) {
  kept("eu-west-1", kNow);
  const auto place = document_key("eu-west-1", kFrom);
  const auto document = run(catalog.get(place)).value();
  ASSERT_TRUE(document);
  const crypto::Sealer other{crypto::MasterKey::generate()};
  EXPECT_EQ(run(find_key(catalog, other, "eu-west-1", kNow)).error().code, Errc::denied);
  auto moved = *read_key(*document);
  moved.region = "eu-west-2";
  catalog::Transaction copy;
  copy.writes.push_back({document_key("eu-west-2", kFrom), moved.document(), 0});
  ASSERT_TRUE(run(catalog.commit(std::move(copy))));
  EXPECT_EQ(run(find_key(catalog, sealer, "eu-west-2", kNow)).error().code, Errc::corrupt);
}

TEST_F(SigningKeysTest, documents_of_version_1_are_read_and_written_alike) {
  const auto text = sample("signing_key_v1.json");
  const auto place = document_key("eu-west-1", kFrom);
  const auto read = read_key({.key = place, .value = text, .version = 1});
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->document(), text);
  EXPECT_TRUE(crypto::RsaPublicKey::from_pkcs1(read->shown.der));
}

TEST_F(SigningKeysTest, what_was_not_written_is_noticed) {
  const auto text = sample("signing_key_v1.json");
  const auto place = document_key("eu-west-1", kFrom);
  const auto with = [&](std::string_view is, std::string_view becomes) {
    auto changed = text;
    changed.replace(changed.find(is), is.size(), becomes);
    return read_key({.key = place, .value = changed, .version = 1}).has_value();
  };
  EXPECT_TRUE(with("\"v\":1", "\"v\":1"));
  EXPECT_FALSE(with("\"v\":1", "\"v\":2"));
  EXPECT_FALSE(with("eu-west-1", "eu-west-2"));
  EXPECT_FALSE(with("\"from\":1", "\"from\":2"));
  EXPECT_FALSE(with("\"until\":1", "\"until\":0"));
  EXPECT_FALSE(with("\"fingerprint\":\"", "\"fingerprint\":\"0"));
  EXPECT_FALSE(with("\"public\":\"", "\"public\":\"?"));
  EXPECT_FALSE(read_key({.key = place + "0", .value = text, .version = 1}));
  EXPECT_FALSE(read_key({.key = place, .value = "", .version = 1}));
}

}  // namespace
}  // namespace cairn::signing
