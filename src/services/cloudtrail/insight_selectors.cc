// PutInsightSelectors and GetInsightSelectors: which insights a trail wants. They are kept and shown; nothing
// computes insights yet. Their rules are trail/insights.h's.
#include <fmt/format.h>

#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

Outcome shown(const trail::Trail& trail) {
  Outcome outcome;
  outcome.output["TrailARN"] = trail.arn();
  outcome.output["InsightSelectors"] = trail::to_json(trail.insights);
  return outcome;
}

// A trail, or event data stores, which are not there.
Result<std::string, aws::Fault> trail_named(const Call& call) {
  const auto trail = json::find_string(call.input, "TrailName");
  for (const auto* member : {"EventDataStore", "InsightsDestination"}) {
    if (call.input.contains(member)) {
      return trail ? fault::invalid_parameter_combination(
                         fmt::format("TrailName and {} cannot be given together.", member))
                   : fault::unsupported(member);
    }
  }
  if (!trail) {
    return fault::invalid_parameter_combination("Either TrailName or EventDataStore must be given.");
  }
  return std::string(*trail);
}

}  // namespace

// Replaces all; an empty list turns insights off.
Task<Answer> put_insight_selectors(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto name, trail_named(call));
  CAIRN_CO_TRY(auto kept, co_await find_own_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  const auto* list = json::find_array(call.input, "InsightSelectors");
  if (list == nullptr) {
    co_return fault::invalid_insight_selectors("InsightSelectors is missing.");
  }
  CAIRN_CO_TRY(kept.trail.insights, trail::read_insights(*list, kept.trail.selected()));
  if (!kept.trail.insights.empty()) {
    const std::vector<std::string> folders(1, std::string(trail::kInsightFolder));
    CAIRN_CO_TRY_VOID(co_await verify_bucket(on, kept.trail, folders));
  }
  auto outcome = shown(kept.trail);
  outcome.effects = effects_of(kept);
  co_return outcome;
}

Task<Answer> get_insight_selectors(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto name, trail_named(call));
  CAIRN_CO_TRY(const auto kept, co_await find_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  if (kept.trail.insights.empty()) {
    co_return fault::insight_not_enabled(kept.trail.arn());
  }
  co_return shown(kept.trail);
}

}  // namespace cairn::services::cloudtrail
