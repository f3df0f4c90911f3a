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
  void make() {
    const Options options{.backoff_min = Millis{5}, .backoff_max = Millis{20}};
    stream_ = Stream::make(journal_, {&a_, &b_}, system_clock(), options, metrics_);
  }
  void append(std::size_t count) {
    const std::vector<std::string> payloads(
        count, event::encode_entry(event::Kind::record, 0, testing::record("id")));
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

}  // namespace
}  // namespace cairn::stream
