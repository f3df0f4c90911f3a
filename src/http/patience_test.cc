// Who is waited for, and who is not: in numbers, without a clock.
#include "http/patience.h"

#include <gtest/gtest.h>

#include <string_view>

namespace cairn::http {
namespace {

using std::chrono::seconds;

// A sender that sends so many bytes each so many seconds: after how many pieces is patience over? -1: never.
int pieces_until_over(Patience patience, std::uint64_t bytes, seconds pause) {
  for (int piece = 1; piece <= 10'000; ++piece) {
    if (patience.left() <= pause) {
      return piece;
    }
    patience.waited(pause, bytes);
  }
  return -1;
}

TEST(Patience, is_kept_with_whoever_sends_steadily) {
  const struct {
    std::string_view who;
    std::uint64_t bytes;
    seconds pause;
    int pieces;
  } rows[] = {
      {"faster than asked", 10'000, seconds(1), -1},
      {"just as fast", 1'000, seconds(1), -1},
      {"in large pieces, with long pauses", 60'000, seconds(50), -1},
      {"at half the rate", 500, seconds(1), 119},
      {"a byte now and then", 1, seconds(10), 7},
      {"nothing", 0, seconds(1), 60},
      {"longer away than there is patience", 1'000'000, seconds(61), 1},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(pieces_until_over(Patience(Millis{60'000}, 1'000), row.bytes, row.pause), row.pieces)
        << row.who;
  }
}

TEST(Patience, is_not_saved_up) {
  Patience patience(Millis{60'000}, 1'000);
  patience.waited(seconds(1), 1ULL << 62);
  EXPECT_EQ(patience.left(), seconds(60));
  patience.waited(seconds(59), 0);
  EXPECT_FALSE(patience.over());
  patience.waited(seconds(1), 0);
  EXPECT_TRUE(patience.over());
  patience.waited(seconds(1'000'000), 5'000);
  EXPECT_EQ(patience.left(), seconds(5)) << "what came late counts all the same";
}

}  // namespace
}  // namespace cairn::http
