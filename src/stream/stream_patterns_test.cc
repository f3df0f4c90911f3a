// Patterns of followers: which of them match an item, with which version, and from where on a changed one
// holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stream/stream_testing.h"

namespace cairn::stream {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::eventually;
using ::testing::IsEmpty;
using testing::TestFollower;
using Ids = std::vector<std::uint64_t>;

constexpr journal::Partition kFirst{0};

class StreamPatternsTest : public ::testing::Test {
 protected:
  ~StreamPatternsTest() override {
    first_.release();
    second_.release();
    if (stream_) {
      stream_->stop();
    }
  }

  void start(Options options = {}) {
    stream_ = Stream::make(journal_, {&first_, &second_}, system_clock(), options, metrics_);
    stream_->start();
  }

  static std::string payload(event::Kind kind, std::string_view body) {
    return event::encode_entry(kind, 0, body);
  }
  static std::string record(std::string_view id, std::size_t padding = 0) {
    return payload(event::Kind::record, testing::record(id, padding));
  }
  static std::string control() { return payload(event::Kind::control, R"({"type":"rules"})"); }

  // All in one append, so that they come in one batch.
  void append(const std::vector<std::string>& payloads) {
    const auto executor = loops_.at(0).get_executor();
    ASSERT_TRUE(async::run(executor, journal_.append(kFirst, payloads)));
  }

  static std::vector<Ids> matched(const TestFollower& follower) {
    std::vector<Ids> all;
    for (const auto& taken : follower.taken()) {
      all.push_back(taken.matched);
    }
    return all;
  }
  static std::vector<std::uint64_t> versions(const TestFollower& follower) {
    std::vector<std::uint64_t> all;
    for (const auto& taken : follower.taken()) {
      all.push_back(taken.patterns_version);
    }
    return all;
  }

  async::Loops loops_{1};
  Metrics metrics_;
  journal::MemoryJournal journal_;
  TestFollower first_{"first"};
  TestFollower second_{"second"};
  std::unique_ptr<Stream> stream_;
};

TEST_F(StreamPatternsTest, each_follower_sees_which_of_its_own_match) {
  first_.ask_for(7, {R"({"eventID":["a","b"]})", R"({"eventID":["b"]})"});
  second_.ask_for(3, {R"({"eventID":[{"prefix":"c"}],"eventName":["PutObject"]})"});
  append({record("a"), record("b"), record("c"), payload(event::Kind::intent, testing::record("a"))});
  start();
  ASSERT_TRUE(eventually([&] { return first_.count() == 4 && second_.count() == 4; }));
  EXPECT_THAT(matched(first_), ElementsAre(Ids{0}, Ids{0, 1}, Ids{}, Ids{}));
  EXPECT_THAT(matched(second_), ElementsAre(Ids{}, Ids{}, Ids{0}, Ids{}));
  EXPECT_THAT(versions(first_), Each(7U));
  EXPECT_THAT(versions(second_), Each(3U));
}

TEST_F(StreamPatternsTest, without_patterns_nothing_is_matched) {
  append({record("a")});
  start();
  ASSERT_TRUE(eventually([&] { return first_.count() == 1; }));
  EXPECT_THAT(matched(first_), ElementsAre(IsEmpty()));
  EXPECT_THAT(versions(first_), Each(0U));
}

// What waits in the ring was matched before the change; it is matched again for the follower that changed.
TEST_F(StreamPatternsTest, what_is_taken_after_a_change_is_matched_with_it) {
  first_.ask_for(1, {R"({"eventID":["a"]})"});
  second_.ask_for(1, {R"({"eventID":["a"]})"});
  first_.hold();
  start({.batch_items_max = 1});
  append({record("a"), record("b"), record("a"), record("b")});
  ASSERT_TRUE(eventually([&] { return second_.count() == 4 && first_.calls().size() == 1; }));
  first_.ask_for(2, {R"({"eventID":["none"]})", R"({"eventID":["b"]})"});
  ASSERT_TRUE(stream_->patterns_changed(first_).has_value());
  first_.release();
  ASSERT_TRUE(eventually([&] { return first_.count() == 4; }));
  EXPECT_THAT(matched(first_), ElementsAre(Ids{0}, Ids{1}, Ids{}, Ids{1}));
  EXPECT_THAT(versions(first_), ElementsAre(1U, 2U, 2U, 2U));
  EXPECT_THAT(matched(second_), ElementsAre(Ids{0}, Ids{}, Ids{0}, Ids{}));
  EXPECT_THAT(versions(second_), Each(1U));
}

// A batch that failed comes again, matched with what the follower asks for by then.
TEST_F(StreamPatternsTest, a_batch_that_comes_again_is_matched_again) {
  first_.ask_for(1, {R"({"eventID":["a"]})"});
  first_.fail(1'000'000);
  append({record("a"), record("b")});
  start({.backoff_min = Millis{1}, .backoff_max = Millis{1}});
  ASSERT_TRUE(eventually([&] { return !first_.calls().empty(); }));
  first_.ask_for(2, {R"({"eventID":["b"]})"});
  ASSERT_TRUE(stream_->patterns_changed(first_).has_value());
  first_.fail(0);
  ASSERT_TRUE(eventually([&] { return first_.count() == 2; }));
  EXPECT_THAT(matched(first_), ElementsAre(Ids{}, Ids{0}));
}

// The same entries from the journal's beginning, whatever batches they come in: the change holds from the
// very entry after the control on.
TEST_F(StreamPatternsTest, a_control_changes_patterns_from_the_next_entry_on) {
  for (auto* const follower : {&first_, &second_}) {
    follower->on_take([this, follower](const Batch& batch) {
      if (!batch.items.empty() && batch.items.back().kind == event::Kind::control) {
        follower->ask_for(batch.items.back().position.raw(), {R"({"eventID":["b"]})"});
        EXPECT_TRUE(stream_->patterns_changed(*follower).has_value());
      }
    });
  }
  append({record("b"), record("b"), control(), record("b"), record("a"), control(), record("b")});
  start();
  for (auto* const follower : {&first_, &second_}) {
    ASSERT_TRUE(eventually([&] { return follower->count() == 7; }));
    EXPECT_THAT(matched(*follower), ElementsAre(Ids{}, Ids{}, Ids{}, Ids{0}, Ids{}, Ids{}, Ids{0}));
    EXPECT_THAT(versions(*follower), ElementsAre(0U, 0U, 0U, 2U, 2U, 2U, 5U));
  }
}

// Behind the ring a follower reads the journal by itself, and in the middle of a batch after a restart.
TEST_F(StreamPatternsTest, behind_the_ring_and_within_a_batch_it_is_the_same) {
  first_.ask_for(1, {R"({"eventID":["1","3"]})"});
  first_.start_at(kFirst, journal::Position{1});
  std::vector<std::string> payloads;
  for (int i = 0; i < 4; ++i) {
    payloads.push_back(record(std::to_string(i), 2'000));
  }
  append(payloads);
  first_.hold();
  start({.ring_bytes = 1'000});
  ASSERT_TRUE(eventually([&] { return second_.count() == 4; }));
  append({record("1", 2'000)});
  append({record("3", 2'000)});
  ASSERT_TRUE(eventually([&] { return second_.count() == 6; }));
  first_.release();
  ASSERT_TRUE(eventually([&] { return first_.count() == 5; }));
  EXPECT_THAT(matched(first_), ElementsAre(Ids{0}, Ids{}, Ids{0}, Ids{0}, Ids{0}));
}

// Many patterns make batches small, so that even if all of them matched, the hits would be bounded.
TEST_F(StreamPatternsTest, batches_are_smaller_the_more_patterns_there_are) {
  constexpr std::size_t kPatterns = 20'000;
  constexpr std::size_t kItems = 300;
  const auto one =
      std::make_shared<const match::Pattern>(match::parse_event_pattern(R"({"eventID":["a"]})").value());
  first_.ask_for({.version = 1, .all = std::vector<Patterns::One>(kPatterns, {.id = 1, .pattern = one})});
  append(std::vector<std::string>(kItems, record("b")));
  start();
  ASSERT_TRUE(eventually([&] { return first_.count() == kItems; }));
  for (const auto& call : first_.calls()) {
    EXPECT_LE((call.end - call.first) * kPatterns, Limits::batch_hits_max);
  }
}

TEST_F(StreamPatternsTest, too_many_patterns_leave_what_was_before) {
  first_.ask_for(1, {R"({"eventID":["a"]})"});
  start();
  first_.ask_for(2, std::vector<std::string>(match::Limits::patterns_max + 1, R"({"eventID":["b"]})"));
  const auto changed = stream_->patterns_changed(first_);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().code, Errc::limit);
  append({record("a")});
  ASSERT_TRUE(eventually([&] { return first_.count() == 1; }));
  EXPECT_THAT(matched(first_), ElementsAre(Ids{0}));
  EXPECT_THAT(versions(first_), Each(1U));
}

}  // namespace
}  // namespace cairn::stream
