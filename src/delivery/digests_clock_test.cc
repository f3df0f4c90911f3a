// Digests while the clock steps, forward and back, by hours: no chain stalls, and each file is in one digest.
#include <random>

#include "delivery/digests_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;

constexpr Millis kMinute{60'000};
constexpr Millis kHour{3'600'000};

class DigestsClockTest : public DigestsTest {
 protected:
  Options with_ages() {
    auto with = options();
    with.ages = &ages_;
    return with;
  }
  void begin(trail::Trail trail) {
    for (const auto& [place, key] : made_keys()) {
      catalog::Transaction kept;
      kept.writes.push_back({place, key, 0});
      ASSERT_TRUE(run(catalog->commit(std::move(kept))));
    }
    open(with_ages());
    control(std::move(trail));
  }
  // A minute passes, and all is where it belongs.
  void minute() {
    ASSERT_TRUE(take());
    ASSERT_TRUE(tick());
    clock.advance(kMinute);
    ages_.advance(kMinute);
    ASSERT_TRUE(tick());
    ASSERT_TRUE(all_uploaded());
  }
  std::size_t digests() {
    const auto puts = s3.puts();
    return static_cast<std::size_t>(
        std::ranges::count_if(puts, [](const auto& put) { return is_digest(put); }));
  }
  // A file that is delivered while a second's digest is made is in that one or in the next.
  std::vector<std::string> intervals() {
    auto lines = audited().lanes.at(kHome);
    for (auto& line : lines) {
      line = line.substr(0, std::string_view("10:15:00-10:17:00").size());
    }
    return lines;
  }
  void expect_each_listed_once() {
    const auto audit = audited();
    EXPECT_EQ(audit.listed, std::multiset<std::string>(audit.delivered.begin(), audit.delivered.end()));
    EXPECT_EQ(undigested(), 0U);
  }

  FakeClock ages_;
};

TEST_F(DigestsClockTest, a_clock_that_was_ahead_for_a_while) {
  begin(validated());
  const auto minutes = [this](int count) {
    for (int i = 0; i < count; ++i) {
      say("one");
      minute();
    }
  };
  minutes(2);  // 10:17
  clock.advance(3 * kHour);
  minutes(1);  // 13:18, and so are the stamps of its files
  clock.advance(-3 * kHour);
  minutes(5);  // 10:23
  EXPECT_THAT(intervals(),
              ElementsAre("10:13:00-10:15:00", "10:15:00-10:17:00", "10:17:00-10:19:00", "10:19:00-13:17:00",
                          "13:17:00-13:17:01", "13:17:01-13:17:02", "13:17:02-13:17:03"));
  clock.advance(3 * kHour);
  minutes(4);  // 13:27
  EXPECT_EQ(intervals().back(), "13:25:00-13:27:00");
  minute();
  minute();
  expect_each_listed_once();
}

// An interval was opened over all the hours that the clock was ahead, and is not to wait for them.
TEST_F(DigestsClockTest, a_clock_that_is_put_back_while_much_is_open) {
  auto slow = with_ages();
  slow.digests_max = 1;  // a call makes one: the next one is open as the clock is put back
  begin(validated());
  say("one");
  minute();  // 10:16
  close();
  open(slow);
  clock.advance(3 * kHour);
  ASSERT_TRUE(tick());  // 10:15 to 10:17
  ASSERT_TRUE(all_uploaded());
  clock.advance(-3 * kHour);
  for (int i = 0; i < 4; ++i) {
    say("one");
    minute();
  }
  EXPECT_THAT(audited().lanes.at(kHome),
              ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1", "10:17:00-10:19:00 2"));
}

TEST_F(DigestsClockTest, a_chain_ends_though_the_clock_is_behind_it) {
  auto trail = validated();
  begin(trail);
  clock.advance(5 * kHour);
  for (int i = 0; i < 3; ++i) {
    say("one");
    minute();
  }
  clock.advance(-5 * kHour);
  say("two");
  trail.logging = false;
  control(trail);
  minute();
  minute();
  expect_each_listed_once();
  const auto ended = digests();
  minute();
  minute();
  minute();
  EXPECT_EQ(digests(), ended);
  trail.logging = true;
  trail.started = clock.now();
  control(trail);
  for (int i = 0; i < 5; ++i) {
    say("three");
    minute();
  }
  EXPECT_GE(digests(), ended + 2);
  minute();
  minute();
  minute();
  expect_each_listed_once();
}

TEST_F(DigestsClockTest, a_clock_that_steps_again_and_again) {
  for (unsigned seed = 1; seed <= 3 && !HasFatalFailure(); ++seed) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    s3.forget();
    entries = Entries();
    std::mt19937 random(seed);
    const auto pick = [&](unsigned below) { return static_cast<int>(random() % below); };
    auto trail = validated();
    trail.started = trail.validated = clock.now();
    begin(trail);
    Millis offset{0};
    auto made = digests();
    auto last = ages_.now();
    for (int i = 0; i < 120 && !HasFatalFailure(); ++i) {
      if (pick(6) == 0) {
        const Millis to = kMinute * (pick(12 * 60) - 6 * 60);
        clock.advance(to - offset);
        offset = to;
      }
      if (pick(3) > 0) {
        say("one");
      }
      minute();
      if (pick(15) == 0) {
        reopen(with_ages());
        last = ages_.now();  // it is not kept since when an interval is open
      }
      if (const auto now = digests(); now > made) {
        made = now;
        last = ages_.now();
      }
      ASSERT_LE(ages_.now() - last, 2 * Millis{120'000} + kMinute) << seed << ", minute " << i;
    }
    clock.advance(-offset);
    for (int i = 0; i < 5 && !HasFatalFailure(); ++i) {
      minute();
    }
    expect_each_listed_once();
  }
}

}  // namespace
}  // namespace cairn::delivery::testing
