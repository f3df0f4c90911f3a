// Lifecycle rules: what is refused of them, what they are about, and when it is over.
#include "services/s3/lifecycle_rules.h"

#include "services/s3/s3_testing.h"
#include "services/s3/setting_checks.h"

namespace cairn::services::s3::testing {
namespace {

json::object rules(std::string_view text) {
  return *json::parse_object(R"({"Rules":[)" + std::string(text) + "]}");
}

std::string checked(std::string_view text) {
  auto configuration = rules(text);
  const auto result = check_lifecycle(configuration);
  return result ? "ok" : result.error().code;
}

TEST(LifecycleCheck, rules_as_s3_takes_and_refuses_them) {
  const auto rule = [](std::string_view more) {
    return R"({"ID":"a","Status":"Enabled",)" + std::string(more) + "}";
  };
  const std::string all = R"("Filter":{},)";
  const std::string days = R"("Expiration":{"Days":7})";
  const struct {
    std::string rule;
    const char* said;
  } rows[] = {
      {rule(all + days), "ok"},
      {rule(R"("Prefix":"logs/",)" + days), "ok"},
      {rule(days), "MalformedXML"},
      {rule(R"("Prefix":"","Filter":{},)" + days), "MalformedXML"},
      {rule(R"("Filter":{"Prefix":"a","ObjectSizeGreaterThan":1},)" + days), "MalformedXML"},
      {rule(R"("Filter":{"And":{"Prefix":"a"}},)" + days), "MalformedXML"},
      {rule(R"("Filter":{"And":{"Prefix":"a","ObjectSizeGreaterThan":1}},)" + days), "ok"},
      {rule(R"("Filter":{"And":{"ObjectSizeLessThan":1,"ObjectSizeGreaterThan":1}},)" + days),
       "InvalidRequest"},
      {rule(R"("Filter":{"And":{"Tags":[{"Key":"a","Value":"b"},{"Key":"a","Value":"c"}]}},)" + days),
       "InvalidRequest"},
      {rule(R"("Filter":{})"), "InvalidRequest"},
      {rule(all + R"("Expiration":{"Days":0})"), "InvalidArgument"},
      {rule(all + R"("Expiration":{"Days":-1})"), "InvalidArgument"},
      {rule(all + R"("Expiration":{})"), "MalformedXML"},
      {rule(all + R"("Expiration":{"Days":1,"ExpiredObjectDeleteMarker":true})"), "MalformedXML"},
      {rule(all + R"("Expiration":{"Date":1772409600})"), "ok"},
      {rule(all + R"("Expiration":{"Date":1772409601})"), "InvalidArgument"},
      {rule(all + R"("Expiration":{"Date":1.77e45})"), "MalformedXML"},
      {rule(all + R"("Expiration":{"Date":-8.64e30})"), "MalformedXML"},
      {rule(R"("Filter":{"Tag":{"Key":"a","Value":"b"}},"Expiration":{"ExpiredObjectDeleteMarker":true})"),
       "InvalidRequest"},
      {rule(all + R"("NoncurrentVersionExpiration":{})"), "MalformedXML"},
      {rule(all + R"("NoncurrentVersionExpiration":{"NoncurrentDays":1,"NewerNoncurrentVersions":101})"),
       "InvalidArgument"},
      {rule(all + R"("AbortIncompleteMultipartUpload":{"DaysAfterInitiation":3})"), "ok"},
      {rule(
           R"("Filter":{"Tag":{"Key":"a","Value":"b"}},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":3})"),
       "InvalidRequest"},
      {rule(all + R"("Transitions":[{"Days":30,"StorageClass":"STANDARD_IA"}],)" +
            R"("Expiration":{"Days":31})"),
       "ok"},
      {rule(all + R"("Transitions":[{"Days":29,"StorageClass":"STANDARD_IA"}])"), "InvalidArgument"},
      {rule(all + R"("Transitions":[{"Days":0,"StorageClass":"GLACIER"}])"), "ok"},
      {rule(all + R"("Transitions":[{"Days":7,"StorageClass":"GLACIER"}],)" + days), "InvalidArgument"},
      {rule(all + R"("Transitions":[{"Date":1772409600,"StorageClass":"GLACIER"}],)" + days),
       "InvalidRequest"},
      {rule(all + R"("Transitions":[{"StorageClass":"GLACIER"}])"), "MalformedXML"},
      {rule(all + days) + "," + rule(all + days), "InvalidArgument"},  // one id
      {"", "MalformedXML"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(checked(row.rule), row.said) << row.rule;
  }
}

TEST(LifecycleCheck, a_rule_without_id_gets_one) {
  auto configuration = rules(R"({"Status":"Enabled","Filter":{},"Expiration":{"Days":7}})");
  ASSERT_TRUE(check_lifecycle(configuration));
  EXPECT_FALSE(enabled_rules(configuration).at(0).id.empty());
}

TEST(LifecycleRules, what_a_rule_is_about) {
  const auto about = [](std::string_view filter, std::string_view key, std::uint64_t size,
                        std::map<std::string, std::string> tags) {
    const auto read = enabled_rules(rules(R"({"ID":"a","Status":"Enabled","Filter":)" + std::string(filter) +
                                          R"(,"Expiration":{"Days":1}})"));
    return is_about(read.at(0), {.key = key, .size = size, .tags = tags});
  };
  EXPECT_TRUE(about("{}", "a", 0, {}));
  EXPECT_TRUE(about(R"({"Prefix":"logs/"})", "logs/a", 1, {}));
  EXPECT_FALSE(about(R"({"Prefix":"logs/"})", "log", 1, {}));
  EXPECT_TRUE(about(R"({"ObjectSizeGreaterThan":5})", "a", 6, {}));
  EXPECT_FALSE(about(R"({"ObjectSizeGreaterThan":5})", "a", 5, {}));
  EXPECT_TRUE(about(R"({"ObjectSizeLessThan":5})", "a", 4, {}));
  EXPECT_FALSE(about(R"({"ObjectSizeLessThan":5})", "a", 5, {}));
  EXPECT_TRUE(about(R"({"Tag":{"Key":"k","Value":"v"}})", "a", 5, {{"k", "v"}, {"l", "w"}}));
  EXPECT_FALSE(about(R"({"Tag":{"Key":"k","Value":"v"}})", "a", 5, {{"k", "w"}}));
  const auto* both = R"({"And":{"Prefix":"a","Tags":[{"Key":"k","Value":"v"},{"Key":"l","Value":"w"}]}})";
  EXPECT_TRUE(about(both, "ab", 5, {{"k", "v"}, {"l", "w"}}));
  EXPECT_FALSE(about(both, "ab", 5, {{"k", "v"}}));
  EXPECT_FALSE(about(both, "b", 5, {{"k", "v"}, {"l", "w"}}));
}

TEST(LifecycleRules, days_end_at_the_next_midnight) {
  const auto at = [](std::string_view text) { return *parse_rfc3339(text); };
  EXPECT_EQ(over_after(at("2026-03-02T10:15:00Z"), 1), at("2026-03-04T00:00:00Z"));
  EXPECT_EQ(over_after(at("2026-03-02T00:00:00Z"), 1), at("2026-03-03T00:00:00Z"));
  EXPECT_EQ(over_after(at("2026-03-02T23:59:59Z"), 3), at("2026-03-06T00:00:00Z"));
}

TEST(LifecycleRules, the_soonest_of_all_that_apply_counts) {
  const auto read = enabled_rules(rules(
      R"({"ID":"slow","Status":"Enabled","Filter":{},"Expiration":{"Days":9}},
         {"ID":"off","Status":"Disabled","Filter":{},"Expiration":{"Days":1}},
         {"ID":"fast","Status":"Enabled","Filter":{"Prefix":"a"},"Expiration":{"Days":2}},
         {"ID":"date","Status":"Enabled","Filter":{"Prefix":"d"},"Expiration":{"Date":1772409600}},
         {"ID":"old","Status":"Enabled","Filter":{},"NoncurrentVersionExpiration":{"NoncurrentDays":1,"NewerNoncurrentVersions":2}})"));
  ASSERT_EQ(read.size(), 4U);
  const std::map<std::string, std::string> none;
  const Time day{Millis{1'772'409'600'000}};  // 2 March 2026
  EXPECT_EQ(expiry_of(read, {"a", 1, none}, day)->rule, "fast");
  EXPECT_EQ(expiry_of(read, {"b", 1, none}, day)->rule, "slow");
  EXPECT_EQ(expiry_of(read, {"b", 1, none}, day)->when, day + Millis{9LL * 86'400'000});
  EXPECT_EQ(expiry_of(read, {"d", 1, none}, day)->rule, "date");
  EXPECT_FALSE(noncurrent_expiry_of(read, {"a", 1, none}, day, 1));
  EXPECT_EQ(noncurrent_expiry_of(read, {"a", 1, none}, day, 2)->rule, "old");
  EXPECT_FALSE(expiry_of({}, {"a", 1, none}, day));
  EXPECT_EQ(lone_marker_expiry_of(read, {"a", 0, none}, day)->rule, "fast");
  EXPECT_EQ(lone_marker_expiry_of(read, {"d", 0, none}, day)->rule, "slow") << "a date is about objects";
  const auto lone = enabled_rules(rules(
      R"({"ID":"m","Status":"Enabled","Filter":{"Prefix":"a"},"Expiration":{"ExpiredObjectDeleteMarker":true}})"));
  EXPECT_EQ(lone_marker_expiry_of(lone, {"a", 0, none}, day)->when, day);
  EXPECT_FALSE(lone_marker_expiry_of(lone, {"b", 0, none}, day));
}

}  // namespace
}  // namespace cairn::services::s3::testing
