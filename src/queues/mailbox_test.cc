#include "queues/mailbox.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace cairn::queues {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};
constexpr Millis kRetention{60'000};

class SetClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = kNow;
};

class MailboxTest : public ::testing::Test {
 protected:
  Message letter(int number, Millis delay = Millis{0}) const {
    return {.queue = "q",
            .number = fmt::format("{:016}", number),
            .id = std::to_string(number),
            .sent = now,
            .since = now,
            .visible = now + delay,
            .hidden = delay,
            .bytes = 10,
            .parts = 1};
  }
  std::string taken(std::size_t count) {
    std::string ids;
    for (const auto& message : box.take({.count = count, .retention = kRetention})) {
      ids += message.id;
      last = message;
    }
    return ids;
  }
  std::string counts() {
    const auto made = box.counts();
    return std::to_string(made.visible) + "/" + std::to_string(made.in_flight) + "/" +
           std::to_string(made.delayed);
  }

  bool wait(std::uint64_t waiter) {
    return box.wait(waiter, [this, waiter] { woken += std::to_string(waiter); });
  }

  SetClock clock;
  Time& now = clock.time;
  Mailbox box{clock};
  Message last;
  std::string woken;
};

TEST_F(MailboxTest, what_can_be_seen_is_taken_once_in_the_order_of_its_coming) {
  box.load({letter(2), letter(1), letter(3, Millis{5})});
  EXPECT_EQ(counts(), "2/0/1");
  EXPECT_EQ(taken(1), "1");
  EXPECT_EQ(taken(10), "2");
  EXPECT_EQ(taken(10), "");
  EXPECT_EQ(counts(), "0/2/1");
  now += Millis{5};
  EXPECT_EQ(taken(10), "3");
  box.release(last.number);
  box.release(last.number);
  EXPECT_EQ(taken(10), "3");
}

TEST_F(MailboxTest, what_was_received_comes_again_when_its_time_is_over) {
  box.load({letter(1)});
  EXPECT_EQ(taken(1), "1");
  last.receives = 1;
  hide(last, now, Millis{30});
  box.keep(last);
  EXPECT_EQ(taken(1), "");
  EXPECT_EQ(counts(), "0/1/0");
  EXPECT_TRUE(box.wait(7, [] {}));
  EXPECT_EQ(box.next_visible(7), Millis{30});
  EXPECT_EQ(box.next_visible(8), std::nullopt);
  now += Millis{30};
  EXPECT_EQ(counts(), "1/0/0");
  EXPECT_EQ(taken(1), "1");
  EXPECT_EQ(last.receives, 1U);
}

TEST_F(MailboxTest, one_holds_a_message_at_a_time) {
  box.load({letter(1)});
  EXPECT_TRUE(box.hold(letter(1).number)->held);
  EXPECT_FALSE(box.hold(letter(1).number)->held);
  EXPECT_EQ(taken(1), "");
  box.drop(letter(1).number);
  box.keep(letter(1));  // it was deleted meanwhile
  box.release(letter(1).number);
  EXPECT_EQ(box.hold(letter(1).number), std::nullopt);
  EXPECT_EQ(box.messages(), 0U);
}

TEST_F(MailboxTest, what_is_too_old_is_overdue_and_never_taken) {
  box.load({letter(1), letter(2)});
  now += kRetention - Millis{1};
  EXPECT_TRUE(box.overdue(kRetention, 10).empty());
  box.add(letter(3));
  now += Millis{1};
  EXPECT_EQ(taken(10), "3");
  box.release(letter(3).number);
  box.load({letter(1)});  // once more, while the catalog still has it
  EXPECT_EQ(taken(10), "3");
  EXPECT_EQ(box.overdue(kRetention, 10).size(), 2U);
  EXPECT_EQ(box.overdue(kRetention, 1).size(), 1U);
  box.drop(letter(1).number);
  box.drop(letter(2).number);
  EXPECT_TRUE(box.overdue(kRetention, 10).empty());
}

TEST_F(MailboxTest, purged_is_what_came_before) {
  box.load({letter(1), letter(2)});
  EXPECT_EQ(taken(1), "1");
  const auto number = box.next_number();
  box.purge(number);
  box.keep(last);
  EXPECT_EQ(counts(), "0/0/0");
  auto later = letter(3);
  later.number = box.next_number();
  EXPECT_GT(later.number, number);
  box.add(later);
  box.purge(number);
  EXPECT_EQ(taken(10), "3");
  EXPECT_EQ(box.overdue(kRetention, 10).size(), 2U);
}

TEST_F(MailboxTest, who_waits_is_woken_once_by_whatever_may_be_there) {
  box.load({});
  EXPECT_TRUE(wait(1));
  box.add(letter(1));
  EXPECT_EQ(woken, "1");
  box.add(letter(2));
  EXPECT_EQ(woken, "1");
  EXPECT_EQ(taken(2), "12");
  EXPECT_TRUE(wait(2));
  box.stop_waiting(2);
  EXPECT_TRUE(wait(3));
  box.release(last.number);
  EXPECT_EQ(woken, "13");
  EXPECT_TRUE(wait(4));
  box.close();
  EXPECT_EQ(woken, "134");
  EXPECT_FALSE(wait(5));
}

TEST_F(MailboxTest, one_is_woken_for_each_message_and_hands_on_what_it_leaves) {
  box.load({});
  for (const std::uint64_t waiter : {1U, 2U, 3U, 4U}) {
    EXPECT_TRUE(wait(waiter));
  }
  box.add(letter(1));
  EXPECT_EQ(woken, "2");  // the first of them watches
  box.add(letter(2));
  EXPECT_EQ(woken, "23");
  EXPECT_EQ(taken(1), "1");
  box.stop_waiting(2);  // it has what it wanted; 3 goes away without its message
  EXPECT_EQ(woken, "234");
  EXPECT_EQ(taken(1), "2");
  box.stop_waiting(3);
  box.stop_waiting(4);
  EXPECT_EQ(woken, "234");
  EXPECT_EQ(box.waiting(), 1U);
}

TEST_F(MailboxTest, one_watches_for_what_is_hidden_and_another_when_it_goes) {
  box.load({});
  for (const std::uint64_t waiter : {1U, 2U, 3U}) {
    EXPECT_TRUE(wait(waiter));
  }
  box.add(letter(1, Millis{50}));
  EXPECT_EQ(woken, "1");  // it has slept for too long
  EXPECT_TRUE(wait(4));
  box.stop_waiting(1);
  EXPECT_EQ(box.next_visible(4), Millis{50});
  box.add(letter(2, Millis{60}));  // later than that
  EXPECT_EQ(woken, "1");
  box.stop_waiting(4);
  EXPECT_EQ(woken, "12");
  box.add(letter(3, Millis{40}));  // nobody watches yet
  EXPECT_EQ(woken, "123");
  EXPECT_TRUE(wait(5));
  EXPECT_EQ(box.next_visible(5), Millis{40});
  now += Millis{55};
  EXPECT_EQ(counts(), "2/0/1");
  EXPECT_EQ(box.next_visible(5), Millis{5});
}

TEST_F(MailboxTest, counts_are_those_of_a_walk_whatever_happens) {
  std::mt19937 random(7);
  std::map<std::string, std::pair<Message, bool>> model;  // and whether it is held
  int number = 1000;
  for (int step = 0; step < 5'000; ++step) {
    now += Millis{random() % 4};
    auto at = model.begin();
    if (!model.empty()) {
      std::advance(at, random() % model.size());
    }
    switch (random() % 5) {
      case 0: {
        auto made = letter(++number, Millis{random() % 50});
        made.receives = random() % 2;
        box.add(made);
        model[made.number] = {made, false};
        break;
      }
      case 1:
        for (const auto& one : box.take({.count = 2, .retention = kRetention})) {
          EXPECT_FALSE(std::exchange(model.at(one.number).second, true));
        }
        break;
      case 2:
        if (at != model.end() && at->second.second) {
          box.release(at->first);
          at->second.second = false;
        }
        break;
      case 3:
        if (at != model.end()) {
          hide(at->second.first, now, Millis{random() % 30});
          at->second.first.receives = 1;
          at->second.second = false;
          box.keep(at->second.first);
        }
        break;
      default:
        if (at != model.end() && model.size() > 20) {
          box.drop(at->first);
          model.erase(at);
        }
    }
    Counts walked;
    for (const auto& [key, one] : model) {
      const auto& [message, held] = one;
      auto& count = !held && message.visible <= now ? walked.visible
                    : held || message.receives > 0  ? walked.in_flight
                                                    : walked.delayed;
      ++count;
    }
    ASSERT_EQ(counts(), std::to_string(walked.visible) + "/" + std::to_string(walked.in_flight) + "/" +
                            std::to_string(walked.delayed))
        << step;
  }
}

TEST_F(MailboxTest, its_time_never_goes_back) {
  box.load({letter(1)});
  EXPECT_EQ(taken(1), "1");
  hide(last, box.now(), Millis{30});
  box.keep(last);
  for (const auto step : {std::chrono::hours(-5), std::chrono::hours(-1), std::chrono::hours(0)}) {
    now += step;
    EXPECT_EQ(taken(1), "");
    now += Millis{10};
    box.now();  // it cannot know of what passed before a step when nobody looked
  }
  EXPECT_EQ(taken(1), "1");
  EXPECT_TRUE(box.overdue(kRetention, 10).empty());
  box.release(last.number);
  now += kRetention - Millis{30};
  EXPECT_EQ(box.overdue(kRetention, 10).size(), 1U);
}

TEST_F(MailboxTest, what_was_written_before_the_clock_went_back_is_hidden_no_longer_than_it_was_to_be) {
  const auto written = letter(1, Millis{30});
  now -= std::chrono::hours(5);
  box.load({written});
  EXPECT_EQ(taken(1), "");
  now += Millis{30};
  EXPECT_EQ(taken(1), "1");
  EXPECT_EQ(last.since, now - Millis{30});
}

TEST_F(MailboxTest, only_so_many_wait) {
  for (std::size_t i = 0; i < Mailbox::kWaitingMax; ++i) {
    EXPECT_TRUE(box.wait(i, [] {}));
  }
  EXPECT_FALSE(box.wait(Mailbox::kWaitingMax, [] {}));
}

TEST(MailboxTotals, count_for_the_whole_as_well) {
  const auto whole = std::make_shared<Totals>();
  const SetClock clock;
  Mailbox one(clock, std::make_shared<Totals>(whole));
  Mailbox two(clock, std::make_shared<Totals>(whole));
  one.load({{.number = "1", .bytes = 3}, {.number = "2", .bytes = 4}});
  two.load({{.number = "1", .bytes = 5}});
  EXPECT_EQ(one.totals().messages(), 2U);
  EXPECT_EQ(two.totals().bytes(), 5U);
  EXPECT_EQ(whole->messages(), 3U);
  one.drop("2");
  EXPECT_EQ(one.totals().bytes(), 3U);
  EXPECT_EQ(whole->bytes(), 8U);
}

TEST(MailboxTotals, are_of_all_that_are_there) {
  const auto totals = std::make_shared<Totals>();
  const SetClock clock;
  Mailbox one(clock, totals);
  one.load({{.number = "1", .bytes = 3}, {.number = "2", .bytes = 4}});
  {
    Mailbox two(clock, totals);
    two.load({{.number = "1", .bytes = 5}});
    EXPECT_EQ(totals->messages(), 3U);
    EXPECT_EQ(totals->bytes(), 12U);
  }
  one.drop("1");
  one.purge("2");
  EXPECT_EQ(totals->messages(), 0U);
  EXPECT_EQ(totals->bytes(), 0U);
}

}  // namespace
}  // namespace cairn::queues
