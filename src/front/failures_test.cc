#include "front/failures.h"

#include <gtest/gtest.h>

namespace cairn::front {
namespace {

constexpr Time kStart{Millis{1'800'000'000'000}};
constexpr Millis kSecond{1'000};

TEST(Failures, so_many_in_a_minute_hold_off_that_address_alone_and_until_it_is_over) {
  Failures failures;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(failures.admits("192.0.2.1", 3, kStart + i * kSecond)) << i;
    failures.failed("192.0.2.1", kStart + i * kSecond);
  }
  EXPECT_FALSE(failures.admits("192.0.2.1", 3, kStart + 3 * kSecond));
  EXPECT_FALSE(failures.admits("192.0.2.1", 3, kStart + 59 * kSecond));
  EXPECT_TRUE(failures.admits("192.0.2.1", 0, kStart + 3 * kSecond)) << "no limit is set";
  EXPECT_TRUE(failures.admits("192.0.2.1", 4, kStart + 3 * kSecond));
  EXPECT_TRUE(failures.admits("192.0.2.2", 3, kStart + 3 * kSecond));
  EXPECT_TRUE(failures.admits("192.0.2.1", 3, kStart + 60 * kSecond));
  failures.failed("192.0.2.1", kStart + 60 * kSecond);
  EXPECT_TRUE(failures.admits("192.0.2.1", 3, kStart + 61 * kSecond)) << "counted anew";
  EXPECT_TRUE(failures.admits("192.0.2.1", 1, kStart)) << "the clock was set back";
}

TEST(Failures, the_log_has_a_line_a_minute_and_address_with_all_that_failed) {
  Failures failures;
  EXPECT_EQ(failures.failed("a", kStart), 1U);
  EXPECT_EQ(failures.failed("b", kStart), 1U);
  for (int i = 1; i < 50; ++i) {
    EXPECT_EQ(failures.failed("a", kStart + i * kSecond), 0U);
  }
  EXPECT_EQ(failures.failed("a", kStart + 60 * kSecond), 50U);
  EXPECT_EQ(failures.failed("a", kStart + 61 * kSecond), 0U);
}

TEST(Failures, all_addresses_together_have_so_many_lines_and_nothing_is_lost) {
  Failures failures({.lines_a_minute = 2});
  EXPECT_EQ(failures.failed("a", kStart), 1U);
  EXPECT_EQ(failures.failed("b", kStart), 1U);
  EXPECT_EQ(failures.failed("c", kStart), 0U);
  EXPECT_EQ(failures.failed("c", kStart + 59 * kSecond), 0U);
  EXPECT_EQ(failures.failed("c", kStart + 60 * kSecond), 3U);
}

TEST(Failures, too_many_addresses_cost_no_more_memory) {
  Failures failures({.addresses_max = 100});
  failures.failed("first", kStart);
  for (int i = 0; i < 99; ++i) {
    failures.failed("busy" + std::to_string(i), kStart + 61 * kSecond);
  }
  ASSERT_FALSE(failures.admits("busy7", 1, kStart + 62 * kSecond));
  failures.failed("one too many", kStart + 62 * kSecond);
  EXPECT_TRUE(failures.admits("busy7", 1, kStart + 62 * kSecond)) << "all were forgotten";
  EXPECT_FALSE(failures.admits("one too many", 1, kStart + 62 * kSecond));
}

TEST(Failures, what_is_a_failed_authentication) {
  for (const auto family : {aws::Family::json, aws::Family::query, aws::Family::s3, aws::Family::rest_json}) {
    EXPECT_TRUE(is_failed_authentication(aws::fault::unrecognized_client(family)));
    EXPECT_TRUE(is_failed_authentication(aws::fault::invalid_signature(family)));
    EXPECT_TRUE(is_failed_authentication(aws::fault::signature_expired(family, "")));
    EXPECT_TRUE(is_failed_authentication(aws::fault::expired_token(family)));
    EXPECT_TRUE(is_failed_authentication(aws::fault::invalid_token(family)));
    EXPECT_TRUE(is_failed_authentication(aws::fault::missing_authentication_token(family)));
    EXPECT_TRUE(is_failed_authentication(aws::fault::incomplete_signature(family, "")));
    EXPECT_FALSE(is_failed_authentication(aws::fault::service_unavailable(family)));
    EXPECT_FALSE(is_failed_authentication(aws::fault::throttling(family)));
    EXPECT_FALSE(is_failed_authentication(aws::fault::request_too_large(family)));
  }
}

}  // namespace
}  // namespace cairn::front
