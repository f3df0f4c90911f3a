#include "trail/insights.h"

#include <gtest/gtest.h>

#include "json/json.h"
#include "trail/trail.h"

namespace cairn::trail {
namespace {

Selectors selectors(std::string_view basic) {
  const auto list = json::parse(basic)->as_array();
  return read_selectors(&list, nullptr).value();
}

Result<std::vector<InsightSelector>, aws::Fault> read(std::string_view list, const Selectors& selected) {
  return read_insights(json::parse(list)->as_array(), selected);
}

TEST(Insights, what_is_taken_is_shown_as_it_was_given) {
  const auto all = selectors(R"([{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}])");
  for (const auto* list :
       {"[]", R"([{"InsightType":"ApiCallRateInsight"}])",
        R"([{"InsightType":"ApiErrorRateInsight","EventCategories":["Data","Management"]},{"InsightType":"ApiCallRateInsight"}])"}) {
    const auto taken = read(list, all);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(json::serialize(to_json(*taken)), list);
    EXPECT_EQ(insights_from(to_json(*taken)), *taken);
  }
  EXPECT_TRUE(wants({.type = "ApiCallRateInsight", .categories = {}}, "Management"));
  EXPECT_FALSE(wants({.type = "ApiCallRateInsight", .categories = {}}, "Data"));
}

struct Case {
  std::string_view why;
  std::string_view list;
  std::string_view selected;
  std::string_view message;  // empty: taken
};

TEST(Insights, what_is_refused) {
  constexpr std::string_view kAll = "[{}]";
  constexpr std::string_view kReads = R"([{"ReadWriteType":"ReadOnly"}])";
  constexpr std::string_view kObjects =
      R"([{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}])";
  const Case cases[] = {
      {"no such type", R"([{"InsightType":"Rate"}])", kAll,
       "The InsightType is not valid: Rate. Valid values are ApiCallRateInsight and ApiErrorRateInsight."},
      {"no type", "[{}]", kAll, "The InsightType is not valid: . Valid values are ApiCallRateInsight and ApiErrorRateInsight."},
      {"a type twice", R"([{"InsightType":"ApiCallRateInsight"},{"InsightType":"ApiCallRateInsight"}])", kAll,
       "An InsightType is given twice."},
      {"no such category", R"([{"InsightType":"ApiCallRateInsight","EventCategories":["NetworkActivity"]}])", kAll,
       "The event category is not valid: NetworkActivity. Valid values are Management and Data."},
      {"a category twice", R"([{"InsightType":"ApiCallRateInsight","EventCategories":["Data","Data"]}])", kObjects,
       "An event category is given twice for ApiCallRateInsight."},
      {"the rate of calls needs writing ones", R"([{"InsightType":"ApiCallRateInsight"}])", kReads,
       "To log ApiCallRateInsight on management events, the trail must log write management events."},
      {"errors do not", R"([{"InsightType":"ApiErrorRateInsight"}])", kReads, ""},
      {"no management events at all", R"([{"InsightType":"ApiErrorRateInsight"}])", kObjects,
       "To log ApiErrorRateInsight on management events, the trail must log read or write management events."},
      {"no data events", R"([{"InsightType":"ApiErrorRateInsight","EventCategories":["Data"]}])", kAll,
       "To log ApiErrorRateInsight on data events, the trail must log data events."},
      {"data events", R"([{"InsightType":"ApiErrorRateInsight","EventCategories":["Data"]}])", kObjects, ""},
  };
  for (const auto& c : cases) {
    const auto taken = read(c.list, selectors(c.selected));
    EXPECT_EQ(taken ? "" : taken.error().message, c.message) << c.why;
    EXPECT_EQ(taken ? "" : taken.error().code, c.message.empty() ? "" : "InvalidInsightSelectorsException") << c.why;
  }
}

// Written before there were insights.
TEST(Insights, an_earlier_documents_trail_has_none) {
  const auto document = json::parse_object(
      R"({"account":"210987654321","name":"kestrel","homeRegion":"eu-west-1","bucket":"b","prefix":"","includeGlobalServiceEvents":true,)"
      R"("multiRegion":false,"logging":true,"started":1,"stopped":null,"created":1,"selectors":null,"tags":{"team":"audit"}})");
  auto trail = from_document(*document);
  ASSERT_TRUE(trail);
  EXPECT_TRUE(trail->insights.empty());
  trail->insights = {{.type = "ApiCallRateInsight", .categories = {"Data"}}};
  EXPECT_EQ(from_document(to_document(*trail))->insights, trail->insights);
}

}  // namespace
}  // namespace cairn::trail
