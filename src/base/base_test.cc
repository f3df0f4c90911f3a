// Results, times, durations and sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"

namespace cairn {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) {
    return Error{Errc::invalid, "odd", std::to_string(n)};
  }
  return n / 2;
}

Result<int> quarter(int n) {
  CAIRN_TRY(const int h, half(n));
  return half(h);
}

TEST(Result, try_returns_the_first_error) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().subject, "3");
  EXPECT_EQ(half(4).transform([](int n) { return n + 1; }).value(), 3);
  EXPECT_EQ(half(3).value_or(9), 9);
}

struct TimeCase {
  std::string_view text;
  std::string_view canonical;  // empty: must be refused
};

TEST(Time, rfc3339) {
  const TimeCase cases[] = {
      {"2026-03-02T10:15:00Z", "2026-03-02T10:15:00.000Z"},
      {"2026-03-02T10:15:00.5Z", "2026-03-02T10:15:00.500Z"},
      {"2026-03-02T10:15:00.123456Z", "2026-03-02T10:15:00.123Z"},
      {"2026-03-02T12:15:00+02:00", "2026-03-02T10:15:00.000Z"},
      {"2024-02-29T23:59:59-01:30", "2024-03-01T01:29:59.000Z"},
      {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
      {"0007-01-02T03:04:05.006Z", "0007-01-02T03:04:05.006Z"},
      {"2026-02-30T10:15:00Z", ""},
      {"2026-03-02T24:15:00Z", ""},
      {"2026-03-02T10:15:00", ""},
      {"2026-03-02T10:15:00Zx", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_rfc3339(c.text);
    EXPECT_EQ(parsed ? rfc3339_millis(*parsed) : "", c.canonical) << c.text;
  }
}

TEST(Time, other_forms_round_trip) {
  const auto time = *parse_rfc3339("2026-03-02T10:15:07Z");
  EXPECT_EQ(basic(time), "20260302T101507Z");
  EXPECT_EQ(basic_minutes(time), "20260302T1015Z");
  EXPECT_EQ(http_date(time), "Mon, 02 Mar 2026 10:15:07 GMT");
  EXPECT_EQ(*parse_basic(basic(time)), time);
  EXPECT_EQ(*parse_http_date(http_date(time)), time);
  EXPECT_FALSE(parse_basic("20260302T101507"));
}

TEST(Time, durations_and_sizes) {
  EXPECT_EQ(*parse_duration("500ms"), Millis{500});
  EXPECT_EQ(*parse_duration("90d"), Millis{90LL * 86'400'000});
  EXPECT_FALSE(parse_duration("5"));
  EXPECT_FALSE(parse_duration("5 m"));
  EXPECT_FALSE(parse_duration("99999999999999999d"));
  EXPECT_EQ(*parse_size("50MiB"), 50ULL << 20);
  EXPECT_EQ(*parse_size("100"), 100U);
  EXPECT_FALSE(parse_size("1MB"));
  EXPECT_EQ(format_duration(Millis{300'000}), "5m");
  EXPECT_EQ(format_duration(Millis{1'500}), "1500ms");
}

TEST(Strong, compares_and_hashes_like_its_value) {
  using Id = Strong<struct IdTag, std::string>;
  EXPECT_EQ(Id{"a"}, Id{"a"});
  EXPECT_LT(Id{"a"}, Id{"b"});
  EXPECT_EQ(std::hash<Id>{}(Id{"a"}), std::hash<std::string>{}("a"));
  static_assert(!std::is_convertible_v<Id, std::string>);
}

TEST(Metrics, text_has_what_was_counted) {
  Metrics metrics;
  metrics.counter("cairn_calls_total", "calls", {{"service", "iam"}}).add();
  metrics.counter("cairn_calls_total", "calls", {{"service", "iam"}}).add(2);
  EXPECT_THAT(metrics.text(), testing::HasSubstr("cairn_calls_total{service=\"iam\"} 3"));
}

}  // namespace
}  // namespace cairn
