#include <array>
#include <cmath>

#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/next_token.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr std::int64_t kResultsMax = 50;
constexpr std::size_t kAttributeCharsMax = 2000;

using store::Attribute;
constexpr std::array<std::pair<std::string_view, Attribute>, 8> kAttributes = {{
    {"EventId", Attribute::event_id},
    {"EventName", Attribute::event_name},
    {"ReadOnly", Attribute::read_only},
    {"Username", Attribute::username},
    {"ResourceType", Attribute::resource_type},
    {"ResourceName", Attribute::resource_name},
    {"EventSource", Attribute::event_source},
    {"AccessKeyId", Attribute::access_key_id},
}};

// '_', ' ', ',' and newline count double.
std::size_t weighted_length(std::string_view value) {
  return value.size() + static_cast<std::size_t>(std::ranges::count_if(
                            value, [](char c) { return c == '_' || c == ' ' || c == ',' || c == '\n'; }));
}

Result<void, aws::Fault> read_attribute(const Call& call, store::Query& query) {
  const auto* list = json::find_array(call.input, "LookupAttributes");
  if (list == nullptr || list->empty()) {
    return {};
  }
  if (list->size() > 1) {
    return fault::invalid_lookup_attributes("Only one lookup attribute may be given.");
  }
  const auto& item = list->front().get_object();
  const auto key = json::find_string(item, "AttributeKey").value_or("");
  const auto value = json::find_string(item, "AttributeValue").value_or("");
  const auto* known = std::ranges::find(kAttributes, key, [](const auto& pair) { return pair.first; });
  if (known == kAttributes.end()) {
    return fault::invalid_lookup_attributes("The lookup attribute's key is not one of those supported.");
  }
  if (value.empty() || weighted_length(value) > kAttributeCharsMax) {
    return fault::invalid_lookup_attributes("The lookup attribute's value must have 1 to 2000 characters.");
  }
  if (known->second == Attribute::read_only && value != "true" && value != "false") {
    return fault::invalid_lookup_attributes("ReadOnly is true or false.");
  }
  query.attribute.emplace(known->second, std::string(value));
  return {};
}

// Years 0 to 9999, so that no arithmetic on it overflows.
constexpr double kSecondsMin = -62'167'219'200.0;
constexpr double kSecondsMax = 253'402'300'799.0;

}  // namespace

Result<std::optional<Time>, aws::Fault> time_member(const Call& call, std::string_view member) {
  const auto seconds = json::find_number(call.input, member);
  if (!seconds) {
    return std::optional<Time>{};
  }
  if (!(*seconds >= kSecondsMin && *seconds <= kSecondsMax)) {
    return fault::invalid_time_range(std::string(member) + " is out of range.");
  }
  return std::optional(Time{Millis{std::llround(*seconds * 1000.0)}});
}

namespace {

// Insights events are looked up by these only.
bool is_insights_attribute(const store::Query& query) {
  const auto attribute = query.attribute->first;
  return attribute == Attribute::event_id || attribute == Attribute::event_name ||
         attribute == Attribute::event_source;
}

// No insight event was ever computed here, so every lookup of them is at its end at once.
Answer lookup_insights(const Call& call, const store::Query& query, std::string_view category) {
  if (category != "insight") {
    return fault::invalid_event_category(category);
  }
  if (query.attribute && !is_insights_attribute(query)) {
    return fault::invalid_lookup_attributes(
        "Insights events are looked up by EventId, EventName or EventSource.");
  }
  if (json::find_string(call.input, "NextToken")) {
    return fault::invalid_next_token();
  }
  Outcome outcome;
  outcome.output["Events"] = json::array{};
  return outcome;
}

Result<store::Query, aws::Fault> read_query(const Call& call, const Options& options) {
  store::Query query;
  query.account = call.account;
  query.region = call.region;
  CAIRN_TRY_VOID(read_attribute(call, query));
  CAIRN_TRY(query.from, time_member(call, "StartTime"));
  CAIRN_TRY(query.to, time_member(call, "EndTime"));
  if (query.from && query.to && *query.from > *query.to) {
    return fault::invalid_time_range("StartTime is after EndTime.");
  }
  if (query.to && *query.to < call.time - options.retention.get()) {
    return fault::invalid_time_range("EndTime is before the start of the event history.");
  }
  const auto limit = json::find_int(call.input, "MaxResults").value_or(kResultsMax);
  if (limit < 1 || limit > kResultsMax) {
    return fault::invalid_max_results();
  }
  query.limit = static_cast<std::size_t>(limit);
  return query;
}

json::object shown(const store::Found& found) {
  const auto& view = found.view;
  json::object event{
      {"EventId", view.event_id.view()}, {"EventName", view.name.view()}, {"ReadOnly", view.read_only ? "true" : "false"}};
  if (!view.access_key_id.empty()) {
    event["AccessKeyId"] = view.access_key_id.view();
  }
  event["EventTime"] = seconds_since_epoch(view.time);
  event["EventSource"] = view.source.view();
  if (!view.username.empty()) {
    event["Username"] = view.username.view();
  }
  json::array resources;
  for (const auto& resource : view.resources) {
    json::object item;
    if (!resource.type.empty()) {
      item["ResourceType"] = resource.type.view();
    }
    item["ResourceName"] = resource.name.view();
    resources.push_back(std::move(item));
  }
  event["Resources"] = std::move(resources);
  event["CloudTrailEvent"] = found.json;
  return event;
}

}  // namespace

Task<Answer> lookup_events(const Dependencies& on, Call& call) {
  if (!on.history_ready()) {
    co_return fault::not_ready();
  }
  CAIRN_CO_TRY(const auto query, read_query(call, on.options));
  if (const auto category = json::find_string(call.input, "EventCategory")) {
    co_return lookup_insights(call, query, *category);
  }
  Outcome outcome;
  std::optional<store::Bookmark> after;
  if (const auto token = json::find_string(call.input, "NextToken")) {
    CAIRN_CO_TRY(after, read_token(*token, query));
  }
  const auto page = co_await on.history.lookup(query, after);
  if (!page) {
    co_return page.error().code == Errc::unavailable ? fault::not_ready()
                                                     : aws::to_fault(aws::Family::json, page.error());
  }
  json::array events;
  for (const auto& found : page->events) {
    events.push_back(shown(found));
  }
  outcome.output["Events"] = std::move(events);
  if (page->next) {
    outcome.output["NextToken"] = write_token(*page->next, query);
  }
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
