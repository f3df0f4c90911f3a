// The door's question: was this event id seen? Repeats, repeats in flight, batches that contain each other's
// ids.
#include "dedupe/dedupe.h"

#include <gtest/gtest.h>

#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "async/gate.h"
#include "dedupe/index_fixture.h"
#include "journal/memory/memory_journal.h"

namespace cairn::dedupe {
namespace {

class DedupeTest : public IndexFixture {};

TEST_F(DedupeTest, a_repeat_is_seen_in_its_own_account_only) {
  start();
  EXPECT_EQ(see({"a", "b", "a"}), "ffr");
  EXPECT_EQ(see({"b", "c"}), "rf");
  EXPECT_EQ(see({"a"}, "444455556666"), "f");
  EXPECT_EQ(see({}), "");
}

TEST_F(DedupeTest, what_was_not_appended_is_fresh_again) {
  start();
  admit({"a"}).value().settle(kFailed);
  { const auto dropped = admit({"a"}).value(); }
  EXPECT_EQ(see({"a"}), "f");
  EXPECT_EQ(see({"a"}), "r");
}

TEST_F(DedupeTest, the_oldest_goes_when_there_are_too_many) {
  options_.ids_max = 3;
  start();
  EXPECT_EQ(see({"a", "b", "c"}), "fff");
  EXPECT_EQ(see({"a"}), "r");  // and stays where it is in the order
  EXPECT_EQ(see({"d"}), "f");
  EXPECT_EQ(see({"b", "c", "d"}), "rrr");
  EXPECT_EQ(see({"x"}, "444455556666"), "f");
  EXPECT_EQ(see({"a"}), "f");
  EXPECT_EQ(see({"b"}), "f");
}

// Those with the most lose their oldest; who has few loses nothing.
TEST_F(DedupeTest, all_accounts_together_are_bounded) {
  options_.ids_max = 100;
  options_.ids_total_max = 160;
  start();
  const auto observe = [&](std::string_view account, int from, int to) {
    for (int i = from; i < to; ++i) {
      index_->observe(account, std::to_string(i), Position{0});
    }
  };
  observe("111111111111", 0, 100);
  observe("222222222222", 0, 20);
  observe("333333333333", 0, 40);
  EXPECT_EQ(see({"0"}, "111111111111"), "r");  // no more than there may be
  observe("333333333333", 40, 41);             // 161: together they keep 140 now
  EXPECT_EQ(see({"0"}, "222222222222"), "r");
  EXPECT_EQ(see({"0"}, "333333333333"), "r");
  EXPECT_EQ(see({"99", "21"}, "111111111111"), "rr");
  EXPECT_EQ(see({"20"}, "111111111111"), "f");
  for (int account = 0; account < 50; ++account) {
    observe(std::to_string(account), 0, 100);
  }
  ASSERT_TRUE(index_->flush());
  const auto text = metrics_.text();
  const auto at = text.find("\ncairn_dedupe_ids ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LE(std::stod(text.substr(at + 18)), 160);
  restart();
  EXPECT_EQ(see({"99"}, "49"), "r");
}

TEST_F(DedupeTest, what_the_journal_has_is_seen) {
  start();
  index_->observe(kAccount, "a", Position{0});
  EXPECT_EQ(see({"a", "b"}), "rf");
  index_->observe(kAccount, "b", Position{1});
  EXPECT_EQ(see({"b"}), "r");
}

TEST_F(DedupeTest, limits_are_kept) {
  options_.limits = {.batch_ids_max = 3, .in_flight_ids_max = 4};
  start();
  EXPECT_EQ(admit({"1", "2", "3", "4"}).error().code, Errc::limit);
  auto first = admit({"1", "2", "3"}).value();
  EXPECT_EQ(admit({"4", "5"}).error().code, Errc::limit);
  EXPECT_TRUE(admit({"4"}));
  first.settle(Position{0});
  EXPECT_EQ(see({"4", "5"}), "ff");
  EXPECT_EQ(admit({"a"}, std::string(256, '1')).error().code, Errc::invalid);
}

// Admits on a thread of its own, and tells when it has waited.
class Later {
 public:
  Later(Index& index, async::Loops& loops, std::vector<std::string> ids) : ids_(std::move(ids)) {
    for (const auto& id : ids_) {
      keys_.push_back({kAccount, id});
    }
    thread_ = std::thread([this, &index, &loops] {
      result_ = async::run(loops.next().get_executor(), index.admit(keys_));
      done_ = true;
    });
  }
  ~Later() { thread_.join(); }
  bool waits() const {
    std::this_thread::sleep_for(Millis{30});
    return !done_;
  }
  bool is_done() const { return done_; }
  Admission take() {
    while (!done_) {
      std::this_thread::yield();
    }
    return std::move(*result_).value();
  }

 private:
  std::vector<std::string> ids_;
  std::vector<Key> keys_;
  std::optional<Result<Admission>> result_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

TEST_F(DedupeTest, a_repeat_in_flight_waits_and_is_seen_once_the_first_is_durable) {
  start();
  auto first = admit({"a", "b"}).value();
  Later repeat(*index_, loops_, {"b", "c"});
  EXPECT_TRUE(repeat.waits());
  EXPECT_EQ(see({"c"}), "f") << "who waits holds nothing";
  first.settle(Position{0});
  auto second = repeat.take();
  EXPECT_FALSE(second.is_fresh(0));
  EXPECT_FALSE(second.is_fresh(1));
}

TEST_F(DedupeTest, a_repeat_in_flight_becomes_fresh_when_the_first_one_fails) {
  start();
  std::optional<Admission> first = admit({"a"}).value();
  Later one(*index_, loops_, {"a"});
  Later two(*index_, loops_, {"a"});
  EXPECT_TRUE(one.waits());
  first->settle(kFailed);
  // One of the two gets it, the other waits for that one.
  while (!one.is_done() && !two.is_done()) {
    std::this_thread::yield();
  }
  auto lucky = one.is_done() ? one.take() : two.take();
  EXPECT_TRUE(lucky.is_fresh(0));
  lucky.settle(Position{0});
  EXPECT_EQ(see({"a"}), "r");
}

TEST_F(DedupeTest, an_observed_id_need_not_wait_for_its_settling) {
  start();
  auto first = admit({"a"}).value();
  index_->observe(kAccount, "a", Position{0});
  EXPECT_EQ(see({"a"}), "r");
  first.settle(Position{0});
  EXPECT_EQ(see({"a"}), "r");
}

// Producers that send batches of each other's ids in any order, with a journal that fails now and then: each
// id is appended exactly once, and nobody waits for ever.
struct Door {
  Index& index;
  journal::MemoryJournal& journal;
  std::mutex mutex{};
  std::multiset<std::string> appended{};
};

Task<void> send(Door& door, std::vector<std::string> ids) {
  std::vector<Key> keys;
  for (const auto& id : ids) {
    keys.push_back({id.front() % 2 == 0 ? "111122223333" : "444455556666", id});
  }
  for (bool sent = false; !sent;) {
    auto admission = co_await door.index.admit(keys);
    EXPECT_TRUE(admission);
    std::vector<std::string> fresh;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (admission->is_fresh(i)) {
        fresh.push_back(ids[i]);
      }
    }
    if (fresh.empty()) {
      co_return;
    }
    const auto position = co_await door.journal.append(journal::Partition{0}, fresh);
    if (position) {
      const std::lock_guard lock(door.mutex);
      door.appended.insert(fresh.begin(), fresh.end());
    }
    admission->settle(position);
    sent = position.has_value();
  }
}

Task<void> send_many(Door& door, std::uint64_t seed, int batches) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < batches; ++i) {
    std::vector<std::string> ids(1 + random() % 8);
    for (auto& id : ids) {
      id = std::to_string(random() % 40 + static_cast<std::uint64_t>(i) * 10);
    }
    co_await send(door, ids);
  }
}

TEST_F(DedupeTest, batches_with_each_others_ids_all_end_and_each_id_is_appended_once) {
  constexpr int kProducers = 16;
  constexpr int kBatches = 60;
  start();
  journal::MemoryJournal journal;
  for (std::uint64_t nth = 0; nth < 300; nth += 3) {
    journal.fail(nth, Errc::limit);
  }
  Door door{*index_, journal};
  async::Gate gate;
  for (std::uint64_t i = 0; i < kProducers; ++i) {
    gate.spawn(loops_.next().get_executor(), send_many(door, i, kBatches));
  }
  gate.close();
  for (int i = 0; i < 20 && !gate.wait_empty(Millis{50}); ++i) {
    EXPECT_TRUE(index_->flush());
  }
  ASSERT_TRUE(gate.wait_empty(Millis{20'000})) << "somebody waits for ever";
  EXPECT_GT(door.appended.size(), 500U);
  const std::set<std::string> once(door.appended.begin(), door.appended.end());
  EXPECT_EQ(once.size(), door.appended.size());
  EXPECT_EQ(journal.end(journal::Partition{0}).raw(), once.size());
}

}  // namespace
}  // namespace cairn::dedupe
