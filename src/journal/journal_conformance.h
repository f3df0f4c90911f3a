// What every journal promises (journal.h), as tests. An adapter's test program includes this once and says
// how to make one:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, JournalConformance, testing::Values(MakeBench{"memory",
//   make_memory_bench}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "async/loops.h"
#include "journal/journal.h"
#include "journal/journal_testing.h"

namespace cairn::journal {

// A journal under test, and the means to close and reopen it.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual Journal& journal() = 0;
  virtual void reopen() = 0;
};

struct MakeBench {
  std::string name;
  std::function<std::unique_ptr<Bench>(Limits)> make;
};
inline void PrintTo(const MakeBench& make, std::ostream* out) {
  *out << make.name;
}

class JournalConformance : public testing::TestWithParam<MakeBench> {
 protected:
  void start(Limits limits = {}) { bench_ = GetParam().make(limits); }
  Journal& journal() { return bench_->journal(); }
  void reopen() { bench_->reopen(); }

  Result<Position> append(std::vector<std::string> payloads, Partition partition = kPartition) {
    return async::run(loops_.next().get_executor(), journal().append(partition, payloads));
  }
  std::unique_ptr<Reader> reader(Position from) {
    auto reader = journal().reader(kPartition, from);
    EXPECT_TRUE(reader) << (reader ? "" : reader.error().text());
    return reader ? *std::move(reader) : nullptr;
  }

  async::Loops loops_{2};
  std::unique_ptr<Bench> bench_;
};

TEST_P(JournalConformance, entries_come_back_in_order_without_a_gap) {
  start();
  EXPECT_EQ(journal().partitions(), 1U);
  EXPECT_EQ(journal().partition_of("111122223333"), kPartition);
  EXPECT_EQ(append({"a"}).value(), Position{0});
  EXPECT_EQ(append({"b", "", std::string("\0\x1e\xff", 3)}).value(), Position{1});
  EXPECT_EQ(append({std::string(300'000, 'x')}).value(), Position{4});
  EXPECT_EQ(journal().end(kPartition), Position{5});
  EXPECT_EQ(journal().begin(kPartition), Position{0});

  const auto seen = read_all(journal(), Position{0});
  EXPECT_EQ(payloads_of(seen),
            (Texts{"a", "b", "", std::string("\0\x1e\xff", 3), std::string(300'000, 'x')}));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].position, Position{i});
    EXPECT_TRUE(i == 0 || seen[i - 1].time <= seen[i].time);
  }
}

TEST_P(JournalConformance, a_reader_starts_anywhere_up_to_the_end) {
  start();
  ASSERT_TRUE(append({"a", "b", "c"}));
  ASSERT_TRUE(append({"d"}));
  EXPECT_EQ(payloads_of(read_all(journal(), Position{1})), (Texts{"b", "c", "d"}));
  EXPECT_EQ(payloads_of(read_all(journal(), Position{3})), (Texts{"d"}));
  EXPECT_EQ(payloads_of(read_all(journal(), Position{4})), Texts{});
  EXPECT_EQ(journal().reader(kPartition, Position{5}).error().code, Errc::invalid);
}

TEST_P(JournalConformance, what_cannot_be_appended_leaves_nothing) {
  start({.entry_bytes_max = 100, .pending_bytes_max = 1000});
  ASSERT_TRUE(append({"a"}));
  EXPECT_EQ(append({"fits", std::string(101, 'x')}).error().code, Errc::limit);
  EXPECT_EQ(append(Texts(11, std::string(100, 'x'))).error().code, Errc::limit);
  EXPECT_EQ(append({}).error().code, Errc::invalid);
  EXPECT_EQ(append({"b"}, Partition{7}).error().code, Errc::invalid);
  EXPECT_EQ(journal().reader(Partition{7}, Position{0}).error().code, Errc::invalid);
  EXPECT_EQ(append({std::string(100, 'y')}).value(), Position{1});
  EXPECT_EQ(payloads_of(read_all(journal(), Position{0})), (Texts{"a", std::string(100, 'y')}));
}

TEST_P(JournalConformance, a_read_is_bounded_but_for_a_large_entry) {
  start({.read_bytes_max = 1000});
  ASSERT_TRUE(append(Texts(30, std::string(100, 'x'))));
  ASSERT_TRUE(append({std::string(5000, 'y')}));
  const auto from_start = reader(Position{0});
  std::size_t total = 0;
  while (total < 30) {
    const auto entries = from_start->read(Millis{5000});
    ASSERT_TRUE(entries && !entries->empty());
    EXPECT_LE(entries->size(), 10U);
    total += entries->size();
    EXPECT_EQ(from_start->position(), Position{total});
  }
  const auto large = from_start->read(Millis{5000});
  ASSERT_TRUE(large);
  ASSERT_EQ(large->size(), 1U);
  EXPECT_EQ(large->front().payload.size(), 5000U);
}

TEST_P(JournalConformance, a_reader_at_the_end_waits_for_what_comes) {
  start();
  const auto waiting = reader(Position{0});
  EXPECT_TRUE(waiting->read(Millis{1}).value().empty());
  std::thread appender([&] {
    std::this_thread::sleep_for(Millis{30});
    EXPECT_TRUE(append({"late"}));
  });
  const auto entries = waiting->read(Millis::max());
  ASSERT_TRUE(entries && entries->size() == 1U);
  EXPECT_EQ(entries->front().payload, "late");
  appender.join();
}

TEST_P(JournalConformance, interrupt_wakes_a_reader_now_or_at_its_next_read) {
  start();
  const auto waiting = reader(Position{0});
  std::thread interrupter([&] {
    std::this_thread::sleep_for(Millis{30});
    waiting->interrupt();
  });
  EXPECT_TRUE(waiting->read(Millis::max()).value().empty());
  interrupter.join();

  waiting->interrupt();
  EXPECT_TRUE(waiting->read(Millis::max()).value().empty());
  ASSERT_TRUE(append({"a"}));
  EXPECT_EQ(waiting->read(Millis{5000}).value().size(), 1U);
}

TEST_P(JournalConformance, many_callers_at_once_each_get_their_own_place) {
  constexpr std::size_t kCallers = 64;
  start({.pending_bytes_max = 600});  // so that most of them wait for room
  std::vector<std::map<std::uint64_t, std::string>> where(kCallers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kCallers; ++i) {
    threads.emplace_back([this, i, &where] {
      async::run(loops_.next().get_executor(), append_many(journal(), std::to_string(i), where[i]));
    });
  }
  std::map<std::uint64_t, std::string> expected;
  for (std::size_t i = 0; i < kCallers; ++i) {
    threads[i].join();
    expected.merge(where[i]);
    EXPECT_TRUE(where[i].empty()) << "two callers were given the same position";
  }
  const auto seen = read_all(journal(), Position{0});
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].payload, expected[i]);
    EXPECT_TRUE(i == 0 || seen[i - 1].time <= seen[i].time);
  }
}

TEST_P(JournalConformance, a_reader_keeps_up_with_many_callers) {
  constexpr std::size_t kCallers = 8;
  constexpr std::uint64_t kEntries = kCallers * 79;  // 40 batches of 1, 2, 3, 1, …
  start();
  std::uint64_t next = 0;
  std::thread following([&] {
    const auto follower = reader(Position{0});
    while (next < kEntries) {
      const auto entries = follower->read(Millis{5000});
      ASSERT_TRUE(entries && !entries->empty());
      for (const auto& entry : *entries) {
        ASSERT_EQ(entry.position, Position{next});
        ++next;
      }
    }
  });
  std::vector<std::map<std::uint64_t, std::string>> where(kCallers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kCallers; ++i) {
    threads.emplace_back([this, i, &where] {
      async::run(loops_.next().get_executor(), append_many(journal(), std::to_string(i), where[i]));
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  following.join();
  EXPECT_EQ(journal().end(kPartition), Position{kEntries});
  EXPECT_EQ(next, kEntries);
}

TEST_P(JournalConformance, what_is_retired_may_go_and_the_rest_stays) {
  start();
  ASSERT_TRUE(append({"a", "b"}));
  ASSERT_TRUE(append({"c", "d"}));
  ASSERT_TRUE(journal().retire(kPartition, Position{3}));
  EXPECT_LE(journal().begin(kPartition), Position{3});
  EXPECT_EQ(payloads_of(read_all(journal(), Position{3})), (Texts{"d"}));
  ASSERT_TRUE(journal().retire(kPartition, Position{1}));  // never goes back
  ASSERT_TRUE(journal().retire(kPartition, Position{1000}));
  EXPECT_LE(journal().begin(kPartition), Position{4});
  EXPECT_EQ(append({"e"}).value(), Position{4});
  EXPECT_EQ(payloads_of(read_all(journal(), Position{4})), (Texts{"e"}));
  if (journal().begin(kPartition) > Position{0}) {
    EXPECT_EQ(journal().reader(kPartition, Position{0}).error().code, Errc::not_found);
  }
}

TEST_P(JournalConformance, reopened_it_is_as_it_was_and_goes_on) {
  start();
  reopen();
  EXPECT_EQ(journal().end(kPartition), Position{0});
  ASSERT_TRUE(append({"a", "b"}));
  const auto before = read_all(journal(), Position{0});
  reopen();
  EXPECT_EQ(journal().end(kPartition), Position{2});
  EXPECT_EQ(append({"c"}).value(), Position{2});
  const auto after = read_all(journal(), Position{0});
  EXPECT_EQ(payloads_of(after), (Texts{"a", "b", "c"}));
  EXPECT_EQ(after[1].time, before[1].time);
  EXPECT_LE(after[1].time, after[2].time);
}

}  // namespace cairn::journal
