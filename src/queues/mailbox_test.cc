#include "queues/mailbox.h"

#include <gtest/gtest.h>

namespace cairn::queues {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};
constexpr Millis kRetention{60'000};

class MailboxTest : public ::testing::Test {
 protected:
  Message letter(int number, Millis delay = Millis{0}) const {
    return {.queue = "q",
            .number = "000000000000000" + std::to_string(number),
            .id = std::to_string(number),
            .sent = now,
            .visible = now + delay,
            .bytes = 10,
            .parts = 1};
  }
  std::string taken(std::size_t count) {
    std::string ids;
    for (const auto& message :
         box.take({.count = count, .now = now, .age_now = now, .retention = kRetention})) {
      ids += message.id;
      last = message;
    }
    return ids;
  }
  std::string counts() const {
    const auto made = box.counts(now);
    return std::to_string(made.visible) + "/" + std::to_string(made.in_flight) + "/" +
           std::to_string(made.delayed);
  }

  Time now = kNow;
  Mailbox box;
  Message last;
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
  last.visible = now + Millis{30};
  box.keep(last);
  EXPECT_EQ(taken(1), "");
  EXPECT_EQ(counts(), "0/1/0");
  EXPECT_EQ(box.next_visible(), now + Millis{30});
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
  EXPECT_TRUE(box.overdue(now, kRetention, 10).empty());
  box.add(letter(3));
  now += Millis{1};
  EXPECT_EQ(taken(10), "3");
  box.release(letter(3).number);
  box.load({letter(1)});  // once more, while the catalog still has it
  EXPECT_EQ(taken(10), "3");
  EXPECT_EQ(box.overdue(now, kRetention, 10).size(), 2U);
  EXPECT_EQ(box.overdue(now, kRetention, 1).size(), 1U);
  box.drop(letter(1).number);
  box.drop(letter(2).number);
  EXPECT_TRUE(box.overdue(now, kRetention, 10).empty());
}

TEST_F(MailboxTest, purged_is_what_came_before) {
  box.load({letter(1), letter(2)});
  EXPECT_EQ(taken(1), "1");
  const auto number = box.next_number(now);
  box.purge(number);
  box.keep(last);
  EXPECT_EQ(counts(), "0/0/0");
  auto later = letter(3);
  later.number = box.next_number(now);
  EXPECT_GT(later.number, number);
  box.add(later);
  box.purge(number);
  EXPECT_EQ(taken(10), "3");
  EXPECT_EQ(box.overdue(now, kRetention, 10).size(), 2U);
}

TEST_F(MailboxTest, who_waits_is_woken_once_by_whatever_may_be_there) {
  box.load({});
  int woken = 0;
  const auto wait = [&](std::uint64_t waiter) { return box.wait(waiter, [&] { ++woken; }); };
  EXPECT_TRUE(wait(1));
  box.add(letter(1));
  EXPECT_EQ(woken, 1);
  box.add(letter(2));
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(wait(2));
  box.stop_waiting(2);
  EXPECT_EQ(taken(1), "1");
  EXPECT_TRUE(wait(3));
  box.release(last.number);
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(wait(4));
  box.close();
  EXPECT_EQ(woken, 3);
  EXPECT_FALSE(wait(5));
}

TEST_F(MailboxTest, only_so_many_wait) {
  for (std::size_t i = 0; i < Mailbox::kWaitingMax; ++i) {
    EXPECT_TRUE(box.wait(i, [] {}));
  }
  EXPECT_FALSE(box.wait(Mailbox::kWaitingMax, [] {}));
}

TEST(MailboxTotals, are_of_all_that_are_there) {
  const auto totals = std::make_shared<Totals>();
  Mailbox one(totals);
  one.load({{.number = "1", .bytes = 3}, {.number = "2", .bytes = 4}});
  {
    Mailbox two(totals);
    two.load({{.number = "1", .bytes = 5}});
    EXPECT_EQ(totals->messages, 3U);
    EXPECT_EQ(totals->bytes, 12U);
  }
  one.drop("1");
  one.purge("2");
  EXPECT_EQ(totals->messages, 0U);
  EXPECT_EQ(totals->bytes, 0U);
}

}  // namespace
}  // namespace cairn::queues
