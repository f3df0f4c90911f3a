// The stream over a journal in memory: everybody sees everything once and in order, whatever happens to the
// others.
#include "stream/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "stream/stream_testing.h"

namespace cairn::stream {
namespace {

using testing::eventually;
using testing::TestFollower;
using namespace std::string_literals;

constexpr journal::Partition kFirst{0};

class StreamTest : public ::testing::Test {
 protected:
  ~StreamTest() override {
    for (const auto& follower : followers_) {
      follower->release();
    }
    stop();
  }

  void make(std::vector<Follower*> followers) {
    stream_ = Stream::make(journal_, std::move(followers), system_clock(), options_, metrics_);
  }
  void start(std::vector<Follower*> followers) {
    make(std::move(followers));
    stream_->start();
  }
  void stop() {
    if (stream_) {
      stream_->stop();
    }
  }
  // Followers live longer than the stream, even when a test ends early.
  TestFollower& follower(std::string name) {
    return *followers_.emplace_back(std::make_unique<TestFollower>(std::move(name)));
  }

  void append(const std::vector<std::string>& payloads, journal::Partition partition = kFirst) {
    const auto executor = loops_.at(0).get_executor();
    const auto done = async::run(executor, memory_.append(partition, payloads));
    ASSERT_TRUE(done) << done.error().text();
  }
  // Entries p0.17, p0.18, … of a partition, in appends of `each`.
  void append_records(std::size_t count, std::size_t each = 1, journal::Partition partition = kFirst,
                      std::size_t padding = 0) {
    while (count > 0) {
      std::vector<std::string> payloads;
      for (; payloads.size() < each && count > 0; --count) {
        payloads.push_back(
            event::encode_entry(event::Kind::record, 0, testing::record(next_id(partition), padding)));
      }
      append(payloads, partition);
    }
  }
  std::string next_id(journal::Partition partition) { return id(partition, appended_[partition.raw()]++); }
  static std::string id(journal::Partition partition, std::size_t n) {
    return "p" + std::to_string(partition.raw()) + "." + std::to_string(n);
  }

  // Has the follower taken each entry of the partition from `from` on exactly once, in order?
  void expect_all(const TestFollower& follower, journal::Partition partition = kFirst, std::size_t from = 0) {
    std::size_t next = from;
    for (const auto& taken : follower.taken()) {
      if (taken.partition == partition) {
        ASSERT_EQ(taken.id, id(partition, next)) << follower.name();
        ASSERT_EQ(taken.position.raw(), next) << follower.name();
        ASSERT_EQ(taken.body,
                  testing::record(taken.id, taken.body.size() - testing::record(taken.id).size()));
        ++next;
      }
    }
    EXPECT_EQ(next, appended_[partition.raw()]) << follower.name();
  }
  bool has(const TestFollower& follower, std::size_t count) const {
    return eventually([&] { return follower.count() >= count; });
  }
  double metric(const std::string& line) const {
    const auto text = metrics_.text();
    const auto at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size() + 2));
  }

  async::Loops loops_{1};
  journal::MemoryJournal memory_{{.partitions = 2}};
  testing::BreakableJournal journal_{memory_};
  Metrics metrics_;
  Options options_{.backoff_min = Millis{5}, .backoff_max = Millis{20}};
  std::vector<std::unique_ptr<TestFollower>> followers_;
  std::unique_ptr<Stream> stream_;
  std::map<std::uint32_t, std::size_t> appended_;
};

TEST_F(StreamTest, everybody_sees_everything_once_and_in_order) {
  auto& a = follower("a");
  auto& b = follower("b");
  auto& c = follower("c");
  append_records(300, 7);
  append_records(100, 100, journal::Partition{1});
  start({&a, &b, &c});
  append_records(300, 1);
  append_records(300, 3, journal::Partition{1});
  for (auto* const follower : {&a, &b, &c}) {
    EXPECT_TRUE(has(*follower, 1000)) << follower->count();
    expect_all(*follower);
    expect_all(*follower, journal::Partition{1});
    EXPECT_TRUE(eventually([&] { return stream_->caught_up(*follower); }));
  }
}

TEST_F(StreamTest, an_entry_is_taken_within_milliseconds) {
  auto& a = follower("a");
  start({&a});
  append_records(1);
  ASSERT_TRUE(has(a, 1));
  std::vector<double> took;
  for (std::size_t i = 2; i <= 30; ++i) {
    append_records(1);
    const auto durable = std::chrono::steady_clock::now();
    ASSERT_TRUE(has(a, i));
    took.push_back(std::chrono::duration<double, std::milli>(a.last_taken() - durable).count());
  }
  std::ranges::sort(took);
  EXPECT_LT(took[took.size() / 2], 20) << ::testing::PrintToString(took);
}

TEST_F(StreamTest, intents_and_controls_come_without_a_view) {
  auto& a = follower("a");
  start({&a});
  append({event::encode_entry(event::Kind::intent, 0, "{\"eventID\":\"x\"}"),
          event::encode_entry(event::Kind::control, 9, "{\"type\":\"t\"}"),
          event::encode_entry(event::Kind::outcome, 0, testing::record("x"))});
  ASSERT_TRUE(has(a, 3));
  const auto taken = a.taken();
  EXPECT_EQ(taken[0].kind, event::Kind::intent);
  EXPECT_EQ(taken[0].id, "");
  EXPECT_EQ(taken[1].body, "{\"type\":\"t\"}");
  EXPECT_EQ(taken[2].kind, event::Kind::outcome);
  EXPECT_EQ(taken[2].id, "x");
}

// The slow one reads the journal itself, and nobody waits for it.
TEST_F(StreamTest, who_falls_out_of_the_ring_catches_up) {
  options_.ring_bytes = 32U << 10;
  options_.batch_items_max = 4;
  auto& fast = follower("fast");
  auto& slow = follower("slow");
  slow.hold();
  start({&fast, &slow});
  append_records(2000, 10, kFirst, 500);
  EXPECT_TRUE(has(fast, 2000)) << fast.count();
  expect_all(fast);
  EXPECT_EQ(slow.count(), 0U);
  EXPECT_LT(metric("cairn_stream_ring_bytes"), 40 << 10);
  EXPECT_TRUE(
      eventually([&] { return metric(R"(cairn_stream_lag_entries{follower="fast",partition="0"})") == 0; }));
  slow.release();
  EXPECT_TRUE(has(slow, 2000)) << slow.count();
  expect_all(slow);
  append_records(50);
  EXPECT_TRUE(has(slow, 2050));
  EXPECT_TRUE(has(fast, 2050));
  expect_all(slow);
}

// With nobody taking, the ring fills and its reader waits: memory is bounded.
TEST_F(StreamTest, the_ring_is_bounded_when_nobody_takes) {
  options_.ring_bytes = 32U << 10;
  options_.batch_items_max = 4;
  auto& a = follower("a");
  auto& b = follower("b");
  a.hold();
  b.hold();
  start({&a, &b});
  append_records(500, 5, kFirst, 500);
  EXPECT_TRUE(eventually([&] { return metric("cairn_stream_ring_bytes") >= (16 << 10); }));
  std::this_thread::sleep_for(Millis{50});
  EXPECT_LT(metric("cairn_stream_ring_bytes"), 48 << 10);
  a.release();
  b.release();
  EXPECT_TRUE(has(a, 500));
  EXPECT_TRUE(has(b, 500));
  expect_all(a);
  expect_all(b);
}

TEST_F(StreamTest, who_fails_gets_the_same_batch_again) {
  auto& good = follower("good");
  auto& bad = follower("bad");
  append_records(10, 10);
  bad.fail(3);
  start({&good, &bad});
  EXPECT_TRUE(has(good, 10));
  EXPECT_TRUE(has(bad, 10));
  expect_all(bad);
  const auto calls = bad.calls();
  ASSERT_EQ(calls.size(), 4U);
  for (const auto& call : calls) {
    EXPECT_EQ(call.first, calls[0].first);
    EXPECT_EQ(call.end, calls[0].end);
  }
  EXPECT_EQ(good.calls().size(), 1U);
  EXPECT_EQ(metric(R"(cairn_stream_follower_errors_total{follower="bad"})"), 3);
  EXPECT_EQ(metric(R"(cairn_stream_follower_errors_total{follower="good"})"), 0);
}

TEST_F(StreamTest, an_exception_is_an_error_of_the_follower) {
  auto& bad = follower("bad");
  append_records(10, 10);
  bad.fail(2, true);
  start({&bad});
  EXPECT_TRUE(has(bad, 10));
  expect_all(bad);
  EXPECT_EQ(bad.calls().size(), 3U);
}

TEST_F(StreamTest, what_fails_in_one_partition_holds_up_no_other) {
  options_.backoff_min = options_.backoff_max = Millis{60'000};
  auto& a = follower("a");
  append_records(5, 5);
  a.fail(1);
  start({&a});
  ASSERT_TRUE(eventually([&] { return a.calls().size() == 1; }));
  append_records(20, 1, journal::Partition{1});
  EXPECT_TRUE(has(a, 20));
  expect_all(a, journal::Partition{1});
}

// Restarts begin at the cursor, even inside of what the ring holds as one batch.
TEST_F(StreamTest, starts_at_the_cursor) {
  auto& from_start = follower("from_start");
  auto& from_3 = follower("from_3");
  auto& from_9 = follower("from_9");
  auto& from_end = follower("from_end");
  append_records(10, 10);
  from_3.start_at(kFirst, journal::Position{3});
  from_9.start_at(kFirst, journal::Position{9});
  from_end.start_at(kFirst, journal::Position{10});
  start({&from_start, &from_3, &from_9, &from_end});
  append_records(10, 10);
  EXPECT_TRUE(has(from_start, 20));
  EXPECT_TRUE(has(from_3, 17));
  EXPECT_TRUE(has(from_9, 11));
  EXPECT_TRUE(has(from_end, 10));
  expect_all(from_start);
  expect_all(from_3, kFirst, 3);
  expect_all(from_9, kFirst, 9);
  expect_all(from_end, kFirst, 10);
}

TEST_F(StreamTest, a_restart_goes_on_where_the_last_one_ended) {
  auto& a = follower("a");
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    append_records(1 + random() % 50, 1 + random() % 9);
    start({&a});
    append_records(random() % 50, 1 + random() % 9);
    stop();  // wherever it was
  }
  start({&a});
  EXPECT_TRUE(has(a, appended_[0]));
  expect_all(a);
}

TEST_F(StreamTest, a_new_follower_begins_with_what_the_journal_still_has) {
  auto& old = follower("old");
  auto& fresh = follower("fresh");
  append_records(10, 5);
  ASSERT_TRUE(memory_.retire(kFirst, journal::Position{5}));
  ASSERT_EQ(memory_.begin(kFirst), journal::Position{5});
  old.start_at(kFirst, journal::Position{3});  // it has missed something
  start({&fresh, &old});
  EXPECT_TRUE(has(fresh, 5));
  expect_all(fresh, kFirst, 5);
  EXPECT_TRUE(
      eventually([&] { return metric(R"(cairn_stream_follower_errors_total{follower="old"})") > 0; }));
  EXPECT_EQ(old.count(), 0U);  // it is not moved over a gap
}

TEST_F(StreamTest, stops_quickly) {
  options_.backoff_min = options_.backoff_max = Millis{60'000};
  auto& waiting = follower("waiting");
  auto& failing = follower("failing");
  failing.fail(1000);
  failing.fail_ticks(true);
  start({&waiting, &failing});
  append_records(3);
  ASSERT_TRUE(eventually([&] { return !failing.calls().empty(); }));
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, Millis{10'000});  // not the back-off
  const auto ticks = waiting.ticks();
  std::this_thread::sleep_for(Millis{150});
  EXPECT_EQ(waiting.ticks(), ticks);
  stop();
}

TEST_F(StreamTest, stops_while_the_journal_cannot_be_read) {
  options_.backoff_min = options_.backoff_max = Millis{60'000};
  auto& a = follower("a");
  journal_.broken = true;
  start({&a});
  ASSERT_TRUE(eventually([&] { return journal_.failed_reads > 0; }));
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, Millis{10'000});  // not the back-off
}

TEST_F(StreamTest, waits_while_the_journal_cannot_be_read) {
  auto& a = follower("a");
  append_records(5);
  start({&a});
  ASSERT_TRUE(has(a, 5));
  journal_.broken = true;
  // A read that is under way still sees what is appended: each partition's must have failed first.
  const auto failing = [](int partition) {
    return "cairn_stream_reader_failing{partition=\"" + std::to_string(partition) + "\"}";
  };
  ASSERT_TRUE(eventually([&] { return metric(failing(0)) == 1 && metric(failing(1)) == 1; }));
  append_records(5);
  EXPECT_TRUE(eventually([&] { return metric(R"(cairn_stream_read_errors_total{partition="0"})") > 2; }));
  EXPECT_EQ(a.count(), 5U);
  journal_.broken = false;
  EXPECT_TRUE(has(a, 10));
  expect_all(a);
  EXPECT_TRUE(eventually([&] { return metric(failing(0)) == 0 && metric(failing(1)) == 0; }));
}

// It passed the door, so it was damaged later: one record less, and a number that says so.
TEST_F(StreamTest, a_record_that_cannot_be_read_is_left_out) {
  auto& a = follower("a");
  append({event::encode_entry(event::Kind::record, 0, testing::record("one")),
          event::encode_entry(event::Kind::record, 0, "{\"eventID\":"),
          event::encode_entry(event::Kind::record, 0, testing::record("three"))});
  start({&a});
  ASSERT_TRUE(has(a, 2));
  EXPECT_EQ(a.taken()[0].id, "one");
  EXPECT_EQ(a.taken()[1].id, "three");
  EXPECT_EQ(a.taken()[1].position, journal::Position{2});
  EXPECT_EQ(metric(R"(cairn_stream_unreadable_records_total{partition="0"})"), 1);
  append({event::encode_entry(event::Kind::record, 0, "no record")});
  EXPECT_TRUE(eventually([&] { return a.cursor(kFirst) == journal::Position{4}; }));
}

// It may be a change of configuration: everything before it is handed out, nothing after it.
TEST_F(StreamTest, an_entry_that_is_none_is_never_stepped_over) {
  auto& a = follower("a");
  append({event::encode_entry(event::Kind::record, 0, testing::record("one")), "\x03\x01\x00newer"s,
          event::encode_entry(event::Kind::record, 0, testing::record("three"))});
  start({&a});
  ASSERT_TRUE(has(a, 1));
  EXPECT_TRUE(eventually([&] { return metric(R"(cairn_stream_reader_failing{partition="0"})") == 1; }));
  std::this_thread::sleep_for(Millis{60});
  EXPECT_EQ(a.count(), 1U);
  EXPECT_EQ(a.cursor(kFirst), journal::Position{1});
  EXPECT_FALSE(stream_->caught_up(a));
}

TEST_F(StreamTest, the_lowest_cursor_is_what_is_durable) {
  auto& a = follower("a");
  auto& b = follower("b");
  append_records(10, 10);
  a.start_at(kFirst, journal::Position{7});
  b.start_at(kFirst, journal::Position{4});
  make({&a, &b});
  EXPECT_EQ(stream_->lowest_cursor(kFirst), journal::Position{4});
  EXPECT_EQ(stream_->lowest_cursor(journal::Partition{1}), journal::Position{0});
  b.hold();
  stream_->start();
  EXPECT_TRUE(has(a, 3));
  ASSERT_TRUE(eventually([&] { return !b.calls().empty(); }));
  EXPECT_EQ(stream_->lowest_cursor(kFirst), journal::Position{4});  // handed out is not taken
  EXPECT_FALSE(stream_->caught_up(b));
  b.release();
  EXPECT_TRUE(eventually([&] { return stream_->lowest_cursor(kFirst) == journal::Position{10}; }));
  EXPECT_TRUE(eventually([&] { return stream_->caught_up(b); }));
}

TEST_F(StreamTest, ticks_come_while_nothing_else_does) {
  auto& a = follower("a");
  start({&a});
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return a.ticks() >= 4; }));
  EXPECT_GE(std::chrono::steady_clock::now() - before, Millis{250});
}

TEST_F(StreamTest, a_failing_tick_holds_up_no_batch) {
  auto& a = follower("a");
  a.fail_ticks(true);
  start({&a});
  ASSERT_TRUE(eventually([&] { return a.ticks() > 0; }));
  append_records(20);
  EXPECT_TRUE(has(a, 20));
  expect_all(a);
  EXPECT_GT(metric(R"(cairn_stream_follower_errors_total{follower="a"})"), 0);
}

TEST_F(StreamTest, nobody_may_follow) {
  append_records(3);
  start({});
  EXPECT_EQ(stream_->lowest_cursor(kFirst), journal::Position{3});
}

// Followers of all speeds that fail now and then, while two partitions grow.
TEST_F(StreamTest, all_of_it_at_once) {
  options_.ring_bytes = 24U << 10;
  options_.batch_items_max = 7;
  std::vector<Follower*> all;
  for (int i = 0; i < 5; ++i) {
    auto& one = follower("f" + std::to_string(i));
    one.slow_down(Millis{i == 4 ? 2 : 0});
    all.push_back(&one);
  }
  start(all);
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    append_records(1 + random() % 20, 1 + random() % 20,
                   journal::Partition{static_cast<std::uint32_t>(random() % 2)}, 100);
    if (round % 10 == 0) {
      followers_[random() % followers_.size()]->fail(2, round % 20 == 0);
    }
  }
  for (const auto& follower : followers_) {
    EXPECT_TRUE(has(*follower, appended_[0] + appended_[1])) << follower->name() << follower->count();
    expect_all(*follower);
    expect_all(*follower, journal::Partition{1});
  }
}

}  // namespace
}  // namespace cairn::stream
