#include "services/sns/turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace cairn::services::sns {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};

class TurnsTest : public ::testing::Test {
 protected:
  explicit TurnsTest(Millis patience = Millis{120'000})
      : turns({.of_account_max = 4, .of_host_max = 3, .of_subscription_max = 2, .patience = patience}) {}

  static Place http(std::string host, std::string account = "a") {
    return {.http = true, .account = std::move(account), .host = std::move(host)};
  }
  void add(const std::string& subscription, int number, const Place& place, Millis later = Millis{0}) {
    turns.add({.message = "m" + std::to_string(number),
               .row = {.subscription = subscription, .due = now + later},
               .since = now},
              place);
  }
  void add_many(const std::string& subscription, int count, const Place& place) {
    for (int i = 0; i < count; ++i) {
      add(subscription, i, place);
    }
  }
  // What can be taken now, as its subscriptions: "xyx".
  std::string take(bool of_http = true, std::size_t most = 100) {
    std::string names;
    while (names.size() < most) {
      auto turn = turns.take(of_http, now);
      if (!turn) {
        break;
      }
      names += turn->row.subscription;
      taken.push_back(*std::move(turn));
    }
    return names;
  }
  void done(Turns::Came came) {
    for (const auto& turn : std::exchange(taken, {})) {
      turns.done(turn, came, now);
    }
  }

  Time now = kNow;
  Turns turns;
  std::vector<Turns::Turn> taken;
};

TEST_F(TurnsTest, lanes_take_turns_whatever_has_waited_longest) {
  add_many("x", 5, {.account = "a"});
  add("y", 1, {.account = "a"}, Millis{-5});
  add("z", 1, {.account = "b"});
  EXPECT_EQ(take(true), "");
  EXPECT_EQ(turns.waiting(), 7U);
  const auto first = take(false);
  EXPECT_EQ(std::count(first.begin(), first.end(), 'x'), 2) << first;
  EXPECT_EQ(std::count(first.begin(), first.end(), 'y'), 1) << first;
  EXPECT_EQ(std::count(first.begin(), first.end(), 'z'), 1) << first;
  EXPECT_EQ(turns.under_way(), 4U);
  done(Turns::Came::good);
  EXPECT_EQ(take(false), "xx");
  done(Turns::Came::good);
  EXPECT_EQ(take(false), "x");
  done(Turns::Came::good);
  EXPECT_EQ(turns.waiting() + turns.under_way(), 0U);
}

TEST_F(TurnsTest, dead_endpoints_hold_no_more_than_their_places) {
  for (const auto* const name : {"1", "2", "3", "4"}) {
    add_many(name, 10, http("dead.example"));
  }
  add_many("l", 2, http("live.example"));
  add_many("o", 2, http("other.example", "b"));
  add_many("q", 2, {.account = "a"});
  const auto first = take();
  EXPECT_EQ(std::count(first.begin(), first.end(), 'l'), 2) << first;  // of the account's four places
  EXPECT_EQ(std::count(first.begin(), first.end(), 'o'), 2) << first;
  EXPECT_EQ(first.size(), 6U) << first;
  EXPECT_EQ(take(false), "qq");  // queues wait for none of them
  EXPECT_EQ(take(), "");
}

TEST_F(TurnsTest, what_is_not_due_waits_and_the_soonest_comes_first) {
  add("x", 1, http("h"), Millis{20});
  add("y", 1, http("i"), Millis{10});
  add("x", 2, http("h"), Millis{5});
  EXPECT_EQ(take(), "");
  now += Millis{5};
  EXPECT_EQ(take(), "x");
  now += Millis{5};
  EXPECT_EQ(take(), "y");
  EXPECT_EQ(take(), "");
  now += Millis{10};
  EXPECT_EQ(take(), "x");
}

class PatientTurns : public TurnsTest {
 protected:
  PatientTurns() : TurnsTest(std::chrono::hours(1)) {}
};

TEST_F(TurnsTest, one_hosts_dead_endpoints_have_no_more_than_its_places) {
  add_many("1", 5, http("dead.example", "a"));
  add_many("2", 5, http("dead.example", "b"));
  EXPECT_EQ(take().size(), 3U);
  done(Turns::Came::nothing);
  EXPECT_EQ(take().size(), 3U);
}

TEST_F(PatientTurns, a_lane_that_fails_is_tried_ever_more_rarely_and_one_at_a_time) {
  add_many("x", 10, http("h"));
  EXPECT_EQ(take(), "xx");
  done(Turns::Came::bad);
  std::vector<std::int64_t> pauses;
  for (auto last = now; pauses.size() < 4; now += Millis{1'000}) {
    if (take() == "x") {
      pauses.push_back((now - last).count());
      last = now;
      done(Turns::Came::bad);
    }
  }
  EXPECT_EQ(pauses, (std::vector<std::int64_t>{10'000, 20'000, 40'000, 60'000}));
  now += Millis{60'000};
  EXPECT_EQ(take(), "x");
  done(Turns::Came::good);
  EXPECT_EQ(take(), "xx");
}

TEST_F(TurnsTest, what_is_too_old_for_an_endpoint_that_fails_all_the_time_is_hopeless) {
  add_many("x", 10, http("h"));
  const auto begin = now;
  std::size_t tried = 0;
  while (now - begin < Millis{300'000} && turns.waiting() > 0) {
    while (auto turn = turns.take(true, now)) {
      tried += turn->hopeless ? 0 : 1;
      EXPECT_TRUE(!turn->hopeless || now - begin >= Millis{120'000});
      turns.done(*turn, turn->hopeless ? Turns::Came::nothing : Turns::Came::bad, now);
    }
    now += Millis{1'000};
  }
  EXPECT_EQ(turns.waiting() + turns.under_way(), 0U);
  EXPECT_LT(tried, 8U);
}

TEST_F(TurnsTest, a_lane_may_have_a_patience_of_its_own) {
  auto place = http("h");
  place.patience = Millis{600'000};
  add_many("x", 3, place);
  for (const auto begin = now; now - begin < Millis{599'000}; now += Millis{1'000}) {
    while (auto turn = turns.take(true, now)) {
      EXPECT_FALSE(turn->hopeless);
      turns.done(*turn, Turns::Came::bad, now);
      turn->row.due = now;
      turns.add(*turn, turn->place);
    }
  }
  EXPECT_EQ(turns.waiting(), 3U);
}

// What is given up may have to wait once more, when its lane is gone: it waits where it did.
TEST_F(TurnsTest, who_is_hopeless_keeps_his_place) {
  add_many("x", 10, http("h", "b"));
  std::optional<Turns::Turn> hopeless;
  for (; !hopeless; now += Millis{1'000}) {
    while (auto turn = turns.take(true, now)) {
      turns.done(*turn, turn->hopeless ? Turns::Came::nothing : Turns::Came::bad, now);
      hopeless = turn->hopeless ? turn : hopeless;
    }
  }
  EXPECT_TRUE(hopeless->place.http);
  EXPECT_EQ(hopeless->place.host, "h");
  EXPECT_EQ(hopeless->place.account, "b");
  hopeless->hopeless = false;
  turns.add(*hopeless, hopeless->place);
  EXPECT_EQ(take(false), "");
  EXPECT_EQ(take(true), "x");
}

TEST_F(TurnsTest, what_is_young_is_not_hopeless) {
  add("x", 1, http("h"));
  for (int i = 0; i < 300; ++i, now += Millis{1'000}) {
    add("x", 100 + i, http("h"));
    while (auto turn = turns.take(true, now)) {
      EXPECT_TRUE(!turn->hopeless || now - turn->since >= Millis{120'000});
      turns.done(*turn, turn->hopeless ? Turns::Came::nothing : Turns::Came::bad, now);
    }
  }
  EXPECT_GE(turns.waiting(), 100U);
  EXPECT_LE(turns.waiting(), 200U);
}

TEST_F(TurnsTest, a_clock_that_went_back_holds_nothing_up) {
  add("x", 1, http("h"), Millis{20'000});
  now -= std::chrono::hours(5);
  EXPECT_EQ(take(), "x");
}

TEST_F(TurnsTest, every_row_is_taken_once_whatever_comes_of_it) {
  std::uint32_t seed = 7;
  const auto random = [&](std::uint32_t below) {
    seed = seed * 1'664'525 + 1'013'904'223;
    return (seed >> 8) % below;
  };
  std::size_t added = 0;
  std::size_t over = 0;
  for (int step = 0; step < 5'000; ++step, now += Millis{random(2'000)}) {
    if (random(3) == 0) {
      const auto subscription = std::string(1, static_cast<char>('a' + random(6)));
      const bool queue = subscription < "c";
      add(subscription, step, queue ? Place{.account = "a"} : http("h" + subscription),
          Millis{random(20'000)});
      ++added;
    }
    if (auto turn = turns.take(random(2) == 0, now)) {
      taken.push_back(*std::move(turn));
    }
    if (!taken.empty() && random(2) == 0) {
      turns.done(taken.front(), static_cast<Turns::Came>(random(3)), now);
      taken.erase(taken.begin());
      ++over;
    }
    ASSERT_EQ(turns.waiting() + turns.under_way() + over, added);
  }
  while (turns.waiting() + turns.under_way() > 0) {
    take(false);
    take(true);
    over += taken.size();
    done(Turns::Came::good);
    now += Millis{1'000};
  }
  EXPECT_EQ(over, added);
}

}  // namespace
}  // namespace cairn::services::sns
