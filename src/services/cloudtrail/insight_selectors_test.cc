// Insight selectors, event configuration and resource policies: what is kept, and what is refused.
#include "services/cloudtrail/cloudtrail_testing.h"

namespace cairn::services::cloudtrail {
namespace {

const object kCallRate{{"InsightType", "ApiCallRateInsight"}};

TEST_F(CloudTrailTest, insights_are_kept_shown_and_turned_off) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  EXPECT_EQ(text("GetInsightSelectors", {{"TrailName", "main"}}),
            "InsightNotEnabledException: Trail " + arn("main") +
                " does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.");
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(R"("HasInsightSelectors":false)"));
  s3.calls.clear();
  const auto shown =
      R"({"TrailARN":")" + arn("main") + R"(","InsightSelectors":[{"InsightType":"ApiCallRateInsight"}]})";
  EXPECT_EQ(text("PutInsightSelectors", {{"TrailName", arn("main")}, {"InsightSelectors", {kCallRate}}}), shown);
  EXPECT_EQ(text("GetInsightSelectors", {{"TrailName", "main"}}), shown);
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(R"("HasInsightSelectors":true)"));
  EXPECT_THAT(s3.calls, ElementsAre("GetBucketAcl kestrel  " + arn("main"),
                                    "PutObject kestrel AWSLogs/111122223333/CloudTrail-Insight/ " + arn("main")));
  s3.refuse = "PutObject";
  EXPECT_THAT(text("PutInsightSelectors", {{"TrailName", "main"}, {"InsightSelectors", {kCallRate}}}),
              StartsWith("InsufficientS3BucketPolicyException"));
  EXPECT_THAT(text("PutInsightSelectors", {{"TrailName", "main"}, {"InsightSelectors", array()}}),
              HasSubstr(R"("InsightSelectors":[])"))
      << "nothing to deliver, nothing to verify";
  EXPECT_THAT(text("GetInsightSelectors", {{"TrailName", "main"}}), StartsWith("InsightNotEnabledException"));
}

TEST_F(CloudTrailTest, insights_that_are_refused_change_nothing) {
  ASSERT_THAT(create("main", "us-east-1", true), StartsWith("{"));
  const auto before = controls();
  const struct {
    object input;
    std::string_view region;
    std::string_view answer;
  } rows[] = {
      {{{"InsightSelectors", {kCallRate}}}, "us-east-1", "InvalidParameterCombinationException"},
      {{{"TrailName", "main"}, {"EventDataStore", "a"}, {"InsightSelectors", {kCallRate}}},
       "us-east-1",
       "InvalidParameterCombinationException"},
      {{{"TrailName", "main"}, {"InsightsDestination", "a"}, {"InsightSelectors", {kCallRate}}},
       "us-east-1",
       "InvalidParameterCombinationException"},
      {{{"EventDataStore", "a"}, {"InsightsDestination", "b"}, {"InsightSelectors", {kCallRate}}},
       "us-east-1",
       "UnsupportedOperationException: This Cairn does not support EventDataStore yet."},
      {{{"TrailName", "main"}}, "us-east-1", "InvalidInsightSelectorsException"},
      {{{"TrailName", "main"}, {"InsightSelectors", {object{{"InsightType", "x"}}}}},
       "us-east-1",
       "InvalidInsightSelectorsException"},
      {{{"TrailName", "main"}, {"InsightSelectors", {kCallRate}}}, "eu-west-1", "InvalidHomeRegionException"},
      {{{"TrailName", "nobody"}, {"InsightSelectors", {kCallRate}}}, "us-east-1", "TrailNotFoundException"},
      {{{"TrailName", "a--b"}, {"InsightSelectors", {kCallRate}}}, "us-east-1", "InvalidTrailNameException"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(text("PutInsightSelectors", row.input, row.region), StartsWith(std::string(row.answer)))
        << json::serialize(row.input);
  }
  EXPECT_EQ(controls(), before);
  EXPECT_THAT(text("GetInsightSelectors", {{"EventDataStore", "a"}}), StartsWith("UnsupportedOperationException"));
}

TEST_F(CloudTrailTest, event_configuration_of_a_trail) {
  ASSERT_THAT(create("main", "us-east-1", true), StartsWith("{"));
  const auto none = R"({"TrailARN":")" + arn("main") + R"(","AggregationConfigurations":[]})";
  EXPECT_EQ(text("GetEventConfiguration", {{"TrailName", "main"}}, "eu-west-1"), none);
  EXPECT_EQ(text("PutEventConfiguration", {{"TrailName", "main"}, {"AggregationConfigurations", array()}}), none);
  const array aggregations{object{{"EventCategory", "Data"}, {"Templates", {"API_ACTIVITY"}}}};
  const array context{object{{"Type", "TagContext"}, {"Equals", {"team"}}}};
  const struct {
    object input;
    std::string_view answer;
  } rows[] = {
      {{{"TrailName", "main"}, {"AggregationConfigurations", aggregations}},
       "UnsupportedOperationException: This Cairn does not support AggregationConfigurations yet."},
      {{{"TrailName", "main"}, {"MaxEventSize", "Large"}}, "InvalidParameterCombinationException"},
      {{{"TrailName", "main"}, {"ContextKeySelectors", context}}, "InvalidParameterCombinationException"},
      {{}, "InvalidParameterCombinationException"},
      {{{"TrailName", "main"}, {"EventDataStore", "x"}}, "InvalidParameterCombinationException"},
      {{{"TrailName", "nobody"}}, "TrailNotFoundException"},
      {{{"EventDataStore", arn("main")}}, "EventDataStoreARNInvalidException"},
      {{{"EventDataStore", "0f0f0f0f-1111-4222-8333-444455556666"}}, "EventDataStoreNotFoundException"},
      {{{"EventDataStore", "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/0f0f"}},
       "EventDataStoreNotFoundException"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(text("PutEventConfiguration", row.input), StartsWith(std::string(row.answer)))
        << json::serialize(row.input);
  }
  EXPECT_THAT(text("PutEventConfiguration", {{"TrailName", "main"}}, "eu-west-1"),
              StartsWith("InvalidHomeRegionException"));
}

TEST_F(CloudTrailTest, resource_policies_are_of_what_is_not_there) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  const std::pair<std::string, std::string_view> rows[] = {
      {"arn:aws:cloudtrail:us-east-1:111122223333:channel/0b1c", "ResourceNotFoundException"},
      {"arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/0f0f", "ResourceNotFoundException"},
      {"arn:aws:cloudtrail:us-east-1:111122223333:dashboard/birds", "ResourceNotFoundException"},
      {arn("main"), "ResourceTypeNotSupportedException"},
      {"arn:aws:s3:::kestrel", "ResourceARNNotValidException"},
      {"main", "ResourceARNNotValidException"},
  };
  for (const auto& [resource, code] : rows) {
    for (const auto* operation : {"PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"}) {
      EXPECT_THAT(text(operation, {{"ResourceArn", resource}, {"ResourcePolicy", "{}"}}), StartsWith(std::string(code)))
          << operation << " " << resource;
    }
  }
}

}  // namespace
}  // namespace cairn::services::cloudtrail
