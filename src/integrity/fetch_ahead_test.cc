// How many digests are fetched to walk a chain that is not listed, and in how many rounds.
#include "integrity/fetch_ahead.h"

#include <gtest/gtest.h>

#include "integrity/integrity_testing.h"

namespace cairn::integrity {
namespace {

using testing::hour;

constexpr std::size_t kMost = 32;

struct Walked {
  std::size_t rounds = 0;
  std::size_t fetched = 0;
  std::size_t taken = 0;
};

Named named(int number) {
  const DigestName name{.account = "210987654321",
                        .region = "eu-west-1",
                        .trail = "kestrel-main",
                        .home_region = "eu-west-1",
                        .end = hour(number)};
  return {.place = {"kestrel-former", name.key()}, .end = name.end, .length = std::chrono::hours(1)};
}

// From the newest on: numbers are hours, and each digest names the next one of them.
Walked walk(const std::vector<int>& numbers, std::optional<Time> from = {}) {
  FetchAhead ahead(kMost);
  Walked walked;
  for (const auto number : numbers) {
    const auto wanted = ahead.wanted({named(number)}, from);
    EXPECT_LE(wanted.size(), kMost);
    walked.rounds += wanted.empty() ? 0 : 1;
    walked.fetched += wanted.size();
    std::vector<JudgedDigest> judged(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      judged[i].key = wanted[i].place.key;
      EXPECT_TRUE(!from || wanted[i].end >= *from);
    }
    ahead.keep(wanted, std::move(judged));
    EXPECT_EQ(ahead.taken(named(number)).key, named(number).place.key);
    ++walked.taken;
  }
  return walked;
}

std::vector<int> falling(int count, int step = 1) {
  std::vector<int> numbers;
  for (int i = count; i > 0; --i) {
    numbers.push_back(i * step);
  }
  return numbers;
}

TEST(FetchAhead, a_chain_without_holes_is_fetched_many_at_once) {
  const auto walked = walk(falling(2000));
  EXPECT_EQ(walked.taken, 2000U);
  EXPECT_LT(walked.fetched, 2000U + kMost);
  EXPECT_LT(walked.rounds, 2000U / kMost + 8);
}

TEST(FetchAhead, holes_cost_a_few) {
  auto numbers = falling(2000);
  std::erase_if(numbers, [](int number) { return number % 100 < 5; });
  const auto walked = walk(numbers);
  EXPECT_LT(walked.fetched, 2000U + 21 * kMost);
  EXPECT_LT(walked.rounds, 2000U / kMost + 21 * 8);
}

TEST(FetchAhead, no_guess_is_right) {
  const auto walked = walk(falling(300, 3));
  EXPECT_EQ(walked.rounds, 300U);
  EXPECT_LT(walked.fetched, 2 * 300U);
}

TEST(FetchAhead, nothing_before_the_time_that_is_asked_for) {
  EXPECT_EQ(walk(falling(10), hour(1)).fetched, 10U);
}

TEST(FetchAhead, names_of_another_form_are_fetched_one_by_one) {
  FetchAhead ahead(kMost);
  const Named odd{.place = {"kestrel-former", "odd"}, .end = hour(1), .length = std::chrono::hours(1)};
  EXPECT_EQ(ahead.wanted({odd}, {}).size(), 1U);
  EXPECT_EQ(ahead.wanted({odd, named(3)}, {}).size(), 4U) << "two more";
  auto none = named(3);
  none.length = Millis{0};
  EXPECT_EQ(FetchAhead(kMost).wanted({none}, {}).size(), 1U);
}

}  // namespace
}  // namespace cairn::integrity
