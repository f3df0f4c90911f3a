#include "store/narrowing.h"

#include <gtest/gtest.h>

namespace cairn::store {
namespace {

using Advice = Narrowing::Advice;

TEST(Narrowing, halves_down_to_the_least_and_then_gives_up) {
  const struct {
    Errc code;
    int tries;  // until it takes less
  } rows[] = {{Errc::limit, 1}, {Errc::corrupt, 1}, {Errc::unavailable, 3}};
  for (const auto& row : rows) {
    Narrowing narrowing(2);
    for (std::size_t size = 100; size > 2; size = narrowing.most()) {
      for (int i = 1; i < row.tries; ++i) {
        EXPECT_EQ(narrowing.failed(size, row.code), Advice::again);
      }
      EXPECT_EQ(narrowing.failed(size, row.code), Advice::narrower);
      EXPECT_EQ(narrowing.most(), std::max<std::size_t>(size / 2, 2));
    }
    EXPECT_EQ(narrowing.failed(2, row.code), Advice::again);
    EXPECT_EQ(narrowing.failed(2, row.code), Advice::again);
    EXPECT_EQ(narrowing.failed(2, row.code), Advice::hopeless);
    EXPECT_EQ(narrowing.most(), 2U);
  }
}

TEST(Narrowing, grows_after_successes_in_a_row) {
  Narrowing narrowing(1);
  const auto all = narrowing.most();
  EXPECT_EQ(narrowing.failed(1000, Errc::limit), Advice::narrower);
  for (int i = 0; i < 3; ++i) {
    narrowing.succeeded();
  }
  EXPECT_EQ(narrowing.most(), 500U);
  EXPECT_EQ(narrowing.failed(500, Errc::unavailable), Advice::again);
  for (int i = 0; i < 3; ++i) {
    narrowing.succeeded();
  }
  EXPECT_EQ(narrowing.most(), 500U);
  narrowing.succeeded();
  EXPECT_EQ(narrowing.most(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    narrowing.succeeded();
  }
  EXPECT_EQ(narrowing.most(), all);
}

TEST(Narrowing, a_job_that_was_given_up_says_nothing) {
  Narrowing narrowing(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(narrowing.failed(1, Errc::cancelled), Advice::again);
  }
}

}  // namespace
}  // namespace cairn::store
