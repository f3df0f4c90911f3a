// Tested by insights_test.cc.
#include "trail/insights.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/utf8.h"
#include "event/view.h"
#include "json/json.h"
#include "trail/selection.h"

namespace cairn::trail {
namespace {

constexpr std::string_view kCallRate = "ApiCallRateInsight";
constexpr std::string_view kErrorRate = "ApiErrorRateInsight";
constexpr std::string_view kOfManagement = "Management";
constexpr std::string_view kOfData = "Data";

aws::Fault bad_insights(std::string message) {
  return {"InvalidInsightSelectorsException", 400, std::move(message)};
}

std::vector<std::string> categories_in(const json::object& object) {
  std::vector<std::string> texts;
  if (const auto* array = json::find_array(object, "EventCategories")) {
    for (const auto& value : *array) {
      texts.emplace_back(value.is_string() ? json::text_of(value.get_string()) : std::string_view());
    }
  }
  return texts;
}

bool has_twice(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return std::ranges::adjacent_find(texts) != texts.end();
}

Result<void, aws::Fault> check_words(const InsightSelector& one) {
  if (one.type != kCallRate && one.type != kErrorRate) {
    return bad_insights(fmt::format("The InsightType is not valid: {}. Valid values are {} and {}.",
                                    codec::utf8_prefix(one.type, 100), kCallRate, kErrorRate));
  }
  for (const auto& category : one.categories) {
    if (category != kOfManagement && category != kOfData) {
      return bad_insights(fmt::format("The event category is not valid: {}. Valid values are {} and {}.",
                                      codec::utf8_prefix(category, 100), kOfManagement, kOfData));
    }
  }
  if (has_twice(one.categories)) {
    return bad_insights(fmt::format("An event category is given twice for {}.", one.type));
  }
  return {};
}

bool logs(const Selectors& selected, event::Category category, bool writes_only) {
  return std::ranges::any_of(rules_of(selected), [&](const Rule& rule) {
    return rule.category == category && !(writes_only && rule.read_only == true);
  });
}

Result<void, aws::Fault> check_source(const InsightSelector& one, const Selectors& selected) {
  const bool call_rate = one.type == kCallRate;
  if (wants(one, kOfManagement) && !logs(selected, event::Category::management, call_rate)) {
    return bad_insights(fmt::format("To log {} on management events, the trail must log {} management events.",
                                    one.type, call_rate ? "write" : "read or write"));
  }
  if (wants(one, kOfData) && !logs(selected, event::Category::data, false)) {
    return bad_insights(fmt::format("To log {} on data events, the trail must log data events.", one.type));
  }
  return {};
}

}  // namespace

bool wants(const InsightSelector& one, std::string_view category) {
  return one.categories.empty() ? category == kOfManagement
                                : std::ranges::find(one.categories, category) != one.categories.end();
}

Result<std::vector<InsightSelector>, aws::Fault> read_insights(const boost::json::array& list,
                                                               const Selectors& selected) {
  auto insights = insights_from(list);
  std::vector<std::string> types;
  for (const auto& one : insights) {
    CAIRN_TRY_VOID(check_words(one));
    CAIRN_TRY_VOID(check_source(one, selected));
    types.push_back(one.type);
  }
  if (has_twice(std::move(types))) {
    return bad_insights("An InsightType is given twice.");
  }
  return insights;
}

boost::json::array to_json(const std::vector<InsightSelector>& insights) {
  json::array list;
  for (const auto& one : insights) {
    json::object shown{{"InsightType", one.type}};
    if (!one.categories.empty()) {
      shown["EventCategories"] = json::array(one.categories.begin(), one.categories.end());
    }
    list.push_back(std::move(shown));
  }
  return list;
}

std::vector<InsightSelector> insights_from(const boost::json::array& json) {
  std::vector<InsightSelector> insights;
  for (const auto& value : json) {
    const auto object = value.is_object() ? value.get_object() : json::object();
    insights.push_back({.type = std::string(json::find_string(object, "InsightType").value_or("")),
                        .categories = categories_in(object)});
  }
  return insights;
}

}  // namespace cairn::trail
