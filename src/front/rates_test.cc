// AWS's rates, each with a steady and a hasty caller.
#include "front/rates.h"

#include <gtest/gtest.h>

namespace cairn::front {
namespace {

constexpr Time kNow{Millis{1'772'446'500'000}};

// How many of `tries` calls at one moment go on.
int at_once(Rates& rates, std::string_view operation, Time now, int tries = 200,
            std::string_view service = "cloudtrail", std::string_view account = "111122223333",
            std::string_view region = "us-east-1") {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    admitted += rates.admit(service, operation, account, region, now) ? 1 : 0;
  }
  return admitted;
}

TEST(Rates, each_operation_has_its_own) {
  const struct {
    std::string_view operation;
    int burst;
    int after_a_second;
  } rows[] = {
      {"LookupEvents", 2, 2},     {"ListInsightsData", 2, 2},      {"ListInsightsMetricData", 1, 1},
      {"GetTrailStatus", 10, 10}, {"DescribeTrails", 10, 10},      {"ListTrails", 10, 10},
      {"CreateTrail", 1, 1},      {"StartLogging", 1, 1},          {"StartQuery", 3, 3},
      {"CancelQuery", 3, 3},      {"SearchSampleQueries", 10, 10}, {"GenerateQuery", 1, 0},
  };
  Rates rates;
  for (const auto& row : rows) {
    EXPECT_EQ(at_once(rates, row.operation, kNow), row.burst) << row.operation;
    EXPECT_EQ(at_once(rates, row.operation, kNow + Millis{1000}), row.after_a_second) << row.operation;
  }
  EXPECT_EQ(at_once(rates, "GenerateQuery", kNow + Millis{14'999}), 0);
  EXPECT_EQ(at_once(rates, "GenerateQuery", kNow + Millis{15'000}), 1);
  EXPECT_EQ(at_once(rates, "PutAuditEvents", kNow, 200, "cloudtrail-data"), 100);
  EXPECT_EQ(at_once(rates, "PutObject", kNow, 200, "s3"), 200) << "no rate";
}

TEST(Rates, a_steady_caller_is_never_refused) {
  Rates rates;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(rates.admit("cloudtrail", "LookupEvents", "1", "us-east-1", kNow + Millis{500 * i})) << i;
  }
  EXPECT_TRUE(rates.admit("cloudtrail", "LookupEvents", "1", "us-east-1", kNow + Millis{500 * 19}));
  EXPECT_FALSE(rates.admit("cloudtrail", "LookupEvents", "1", "us-east-1", kNow + Millis{500 * 19}));
}

TEST(Rates, accounts_and_regions_do_not_share) {
  Rates rates;
  EXPECT_EQ(at_once(rates, "LookupEvents", kNow, 5), 2);
  EXPECT_EQ(at_once(rates, "LookupEvents", kNow, 5, "cloudtrail", "222233334444"), 2);
  EXPECT_EQ(at_once(rates, "LookupEvents", kNow, 5, "cloudtrail", "111122223333", "eu-west-1"), 2);
  EXPECT_EQ(at_once(rates, "LookupEvents", kNow - Millis{86'400'000}, 5), 0) << "the clock steps back:";
  EXPECT_EQ(at_once(rates, "LookupEvents", kNow - Millis{86'399'000}, 5), 2)
      << "it takes a second, not a day";
}

TEST(Rates, memory_is_bounded) {
  Rates rates({.buckets_max = 10});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(rates.admit("cloudtrail", "CreateTrail", std::to_string(i), "us-east-1", kNow));
  }
}

}  // namespace
}  // namespace cairn::front
