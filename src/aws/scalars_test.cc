#include "aws/scalars.h"

#include <gtest/gtest.h>

#include <limits>

#include "json/json.h"

namespace cairn::aws {
namespace {

TEST(Scalars, times_as_text) {
  struct Row {
    double seconds;
    TimestampFormat format;
    bool millis;
    const char* wanted;
  };
  const Row rows[] = {
      {1772446500, TimestampFormat::iso8601, false, "2026-03-02T10:15:00Z"},
      {1772446500, TimestampFormat::by_protocol, true, "2026-03-02T10:15:00.000Z"},
      {1772446500.25, TimestampFormat::iso8601, false, "2026-03-02T10:15:00.250Z"},
      {1772446500.9, TimestampFormat::rfc822, false, "Mon, 02 Mar 2026 10:15:00 GMT"},
      {1772446500, TimestampFormat::unix_seconds, false, "1772446500"},
      {-1, TimestampFormat::iso8601, false, "1969-12-31T23:59:59Z"},
      {1e300, TimestampFormat::iso8601, false, "9999-12-31T23:59:59.000Z"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(timestamp_text(row.seconds, row.format, row.millis), row.wanted);
  }
}

TEST(Scalars, times_from_text) {
  for (const auto* text :
       {"1772446500", "2026-03-02T10:15:00Z", "2026-03-02T11:15:00+01:00", "Mon, 02 Mar 2026 10:15:00 GMT"}) {
    EXPECT_EQ(parse_timestamp(text), 1772446500.0) << text;
  }
  for (const auto* text : {"", "yesterday", "nan", "inf", "2026-13-01T00:00:00Z", "1772446500x"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

TEST(Scalars, numbers_as_text) {
  EXPECT_EQ(floating_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(floating_text(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(floating_text(1.5), "1.5");
  EXPECT_EQ(floating_text(3.0), "3");
}

TEST(Scalars, from_text_by_the_members_kind) {
  Shape shape;
  Member member;
  member.shape = &shape;
  const auto read = [&](Kind kind, std::string_view text) {
    shape.kind = kind;
    const auto value = scalar_value(member, text);
    return value ? json::serialize(*value) : "-";
  };
  EXPECT_EQ(read(Kind::integer, "2147483647"), "2147483647");
  EXPECT_EQ(read(Kind::integer, "2147483648"), "-");
  EXPECT_EQ(read(Kind::long_integer, "2147483648"), "2147483648");
  EXPECT_EQ(read(Kind::long_integer, "1.5"), "-");
  EXPECT_EQ(read(Kind::boolean, "True"), "true");
  EXPECT_EQ(read(Kind::boolean, "1"), "-");
  EXPECT_EQ(read(Kind::floating, "1.5"), "1.5");
  EXPECT_EQ(read(Kind::floating, "NaN"), "\"NaN\"");
  EXPECT_EQ(read(Kind::floating, "nan"), "-");
  EXPECT_EQ(read(Kind::blob, "AAE="), "\"AAE=\"");
  EXPECT_EQ(read(Kind::blob, "AAE"), "-");
  EXPECT_EQ(read(Kind::string, "\xFF"), "-");
  EXPECT_EQ(read(Kind::timestamp, "1772446500.5"), "1772446500.5");
}

}  // namespace
}  // namespace cairn::aws
