// Insight selectors: which insights of which of its events a trail wants (cloudtrail-reference 1.7, 11). A value,
// CloudTrail's rules for it, and its JSON. Pure. Nothing computes insights yet.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "aws/fault.h"
#include "base/result.h"
#include "trail/selectors.h"

namespace cairn::trail {

struct InsightSelector {
  std::string type;                     // "ApiCallRateInsight", "ApiErrorRateInsight"
  std::vector<std::string> categories;  // "Management", "Data", as given; none: Management
  bool operator==(const InsightSelector&) const = default;
};

// Is it an insight into events of that category, "Management" or "Data"?
bool wants(const InsightSelector& one, std::string_view category);

// PutInsightSelectors' member, for a trail that takes what `selected` says. InvalidInsightSelectorsException: a type or
// category that there is not, one that is there twice, or an insight into events that the trail does not log: the rate of
// management calls needs those that write, that of their errors any, both of data calls data events.
Result<std::vector<InsightSelector>, aws::Fault> read_insights(const boost::json::array& list, const Selectors& selected);

// As the API shows them.
boost::json::array to_json(const std::vector<InsightSelector>& insights);
// What to_json() wrote, taken as it is.
std::vector<InsightSelector> insights_from(const boost::json::array& json);

}  // namespace cairn::trail
