// RecentIds against the obvious way to do it, a list; and what ids are made of event ids.
#include "dedupe/recent_ids.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <random>

namespace cairn::dedupe {
namespace {

constexpr Secret kSecret{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};

Id numbered(std::uint64_t number) {
  Id id{};
  std::memcpy(id.data(), &number, sizeof number);
  return id;
}

class ListOfIds {
 public:
  explicit ListOfIds(std::size_t ids_max) : ids_max_(ids_max) {}
  bool contains(const Id& id) const { return std::ranges::find(ids_, id) != ids_.end(); }
  bool insert(const Id& id) {
    if (contains(id)) {
      return false;
    }
    ids_.push_back(id);
    if (ids_.size() > ids_max_) {
      ids_.pop_front();
    }
    return true;
  }
  const std::deque<Id>& ids() const { return ids_; }

 private:
  std::size_t ids_max_;
  std::deque<Id> ids_;
};

TEST(RecentIds, does_what_a_list_does) {
  for (const std::size_t ids_max : {1U, 2U, 3U, 12U, 13U, 100U, 777U}) {
    RecentIds fast(ids_max, kSecret);
    ListOfIds slow(ids_max);
    std::mt19937_64 random(ids_max);
    for (int i = 0; i < 5000; ++i) {
      const auto id = numbered(random() % (2 * ids_max + 1));
      ASSERT_EQ(fast.contains(id), slow.contains(id)) << ids_max << " " << i;
      ASSERT_EQ(fast.insert(id), slow.insert(id)) << ids_max << " " << i;
      ASSERT_EQ(fast.size(), slow.ids().size());
    }
    std::vector<Id> copied;
    fast.copy(0, ~0ULL >> 1, copied);
    EXPECT_EQ(copied, std::vector<Id>(slow.ids().begin(), slow.ids().end()));
    for (std::uint64_t number = 0; number <= 2 * ids_max; ++number) {
      EXPECT_EQ(fast.contains(numbered(number)), slow.contains(numbered(number)));
    }
  }
}

// As full as buckets get, so that many an id lies farther on; long enough for places to come round.
TEST(RecentIds, knows_just_the_newest_however_full_its_buckets_are) {
  for (const std::size_t ids_max : {9U, 18U, 1152U}) {
    RecentIds ids(ids_max, kSecret);
    for (std::uint64_t i = 0; i < 40'000; ++i) {
      ASSERT_TRUE(ids.insert(numbered(i)));
      for (const auto ago : {std::uint64_t{0}, i % ids_max, std::uint64_t{ids_max - 1}}) {
        ASSERT_TRUE(ago > i || ids.contains(numbered(i - ago))) << ids_max << " " << i << " " << ago;
      }
      ASSERT_FALSE(i >= ids_max && ids.contains(numbered(i - ids_max))) << ids_max << " " << i;
    }
  }
}

TEST(RecentIds, numbers_go_on_over_evictions) {
  RecentIds ids(3, kSecret);
  for (std::uint64_t i = 0; i < 5; ++i) {
    ids.insert(numbered(i));
  }
  EXPECT_EQ(ids.first_number(), 2U);
  EXPECT_EQ(ids.next_number(), 5U);
  std::vector<Id> copied;
  ids.copy(1, 3, copied);
  EXPECT_EQ(copied, (std::vector<Id>{numbered(2), numbered(3)}));
  ids.copy(7, 3, copied);
  EXPECT_EQ(copied.size(), 2U);
}

#ifndef CAIRN_SANITIZED  // a sanitizer has its own allocator

// What the index's memory is reckoned with: four million, the default, are 105 MiB at most.
TEST(RecentIds, a_quarter_million_cost_less_than_7_MiB) {
  constexpr std::uint64_t kIds = 250'000;
  const auto before = ::mallinfo2();
  RecentIds ids(kIds, kSecret);
  for (std::uint64_t i = 0; i < kIds + 1000; ++i) {
    ids.insert(numbered(i));
  }
  const auto after = ::mallinfo2();
  EXPECT_EQ(ids.size(), kIds);
  EXPECT_LT(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd, 7ULL << 20);
}

#endif

TEST(RecentIds, what_is_forgotten_gives_its_memory_back) {
  RecentIds ids(10'000, kSecret);
  for (std::uint64_t i = 0; i < 9000; ++i) {
    ids.insert(numbered(i));
  }
  for (const std::size_t kept : {8000U, 900U, 3U, 0U}) {
    ids.forget(ids.size() - kept);
    ASSERT_EQ(ids.size(), kept);
    for (std::uint64_t i = 0; i < 9000; ++i) {
      ASSERT_EQ(ids.contains(numbered(i)), i >= 9000 - kept) << i << " " << kept;
    }
  }
  EXPECT_EQ(ids.first_number(), 9000U);
  EXPECT_TRUE(ids.insert(numbered(1)));
  EXPECT_TRUE(ids.contains(numbered(1)));
  ids.forget(7);
  EXPECT_EQ(ids.size(), 0U);
}

TEST(EventId, a_uuid_is_its_bytes_and_anything_else_a_hash) {
  const auto uuid = to_id("0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(uuid[0], std::byte{0x0f});
  EXPECT_EQ(uuid[15], std::byte{0x0e});
  // Half of SHA-256("abc").
  EXPECT_EQ(to_id("abc")[0], std::byte{0xba});
  EXPECT_EQ(to_id("abc")[15], std::byte{0x23});
  for (const auto* other : {"0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5bd9cb469fa16570867728950e",
                            "0f8fad5b-d9cb-469f-a165-70867728950", "0f8fad5b-d9cb-469f-a165-70867728950g",
                            "0f8fad5b-d9cb-469f-a165-70867728950e ", ""}) {
    EXPECT_NE(to_id(other), uuid) << other;
  }
}

}  // namespace
}  // namespace cairn::dedupe
