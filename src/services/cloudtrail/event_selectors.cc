// PutEventSelectors and GetEventSelectors: what a trail takes. What selectors mean is trail/selection.h's.
#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

Outcome shown(const trail::Trail& trail, const trail::Selectors& selectors) {
  Outcome outcome;
  outcome.output = trail::to_json(selectors);
  outcome.output["TrailARN"] = trail.arn();
  return outcome;
}

}  // namespace

// Replaces all selectors, of either kind. They hold for what comes after this call in the journal.
Task<Answer> put_event_selectors(const Dependencies& on, Call& call) {
  const std::string name(json::find_string(call.input, "TrailName").value_or(""));
  CAIRN_CO_TRY(auto kept, co_await find_own_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  CAIRN_CO_TRY(kept.trail.selectors, trail::read_selectors(json::find_array(call.input, "EventSelectors"),
                                                           json::find_array(call.input, "AdvancedEventSelectors")));
  auto outcome = shown(kept.trail, *kept.trail.selectors);
  outcome.effects = effects_of(kept);
  co_return outcome;
}

Task<Answer> get_event_selectors(const Dependencies& on, Call& call) {
  const std::string name(json::find_string(call.input, "TrailName").value_or(""));
  CAIRN_CO_TRY(const auto kept, co_await find_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  co_return shown(kept.trail, trail::in_order_of_fields(kept.trail.selected()));
}

}  // namespace cairn::services::cloudtrail
