// The cache against the obvious one.
#include "base/lru.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

namespace cairn {
namespace {

TEST(Lru, keeps_what_was_used_last) {
  Lru<int, int> cache(50);
  std::vector<int> used;  // the obvious cache: latest last; a key costs 10
  std::mt19937 random(1);
  for (int i = 0; i < 5'000; ++i) {
    const auto key = static_cast<int>(random() % 9);
    const auto found = cache.find(key);
    ASSERT_EQ(found.has_value(), std::ranges::count(used, key) > 0) << i;
    if (found) {
      ASSERT_EQ(*found, key * 7);
    } else {
      cache.put(key, key * 7, 10);
    }
    std::erase(used, key);
    used.push_back(key);
    used.erase(used.begin(), used.size() > 5 ? used.begin() + 1 : used.begin());
    ASSERT_EQ(cache.cost(), used.size() * 10);
  }
}

TEST(Lru, gives_up_as_many_as_a_dear_one_takes_and_keeps_none_that_is_too_dear) {
  Lru<int, int> cache(50);
  for (int key = 0; key < 5; ++key) {
    cache.put(key, key, 10);
  }
  cache.put(5, 5, 25);
  EXPECT_EQ(cache.cost(), 45U);
  EXPECT_FALSE(cache.find(2).has_value());
  EXPECT_TRUE(cache.find(3).has_value());
  cache.put(6, 6, 51);
  EXPECT_FALSE(cache.find(6).has_value());
  EXPECT_EQ(cache.cost(), 0U);
}

TEST(Lru, keeps_the_first_of_a_key) {
  Lru<int, int> cache(50);
  cache.put(1, 1, 10);
  cache.put(1, 2, 20);
  EXPECT_EQ(cache.find(1), 1);
  EXPECT_EQ(cache.cost(), 10U);
}

TEST(Lru, serves_several_threads) {
  Lru<int, int> cache(70);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 3'000; ++i) {
        const auto key = static_cast<int>(random() % 12);
        if (const auto found = cache.find(key)) {
          EXPECT_EQ(*found, key * 7);
        } else {
          cache.put(key, key * 7, 10);
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_LE(cache.cost(), 70U);
}

}  // namespace
}  // namespace cairn
