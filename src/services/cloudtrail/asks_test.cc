// What calls need permission for: the resource they name, and the condition keys of tags.
#include <fmt/format.h>

#include "services/cloudtrail/cloudtrail_testing.h"

namespace cairn::services::cloudtrail {
namespace {

class AsksTest : public CloudTrailTest {
 protected:
  // "action resource KEY=VALUES …" of each.
  std::string asked(std::string_view operation, object input, std::string_view region = "us-east-1") {
    auto call = make(operation, std::move(input), region);
    const auto asks = run(service->asks(call));
    std::string all;
    for (const auto& ask : *asks) {
      all += (all.empty() ? "" : "; ") + ask.action + " " + ask.resource;
      for (const auto* key : {"aws:ResourceTag/team", "aws:RequestTag/team", "aws:TagKeys"}) {
        if (const auto* values = ask.context.find(key)) {
          all += fmt::format(" {}={}", key, fmt::join(*values, ","));
        }
      }
    }
    return all;
  }
  static array tags(std::string_view key, std::string_view value) { return {object{{"Key", key}, {"Value", value}}}; }
};

TEST_F(AsksTest, a_trails_tags_and_those_of_the_request) {
  ASSERT_THAT(create("main", "us-east-1", true), StartsWith("{"));
  ASSERT_EQ(text("AddTags", {{"ResourceId", arn("main")}, {"TagsList", tags("team", "audit")}}), "{}");
  EXPECT_EQ(asked("StopLogging", {{"Name", "main"}}),
            "cloudtrail:StopLogging " + arn("main") + " aws:ResourceTag/team=audit");
  EXPECT_EQ(asked("GetTrail", {{"Name", arn("main")}}, "eu-west-1"),
            "cloudtrail:GetTrail " + arn("main") + " aws:ResourceTag/team=audit");
  EXPECT_EQ(asked("AddTags", {{"ResourceId", arn("main")}, {"TagsList", tags("team", "risk")}}),
            "cloudtrail:AddTags " + arn("main") + " aws:ResourceTag/team=audit aws:RequestTag/team=risk aws:TagKeys=team");
  EXPECT_EQ(asked("RemoveTags", {{"ResourceId", arn("main")}, {"TagsList", {object{{"Key", "team"}}}}}),
            "cloudtrail:RemoveTags " + arn("main") + " aws:ResourceTag/team=audit aws:TagKeys=team");
  EXPECT_EQ(asked("ListTags", {{"ResourceIdList", {arn("main"), arn("other")}}}),
            "cloudtrail:ListTags " + arn("main") + " aws:ResourceTag/team=audit; cloudtrail:ListTags " + arn("other"));
  EXPECT_EQ(asked("CreateTrail", {{"Name", "new"}, {"S3BucketName", "kestrel"}, {"TagsList", tags("team", "risk")}}),
            "cloudtrail:CreateTrail " + arn("new") + " aws:RequestTag/team=risk aws:TagKeys=team");
  EXPECT_EQ(asked("CreateTrail", {{"Name", "main"}, {"TagsList", {1, object{}}}}), "cloudtrail:CreateTrail " + arn("main"))
      << "what is malformed has no tags, and it is the new trail that is asked for";
  EXPECT_EQ(asked("DescribeTrails", {}), "cloudtrail:DescribeTrails *");
  EXPECT_EQ(asked("GetEventConfiguration", {{"EventDataStore", "0f0f"}}),
            "cloudtrail:GetEventConfiguration arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/0f0f");
}

// A change that was permitted for a trail's tags does not land on a trail with others.
TEST_F(AsksTest, a_change_is_bound_to_the_tags_it_was_permitted_for) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  auto call = make("StartLogging", {{"Name", "main"}});
  ASSERT_TRUE(run(service->asks(call)));
  ASSERT_EQ(text("AddTags", {{"ResourceId", arn("main")}, {"TagsList", tags("team", "risk")}}), "{}");
  auto late = run(service->run(call));
  ASSERT_TRUE(late);
  EXPECT_FALSE(commit_effects(late));
  ASSERT_TRUE(run(service->asks(call)));
  auto again = run(service->run(call));
  EXPECT_TRUE(commit_effects(again));
}

// It was not there when permission was asked for.
TEST_F(AsksTest, a_trail_that_comes_meanwhile_is_asked_for_anew) {
  auto call = make("StartLogging", {{"Name", "main"}});
  ASSERT_TRUE(run(service->asks(call)));
  ASSERT_THAT(create("main"), StartsWith("{"));
  auto late = run(service->run(call));
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->stale);
  ASSERT_TRUE(run(service->asks(call)));
  EXPECT_FALSE(run(service->run(call))->stale);
  auto creation = make("CreateTrail", {{"Name", "second"}, {"S3BucketName", "kestrel"}});
  ASSERT_TRUE(run(service->asks(creation)));
  EXPECT_FALSE(run(service->run(creation))->stale) << "what is made was not there";
}

}  // namespace
}  // namespace cairn::services::cloudtrail
