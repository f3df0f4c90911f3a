#include <fmt/format.h>

#include "delivery/delivery.h"
#include "delivery/notices.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"
#include "services/cloudtrail/organizations.h"

namespace cairn::services::cloudtrail {
namespace {

std::string text_or_empty(const std::optional<Time>& time) {
  return time ? rfc3339(*time) : std::string();
}

void add_time(json::object& output, std::string_view member, const std::optional<Time>& time) {
  if (time) {
    output[member] = seconds_since_epoch(*time);
  }
}

// S3's code, as AWS has it; and what waits unreadable or was dropped for good, for which AWS has no place.
std::string delivery_error(const delivery::Status& status) {
  std::string all = status.error;
  const auto add = [&](const std::string& text) { all += (all.empty() ? "" : "; ") + text; };
  if (status.unreadable_files > 0) {
    add(fmt::format("{} log files that wait are gone or damaged", status.unreadable_files));
  }
  if (status.gap_files > 0) {
    add(fmt::format("{} log files with {} events were dropped", status.gap_files, status.gap_events));
  }
  return all;
}

// Everything here was really seen to happen: nothing is derived from the clock.
json::object shown(const trail::Trail& trail, const delivery::Status& status, const delivery::Notified& notified) {
  json::object output{{"IsLogging", trail.logging}};
  if (const auto error = delivery_error(status); !error.empty()) {
    output["LatestDeliveryError"] = error;
  }
  if (!notified.error.empty()) {
    output["LatestNotificationError"] = notified.error;
  }
  if (!status.digest_error.empty()) {
    output["LatestDigestDeliveryError"] = status.digest_error;
  }
  add_time(output, "LatestDeliveryTime", status.delivered);
  add_time(output, "LatestNotificationTime", notified.sent);
  add_time(output, "LatestDigestDeliveryTime", status.digest_delivered);
  add_time(output, "StartLoggingTime", trail.started);
  add_time(output, "StopLoggingTime", trail.stopped);
  output["LatestDeliveryAttemptTime"] = text_or_empty(status.attempted);
  output["LatestNotificationAttemptTime"] = text_or_empty(notified.attempted);
  output["LatestNotificationAttemptSucceeded"] = text_or_empty(notified.sent);
  output["LatestDeliveryAttemptSucceeded"] = text_or_empty(status.delivered);
  output["TimeLoggingStarted"] = text_or_empty(trail.started);
  output["TimeLoggingStopped"] = text_or_empty(trail.stopped);
  return output;
}

}  // namespace

Task<Answer> get_trail_status(const Dependencies& on, Call& call) {
  const std::string name(json::find_string(call.input, "Name").value_or(""));
  CAIRN_CO_TRY(const auto kept, co_await find_trail(on, call, name));
  if (name == kept.trail.name && kept.trail.home_region != call.region) {
    co_return fault::trail_not_found(arn_of(call, name),
                                     call.account);  // a shadow's status is asked for by ARN
  }
  const auto status = co_await delivery::status(on.catalog, kept.trail, call.region);
  if (!status) {
    co_return aws::to_fault(aws::Family::json, status.error());
  }
  const auto notified = co_await delivery::notified(on.catalog, kept.trail, call.region);
  if (!notified) {
    co_return aws::to_fault(aws::Family::json, notified.error());
  }
  Outcome outcome;
  outcome.output = shown(kept.trail, *status, *notified);
  if (kept.trail.account != call.account) {
    CAIRN_CO_TRY(const auto at, co_await affiliation_of(on, call.account));
    if (!at.administers()) {
      outcome.output.erase("LatestDeliveryError");  // the bucket is no affair of a member's, nor is the topic
      outcome.output.erase("LatestNotificationError");
      outcome.output.erase("LatestDigestDeliveryError");
    }
  }
  call.record.resources = {resource_of(kept.trail)};
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
