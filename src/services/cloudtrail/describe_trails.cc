#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

bool holds(const json::array& names, std::string_view wanted) {
  return std::ranges::any_of(names,
                             [&](const auto& item) { return json::text_of(item.get_string()) == wanted; });
}

// A name stands for a trail that is visible here; a trail of another Region needs its ARN.
bool is_wanted(const json::array* names, const trail::Trail& trail, const Call& call, bool shadows) {
  const bool own = trail.account == call.account;  // else it is the organization's, and a shadow here
  const bool home = trail.home_region == call.region;
  const bool here = (home && own) || ((home || trail.multi_region) && shadows);
  if (names == nullptr || names->empty()) {
    return here;
  }
  return (here && own && holds(*names, trail.name)) || holds(*names, trail.arn());
}

// Unknown names are dropped without a word; a malformed name or ARN is not.
Result<void, aws::Fault> check_names(const json::array& names) {
  for (const auto& item : names) {
    const auto text = json::text_of(item.get_string());
    if (!text.starts_with("arn:")) {
      CAIRN_TRY_VOID(trail::check_name(text));
    } else if (const auto arn = aws::Arn::parse(text);
               !arn || arn->service() != "cloudtrail" || arn->resource_type() != "trail") {
      return fault::arn_invalid(text);
    }
  }
  return {};
}

}  // namespace

Task<Answer> describe_trails(const Dependencies& on, Call& call) {
  const bool shadows = json::find_bool(call.input, "includeShadowTrails").value_or(true);
  const auto* names = json::find_array(call.input, "trailNameList");
  if (names != nullptr) {
    CAIRN_CO_TRY_VOID(check_names(*names));
  }
  CAIRN_CO_TRY(const auto trails, co_await trails_seen(on, call.account));
  json::array list;
  for (const auto& kept : trails.all) {
    if (is_wanted(names, kept.trail, call, shadows)) {
      list.push_back(described(kept.trail));
    }
  }
  Outcome outcome;
  outcome.output["trailList"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
