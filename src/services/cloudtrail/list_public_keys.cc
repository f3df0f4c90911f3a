#include "codec/base64.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"
#include "signing/signing_keys.h"

namespace cairn::services::cloudtrail {

// The keys of this Region. Those that no digest has needed are not made yet, and so not here.
Task<Answer> list_public_keys(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto from, time_member(call, "StartTime"));
  CAIRN_CO_TRY(const auto to, time_member(call, "EndTime"));
  if (from.value_or(call.time) > to.value_or(call.time)) {
    co_return fault::invalid_time_range("StartTime is after EndTime.");
  }
  if (!json::find_string(call.input, "NextToken").value_or("").empty()) {
    co_return fault::invalid_token();  // all is one page: nobody was ever given one
  }
  const auto keys =
      co_await signing::list_keys(on.catalog, call.region, from.value_or(call.time), to.value_or(call.time));
  if (!keys) {
    co_return aws::to_fault(aws::Family::json, keys.error());
  }
  json::array list;
  for (const auto& key : *keys) {
    list.push_back(json::object{{"Value", codec::base64_encode(key.der)},
                                {"ValidityStartTime", seconds_since_epoch(key.valid_from)},
                                {"ValidityEndTime", seconds_since_epoch(key.valid_until)},
                                {"Fingerprint", key.fingerprint}});
  }
  Outcome outcome;
  outcome.output["PublicKeyList"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
