// Which words an event gets that a trail takes or does not.
#include "trail/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::trail {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kGet =
    R"({"eventVersion":"1.11","eventID":"1","eventTime":"2026-03-02T10:15:00Z","awsRegion":"eu-west-1","eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true,"eventCategory":"Data","recipientAccountId":"210987654321","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::nest/eggs"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::nest/twigs"}]})";

Trail kestrel(std::string_view advanced) {
  Trail trail{.account = "210987654321", .name = "kestrel", .home_region = "eu-west-1", .logging = true};
  const auto list = advanced.empty() ? json::array() : json::parse(advanced)->as_array();
  if (!advanced.empty()) {
    trail.selectors = read_selectors(nullptr, &list).value();
  }
  return trail;
}

struct Case {
  std::string fields;  // of a Data selector for S3 objects
  bool takes;
  std::string why;
};

TEST(Explain, advanced_selectors_by_field) {
  const Case cases[] = {
      {"", true, "by selector 1 (n)"},
      {R"(,{"Field":"eventName","Equals":["PutObject"]})", false, "eventName does not hold"},
      {R"(,{"Field":"readOnly","Equals":["false"]},{"Field":"eventName","NotStartsWith":["Get"]})", false,
       "readOnly, eventName does not hold"},
      {R"(,{"Field":"resources.ARN","EndsWith":["/eggs"]})", true, "selector 1"},
      {R"(,{"Field":"resources.ARN","NotEndsWith":["/eggs"]})", false, "resources.ARN does not hold"},
  };
  const auto event = event::view(kGet).value();
  for (const auto& c : cases) {
    const auto trail = kestrel(
        R"([{"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]})" +
        c.fields + "]}]");
    const auto explained = explain(trail, event, kGet).value();
    EXPECT_EQ(explained.takes, c.takes) << c.fields;
    EXPECT_THAT(explained.why, HasSubstr(c.why)) << c.fields;
  }
}

TEST(Explain, what_is_out_of_reach_and_what_basic_selectors_leave_out) {
  auto event = event::view(kGet).value();
  auto trail = kestrel("");
  const auto why = [&] { return explain(trail, event, kGet)->why; };
  EXPECT_THAT(why(), HasSubstr("no DataResources"));
  trail.selectors = Selectors{.basic = {{.read_write = "WriteOnly"}, {.data = {{"AWS::S3::Object", {"arn:aws:s3:::other/"}}}}}, .advanced = {}};
  EXPECT_THAT(why(), HasSubstr("selector 1: ReadWriteType is WriteOnly, and it reads; selector 2: none of its resources"));
  trail.selectors.reset();
  event.category = event::Category::management;
  EXPECT_EQ(why(), "as every Management event");
  event.region = "us-east-1";
  EXPECT_THAT(why(), HasSubstr("eu-west-1 alone"));
  event.recipient_account = "111122223333";
  EXPECT_THAT(why(), HasSubstr("account 111122223333"));
  trail.logging = false;
  EXPECT_THAT(why(), HasSubstr("StartLogging"));
}

}  // namespace
}  // namespace cairn::trail
