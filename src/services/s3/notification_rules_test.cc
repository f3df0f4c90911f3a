// What a bucket tells, read from its configuration, and which configurations are in each other's way.
#include "services/s3/notification_rules.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::services::s3 {
namespace {

NotificationRule rule(std::string event, std::string prefix = "", std::string suffix = "") {
  return {.id = "a",
          .target = "arn:aws:sqs:us-east-1:111122223333:q",
          .events = {std::move(event)},
          .prefix = std::move(prefix),
          .suffix = std::move(suffix)};
}

TEST(NotificationRules, a_configuration_is_read) {
  const auto rules = notification_rules(*json::parse_object(
      R"({"QueueConfigurations":[{"Id":"one","QueueArn":"q","Events":["s3:ObjectCreated:*","s3:ObjectRemoved:Delete"],
          "Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"in/"},{"Name":"suffix","Value":".gz"}]}}}],
          "TopicConfigurations":[{"Id":"two","TopicArn":"t","Events":["s3:ObjectTagging:Put"]}]})"));
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].id + rules[0].target, "twot");
  EXPECT_EQ(rules[1].events, (std::vector<std::string>{"s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"}));
  EXPECT_EQ(rules[1].prefix + " " + rules[1].suffix, "in/ .gz");
  EXPECT_TRUE(notification_rules({}).empty());
  EXPECT_EQ(notification_rules(*json::parse_object(R"({"QueueConfigurations":[1,{"Events":[1]}]})")).size(),
            1U);
}

TEST(NotificationRules, what_they_want) {
  const struct {
    NotificationRule rule;
    const char* event;
    const char* key;
    bool wanted;
  } rows[] = {
      {rule("s3:ObjectCreated:*"), "ObjectCreated:Put", "a", true},
      {rule("s3:ObjectCreated:Put"), "ObjectCreated:Put", "a", true},
      {rule("s3:ObjectCreated:Put"), "ObjectCreated:Copy", "a", false},
      {rule("s3:ObjectRemoved:*"), "ObjectCreated:Put", "a", false},
      {rule("s3:ObjectRemoved:Delete"), "ObjectRemoved:DeleteMarkerCreated", "a", false},
      {rule("s3:ObjectCreated:*", "in/"), "ObjectCreated:Put", "in/a", true},
      {rule("s3:ObjectCreated:*", "in/"), "ObjectCreated:Put", "out/in/a", false},
      {rule("s3:ObjectCreated:*", "in/", ".gz"), "ObjectCreated:Put", "in/a.gz", true},
      {rule("s3:ObjectCreated:*", "in/", ".gz"), "ObjectCreated:Put", "in/a.gz.txt", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(wants(row.rule, row.event, row.key), row.wanted)
        << row.rule.events[0] << " " << row.event << " " << row.key;
  }
}

TEST(NotificationRules, overlaps_are_seen_from_both_sides) {
  const struct {
    NotificationRule one;
    NotificationRule other;
    bool overlaps;
  } rows[] = {
      {rule("s3:ObjectCreated:*"), rule("s3:ObjectCreated:Put"), true},
      {rule("s3:ObjectCreated:*"), rule("s3:ObjectRemoved:*"), false},
      {rule("s3:ObjectCreated:Put"), rule("s3:ObjectCreated:Copy"), false},
      {rule("s3:ObjectRemoved:Delete"), rule("s3:ObjectRemoved:DeleteMarkerCreated"), false},
      {rule("s3:ObjectCreated:*", "in/"), rule("s3:ObjectCreated:*", "out/"), false},
      {rule("s3:ObjectCreated:*", "in/"), rule("s3:ObjectCreated:*", "in/side/"), true},
      {rule("s3:ObjectCreated:*", "in/", ".gz"), rule("s3:ObjectCreated:*", "in/", ".txt"), false},
      {rule("s3:ObjectCreated:*", "", ".gz"), rule("s3:ObjectCreated:*", "", "json.gz"), true},
      {rule("s3:ObjectCreated:*", "in/"), rule("s3:ObjectCreated:*", "", ".gz"), true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(overlap(row.one, row.other), row.overlaps) << row.one.prefix << " " << row.other.prefix;
    EXPECT_EQ(overlap(row.other, row.one), row.overlaps);
  }
}

}  // namespace
}  // namespace cairn::services::s3
