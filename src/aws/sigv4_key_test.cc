// Signing keys, derived and kept.
#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "codec/base64.h"

namespace cairn::aws::sigv4 {
namespace {

TEST(KeyCache, keeps_the_most_recently_used_and_never_another_secrets) {
  KeyCache cache(2);
  const Scope scope{"20260302", "eu-west-1", "s3"};
  const crypto::Secret secret("s");
  const auto key = std::make_shared<const crypto::Secret>(signing_key(secret, scope));
  EXPECT_EQ(cache.find("A", scope, secret), nullptr);
  cache.keep("A", scope, secret, key);
  cache.keep("B", scope, secret, key);
  EXPECT_EQ(cache.find("A", scope, secret), key);
  EXPECT_EQ(cache.find("A", scope, crypto::Secret("t")), nullptr);
  EXPECT_EQ(cache.find("A", {"20260303", "eu-west-1", "s3"}, secret), nullptr);
  cache.keep("C", scope, secret, key);
  EXPECT_EQ(cache.find("B", scope, secret), nullptr) << "the least recently used one goes";
  EXPECT_NE(cache.find("A", scope, secret), nullptr);
  const auto rotated = std::make_shared<const crypto::Secret>(signing_key(crypto::Secret("t"), scope));
  cache.keep("A", scope, crypto::Secret("t"), rotated);
  EXPECT_EQ(cache.find("A", scope, secret), nullptr);
  EXPECT_EQ(cache.find("A", scope, crypto::Secret("t")), rotated);
  EXPECT_NE(cache.find("C", scope, secret), nullptr) << "replacing one pushes none out";
}

// The key derivation example of AWS's documentation.
TEST(KeyCache, derives_the_documented_key) {
  const auto key = signing_key(crypto::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                               {"20120215", "us-east-1", "iam"});
  EXPECT_EQ(codec::hex_encode(key.bytes()),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

TEST(KeyCache, is_shared_by_threads) {
  KeyCache cache(3);
  const crypto::Secret secret("s");
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2'000; ++i) {
        const Scope scope{"20260302", "r" + std::to_string((i + t) % 5), "s3"};
        const auto derived = std::make_shared<const crypto::Secret>(signing_key(secret, scope));
        const auto found = cache.find("A", scope, secret);
        wrong += found != nullptr && !(*found == *derived) ? 1 : 0;
        cache.keep("A", scope, secret, derived);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cairn::aws::sigv4
