// PutEventConfiguration and GetEventConfiguration. What they configure of a trail is the aggregation of its data events,
// which is not there and refused by name; event size and context keys are event data stores', of which there are none.
#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

bool has_members(const Call& call, std::string_view member) {
  const auto* list = json::find_array(call.input, member);
  return list != nullptr && !list->empty();
}

// An ARN, or its last part.
aws::Fault no_such_store(std::string_view store) {
  const auto arn = aws::Arn::parse(store);
  const bool is_arn = arn && arn->service() == "cloudtrail" && arn->resource_type() == "eventdatastore";
  const bool is_id = !store.empty() && store.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
  return is_arn || is_id ? fault::event_data_store_not_found(store) : fault::event_data_store_arn_invalid(store);
}

Result<std::string, aws::Fault> trail_configured(const Call& call) {
  const auto trail = json::find_string(call.input, "TrailName");
  const auto store = json::find_string(call.input, "EventDataStore");
  if (trail.has_value() == store.has_value()) {
    return fault::invalid_parameter_combination("Exactly one of TrailName and EventDataStore must be given.");
  }
  if (store) {
    return no_such_store(*store);
  }
  return std::string(*trail);
}

// No trail has any.
Outcome no_aggregations(const trail::Trail& trail) {
  Outcome outcome;
  outcome.output["TrailARN"] = trail.arn();
  outcome.output["AggregationConfigurations"] = json::array();
  return outcome;
}

}  // namespace

Task<Answer> put_event_configuration(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto name, trail_configured(call));
  CAIRN_CO_TRY(const auto kept, co_await find_own_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  if (call.input.contains("MaxEventSize") || has_members(call, "ContextKeySelectors")) {
    co_return fault::invalid_parameter_combination(
        "MaxEventSize and ContextKeySelectors are of event data stores and cannot be given with TrailName.");
  }
  if (has_members(call, "AggregationConfigurations")) {
    co_return fault::unsupported("AggregationConfigurations");
  }
  co_return no_aggregations(kept.trail);
}

Task<Answer> get_event_configuration(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto name, trail_configured(call));
  CAIRN_CO_TRY(const auto kept, co_await find_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  co_return no_aggregations(kept.trail);
}

}  // namespace cairn::services::cloudtrail
