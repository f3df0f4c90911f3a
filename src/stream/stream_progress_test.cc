// How far each follower has come, and what it is said to be in trouble with: its own, not another's.
#include <gtest/gtest.h>

#include "stream/stream_testing.h"

namespace cairn::stream {
namespace {

using testing::eventually;
using testing::TestFollower;

constexpr journal::Partition kFirst{0};

class StreamProgressTest : public ::testing::Test {
 protected:
  ~StreamProgressTest() override {
    a_.release();
    if (stream_) {
      stream_->stop();
    }
  }
  void make() { stream_ = Stream::make(journal_, {&a_, &b_}, system_clock(), options_, metrics_); }
  void append(std::size_t count, std::size_t padding = 0) {
    const std::vector<std::string> payloads(
        count, event::encode_entry(event::Kind::record, 0, testing::record("id", padding)));
    ASSERT_TRUE(async::run(loops_.at(0).get_executor(), journal_.append(kFirst, payloads)));
  }
  bool caught_up(const TestFollower& follower) const {
    return eventually([&] { return stream_->caught_up(follower); });
  }
  bool is_well(const TestFollower& follower) const {
    return eventually([&] {
      const auto trouble = stream_->trouble(follower);
      return trouble.lag == 0 && trouble.failing == Millis{0};
    });
  }

  Options options_{.backoff_min = Millis{5}, .backoff_max = Millis{20}};
  async::Loops loops_{1};
  Metrics metrics_;
  journal::MemoryJournal journal_;
  TestFollower a_{"a"};
  TestFollower b_{"b"};
  std::unique_ptr<Stream> stream_;
};

TEST_F(StreamProgressTest, caught_up_means_what_was_there_at_the_start) {
  append(10);
  make();
  EXPECT_FALSE(stream_->caught_up(a_));
  stream_->start();
  EXPECT_TRUE(caught_up(a_));
  a_.hold();
  append(5);
  EXPECT_TRUE(stream_->caught_up(a_));
  EXPECT_EQ(stream_->trouble(a_).lag, 5U);
  a_.release();
  EXPECT_TRUE(is_well(a_));
}

// Whoever waits for one follower does not wait for another that is stuck.
TEST_F(StreamProgressTest, each_follower_catches_up_for_itself) {
  append(10);
  b_.fail(1'000'000);
  make();
  stream_->start();
  EXPECT_TRUE(caught_up(a_));
  EXPECT_TRUE(is_well(a_));
  EXPECT_TRUE(eventually([&] { return stream_->trouble(b_).failing > Millis{0}; }));
  EXPECT_FALSE(stream_->caught_up(b_));
  EXPECT_EQ(stream_->trouble(b_).lag, 10U);
  b_.fail(0);
  EXPECT_TRUE(caught_up(b_));
  EXPECT_TRUE(is_well(b_));
}

TEST_F(StreamProgressTest, a_tick_that_fails_is_trouble) {
  a_.fail_ticks(true);
  make();
  stream_->start();
  EXPECT_TRUE(eventually([&] { return stream_->trouble(a_).failing > Millis{0}; }));
  append(3);
  EXPECT_TRUE(eventually([&] { return stream_->trouble(a_).lag == 0; }));
  EXPECT_GT(stream_->trouble(a_).failing, Millis{0});
  a_.fail_ticks(false);
  EXPECT_TRUE(is_well(a_));
}

// What is not taken is measured by the ring: half of it is little, all of it is not.
TEST_F(StreamProgressTest, keeps_up_whose_rest_is_half_a_ring) {
  constexpr std::size_t kBytes = 1000;
  options_.ring_bytes = 40 * (kBytes + sizeof(Item));  // about 40 records
  options_.batch_items_max = 1;
  make();
  EXPECT_TRUE(stream_->keeps_up(b_)) << "before the start";
  stream_->start();
  EXPECT_TRUE(stream_->keeps_up(b_)) << "of nothing";
  b_.hold();
  append(10, kBytes);
  ASSERT_TRUE(eventually([&] { return a_.count() == 10; }));
  EXPECT_TRUE(stream_->keeps_up(b_)) << "a quarter of the ring";
  append(25, kBytes);
  ASSERT_TRUE(eventually([&] { return a_.count() == 35; }));
  EXPECT_FALSE(stream_->keeps_up(b_)) << "seven eighths";
  EXPECT_TRUE(eventually([&] { return stream_->keeps_up(a_); }));
  append(100, kBytes);
  ASSERT_TRUE(eventually([&] { return a_.count() == 135; }));
  EXPECT_FALSE(stream_->keeps_up(b_)) << "it has fallen out";
  b_.release();
  EXPECT_TRUE(eventually([&] { return stream_->keeps_up(b_); }));
  EXPECT_TRUE(eventually([&] { return b_.count() == 135; }));
}

}  // namespace
}  // namespace cairn::stream
