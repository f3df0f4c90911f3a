#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

// All trails of the account and of its organization, whatever their home Region; one page always holds them.
Task<Answer> list_trails(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto trails, co_await trails_seen(on, call.account));
  json::array list;
  for (const auto& kept : trails.all) {
    const auto& trail = kept.trail;
    list.push_back(
        json::object{{"TrailARN", trail.arn()}, {"Name", trail.name}, {"HomeRegion", trail.home_region}});
  }
  Outcome outcome;
  outcome.output["Trails"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
