// What is held is bounded, and comes back however a request ends.
#include "front/budget.h"

#include <gtest/gtest.h>

#include "async/loops.h"

namespace cairn::front {
namespace {

TEST(Budget, holds_are_bounded_and_come_back) {
  Budget budget({.bytes_max = 100});
  {
    Budget::Hold a(budget);
    EXPECT_TRUE(a.add(60));
    Budget::Hold b(budget);
    EXPECT_FALSE(b.add(41)) << "one too many";
    EXPECT_TRUE(b.add(40)) << "exactly the rest";
    EXPECT_FALSE(b.add(UINT64_MAX)) << "no overflow";
    auto moved = std::move(a);
    EXPECT_EQ(budget.in_use(), 100U);
    b = std::move(moved);
    EXPECT_EQ(budget.in_use(), 60U) << "what it held before is given back";
  }
  EXPECT_EQ(budget.in_use(), 0U);
}

constexpr std::uint64_t kFree = kShareFreeBytesMax;

TEST(Budget, strangers_have_a_share_and_those_of_one_address_a_smaller_one) {
  Budget budget({.bytes_max = 1U << 20, .unverified_bytes_max = 100, .one_address_bytes_max = 60});
  Budget::Hold first(budget, "198.51.100.1");
  EXPECT_TRUE(first.add(kFree + 50)) << "what is free of each body is in no share";
  Budget::Hold second(budget, "198.51.100.1");
  EXPECT_TRUE(second.add(kFree)) << "nor is another body's";
  EXPECT_TRUE(second.add(10));
  EXPECT_FALSE(second.add(1)) << "this address has its share";
  Budget::Hold third(budget, "198.51.100.2");
  EXPECT_FALSE(third.add(kFree + 41)) << "all of them have theirs";
  EXPECT_TRUE(third.add(kFree + 40));
  EXPECT_EQ(budget.unverified(), 100U);
  Budget::Hold known(budget);
  EXPECT_TRUE(known.add(100'000)) << "who is known needs none of it";
  first.verified();
  EXPECT_TRUE(first.add(200)) << "and neither does whose signature was right";
  EXPECT_EQ(budget.unverified(), 50U);
  EXPECT_TRUE(second.add(50));
  auto moved = std::move(second);
  moved.release();
  third.release();
  EXPECT_EQ(budget.unverified(), 0U);
  EXPECT_EQ(budget.in_use(), kFree + 50 + 200 + 100'000);
}

TEST(Budget, what_does_not_fit_takes_nothing) {
  Budget budget({.bytes_max = 2 * kFree, .unverified_bytes_max = 5, .one_address_bytes_max = 5});
  Budget::Hold hold(budget, "198.51.100.1");
  EXPECT_FALSE(hold.add(kFree + 6));
  EXPECT_FALSE(hold.add(2 * kFree + 1));
  EXPECT_EQ(budget.in_use(), 0U);
  EXPECT_EQ(budget.unverified(), 0U);
}

TEST(Budget, answers_are_counted_until_they_are_gone) {
  async::Loops loops(1);
  Budget budget({.bytes_max = 100});
  auto answer = counted_body(std::string(60, 'x'), budget);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->size(), 60U);
  EXPECT_EQ(counted_body(std::string(41, 'x'), budget).error().code, Errc::unavailable);
  EXPECT_EQ(async::run(async::Executor(loops.at(0).get_executor()), http::read_all(**answer, 100)).value(),
            std::string(60, 'x'));
  EXPECT_EQ(budget.in_use(), 60U);
  answer->reset();
  EXPECT_EQ(budget.in_use(), 0U);
}

TEST(Budget, bodies_are_counted_as_they_arrive) {
  async::Loops loops(1);
  const auto read = [&](Budget& budget, std::size_t bytes, std::size_t bytes_max) {
    const auto body = http::body_of(std::string(bytes, 'x'));
    Budget::Hold hold(budget);
    const auto text =
        async::run(async::Executor(loops.at(0).get_executor()), read_all(*body, bytes_max, hold));
    EXPECT_EQ(budget.in_use(), text ? bytes : 0U);
    return text ? std::to_string(text->size())
                : std::string(text.error().code == Errc::limit ? "limit" : "busy");
  };
  Budget budget({.bytes_max = 1000});
  EXPECT_EQ(read(budget, 1000, 1000), "1000");
  EXPECT_EQ(read(budget, 1001, 2000), "busy");
  EXPECT_EQ(read(budget, 500, 499), "limit");
  EXPECT_EQ(budget.in_use(), 0U);
}

}  // namespace
}  // namespace cairn::front
