#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

Task<Answer> get_trail(const Dependencies& on, Call& call) {
  const std::string name(json::find_string(call.input, "Name").value_or(""));
  CAIRN_CO_TRY(const auto kept, co_await find_trail(on, call, name));
  Outcome outcome;
  outcome.output["Trail"] = described(kept.trail);
  call.record.resources = {resource_of(kept.trail)};
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
