#include <utility>

#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

// Asking for what is already so changes nothing, and moves no timestamp.
Task<Answer> set_logging(const Dependencies& on, Call& call, bool logging) {
  const std::string name(json::find_string(call.input, "Name").value_or(""));
  CAIRN_CO_TRY(auto kept, co_await find_own_trail(on, call, name));
  auto& trail = kept.trail;
  call.record.resources = {resource_of(trail)};
  Outcome outcome;
  if (trail.logging == logging) {
    co_return outcome;
  }
  trail.logging = logging;
  (logging ? trail.started : trail.stopped) = call.time;
  outcome.effects = effects_of(kept);
  if (!logging) {  // the call that stops it is the last that the trail has
    outcome.outbox_behind = std::exchange(outcome.effects.outbox, {});
  }
  co_return outcome;
}

}  // namespace

Task<Answer> start_logging(const Dependencies& on, Call& call) {
  return set_logging(on, call, true);
}
Task<Answer> stop_logging(const Dependencies& on, Call& call) {
  return set_logging(on, call, false);
}

}  // namespace cairn::services::cloudtrail
