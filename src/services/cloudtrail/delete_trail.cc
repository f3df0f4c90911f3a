#include "event/outbox_row.h"
#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

Task<Answer> delete_trail(const Dependencies& on, Call& call) {
  const std::string name(json::find_string(call.input, "Name").value_or(""));
  CAIRN_CO_TRY(const auto kept, co_await find_own_trail(on, call, name));
  const auto& trail = kept.trail;
  Outcome outcome;
  outcome.effects.writes.push_back({.key = trail::trail_key(trail.account, trail.home_region, trail.name),
                                    .value = std::nullopt,
                                    .expected = kept.version});
  claim_names(outcome.effects, kept);
  outcome.outbox_behind.push_back(  // the call that deletes it is the last that the trail has
      event::encode_outbox_row(event::Kind::control, trail.account, trail::deletion_control_of(trail)));
  call.record.resources = {resource_of(trail)};
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
