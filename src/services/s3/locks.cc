// Tested by locks_test.cc.
#include "services/s3/locks.h"

#include "json/json.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kGovernance = "GOVERNANCE";
constexpr std::string_view kCompliance = "COMPLIANCE";
constexpr std::int64_t kRetentionDaysMax = 36'500;
constexpr std::int64_t kRetentionYearsMax = 100;
constexpr Millis kDay{std::chrono::hours(24)};
constexpr std::int64_t kDaysOfYear = 365;

bool is_mode(std::string_view text) {
  return text == kGovernance || text == kCompliance;
}

aws::Fault protected_by_lock() {
  return {"AccessDenied", 403, "Access Denied because object protected by object lock."};
}

// Of a mode and a date, both or none.
Result<void, aws::Fault> check_retention(std::string_view mode, const std::optional<Time>& until, Time now) {
  if (!is_mode(mode)) {
    return fault::malformed_xml();
  }
  if (!until) {
    return fault::malformed_xml();
  }
  if (*until <= now) {
    return fault::invalid_argument("The retain until date must be in the future!");
  }
  return {};
}

Task<Result<Version, aws::Fault>> version_to_lock(Draft& draft, const Bucket& bucket, Call& call) {
  if (!bucket.object_lock) {
    co_return fault::no_object_lock(bucket.name);
  }
  co_return co_await version_of(draft, bucket, call);
}

// May the retention become this one? Longer of its mode, always. Another mode only for who may take it off:
// even of compliance, which nobody could take back.
Result<void, aws::Fault> check_change(const Object& object, std::string_view mode, Time until,
                                      const Removal& removal) {
  if (object.lock_mode.empty() || object.retain_until <= removal.now) {
    return {};
  }
  const bool longer = until >= object.retain_until;
  if (longer && mode == object.lock_mode) {
    return {};
  }
  if (object.lock_mode == kGovernance && removal.bypasses_governance) {
    return {};
  }
  return protected_by_lock();
}

Result<void, aws::Fault> read_default(const json::object& rule, Bucket& bucket) {
  const auto* retention = json::find_object(rule, "DefaultRetention");
  if (retention == nullptr) {
    return fault::malformed_xml();
  }
  const auto mode = json::find_string(*retention, "Mode").value_or("");
  const auto days = json::find_int(*retention, "Days");
  const auto years = json::find_int(*retention, "Years");
  if (!is_mode(mode) || days.has_value() == years.has_value()) {
    return fault::malformed_xml();
  }
  if (days.value_or(1) < 1 || years.value_or(1) < 1) {
    return fault::invalid_argument("Default retention period must be a positive integer value.");
  }
  if (days.value_or(1) > kRetentionDaysMax || years.value_or(1) > kRetentionYearsMax) {
    return fault::invalid_argument("Default retention period too large!");
  }
  bucket.default_mode = mode;
  bucket.default_days = days.value_or(0);
  bucket.default_years = years.value_or(0);
  return {};
}

}  // namespace

std::optional<Time> time_member(const json::object& input, std::string_view name) {
  const auto seconds = json::find_number(input, name);
  return seconds ? std::optional(Time{Millis{static_cast<std::int64_t>(*seconds * 1000)}}) : std::nullopt;
}

Result<void, aws::Fault> check_unlocked(const Object& version, const Removal& removal) {
  if (version.legal_hold) {
    return protected_by_lock();
  }
  if (version.lock_mode.empty() || version.retain_until <= removal.now) {
    return {};
  }
  if (version.lock_mode == kGovernance && removal.bypasses_governance) {
    return {};
  }
  return protected_by_lock();
}

Result<void, aws::Fault> read_lock(const Call& call, Object& object) {
  const auto mode = text_member(call, "ObjectLockMode");
  const auto until = time_member(call.input, "ObjectLockRetainUntilDate");
  const auto hold = text_member(call, "ObjectLockLegalHoldStatus");
  if (mode.empty() != !until.has_value()) {
    return fault::invalid_argument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  }
  if (until) {
    if (!is_mode(mode)) {
      return fault::invalid_argument("Unknown wormMode directive.");
    }
    CAIRN_TRY_VOID(check_retention(mode, until, call.time));
    object.lock_mode = mode;
    object.retain_until = *until;
  }
  if (!hold.empty() && hold != "ON" && hold != "OFF") {
    return fault::invalid_argument("Legal Hold must be either of 'ON' or 'OFF'");
  }
  object.legal_hold = hold == "ON";
  return {};
}

Result<void, aws::Fault> lock_by_default(const Bucket& bucket, Time now, Object& object) {
  const bool locked = !object.lock_mode.empty() || object.legal_hold;
  if (!bucket.object_lock) {
    return locked ? Result<void, aws::Fault>(fault::no_object_lock(bucket.name)) : Result<void, aws::Fault>{};
  }
  if (object.lock_mode.empty() && !bucket.default_mode.empty()) {
    object.lock_mode = bucket.default_mode;
    object.retain_until = now + kDay * (bucket.default_days + bucket.default_years * kDaysOfYear);
  }
  return {};
}

void show_lock(const Object& object, json::object& output) {
  if (!object.lock_mode.empty()) {
    output["ObjectLockMode"] = object.lock_mode;
    output["ObjectLockRetainUntilDate"] = seconds_since_epoch(object.retain_until);
  }
  if (object.legal_hold) {
    output["ObjectLockLegalHoldStatus"] = "ON";
  }
}

Task<Answer> put_object_lock_configuration(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  const auto* configuration = json::find_object(call.input, "ObjectLockConfiguration");
  if (configuration == nullptr ||
      json::find_string(*configuration, "ObjectLockEnabled").value_or("") != "Enabled") {
    co_return fault::malformed_xml();
  }
  if (bucket.value.versioning != "Enabled") {
    co_return aws::Fault{"InvalidBucketState", 409,
                         "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"};
  }
  bucket.value.object_lock = true;
  bucket.value.default_mode.clear();
  bucket.value.default_days = bucket.value.default_years = 0;
  if (const auto* rule = json::find_object(*configuration, "Rule")) {
    CAIRN_CO_TRY_VOID(read_default(*rule, bucket.value));
  }
  co_return new_rules(bucket);
}

Task<Answer> get_object_lock_configuration(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const auto& of = bucket.value;
  if (!of.object_lock) {
    co_return fault::no_object_lock_configuration(of.name);
  }
  json::object configuration{{"ObjectLockEnabled", "Enabled"}};
  if (!of.default_mode.empty()) {
    json::object retention{{"Mode", of.default_mode}};
    if (of.default_days > 0) {
      retention["Days"] = of.default_days;
    } else {
      retention["Years"] = of.default_years;
    }
    configuration["Rule"] = json::object{{"DefaultRetention", std::move(retention)}};
  }
  Outcome outcome;
  outcome.output["ObjectLockConfiguration"] = std::move(configuration);
  co_return outcome;
}

Task<Answer> put_object_retention(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(auto version, co_await version_to_lock(draft, bucket.value, call));
  const auto* retention = json::find_object(call.input, "Retention");
  const auto mode =
      retention == nullptr ? "" : std::string(json::find_string(*retention, "Mode").value_or(""));
  const auto until = retention == nullptr ? std::nullopt : time_member(*retention, "RetainUntilDate");
  const bool taken_off = mode.empty() && !until;  // an empty <Retention/>: for who may bypass governance
  if (!taken_off) {
    CAIRN_CO_TRY_VOID(check_retention(mode, until, call.time));
  }
  CAIRN_CO_TRY_VOID(check_change(version.object, mode, until.value_or(Time{}), removal_of(call)));
  version.object.lock_mode = mode;
  version.object.retain_until = until.value_or(Time{});
  CAIRN_CO_TRY_VOID(co_await change_version(draft, bucket.value, std::move(version)));
  Outcome outcome;
  outcome.effects = draft.take();
  co_return outcome;
}

Task<Answer> get_object_retention(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_to_lock(draft, bucket.value, call));
  if (version.object.lock_mode.empty()) {
    co_return fault::no_lock_on_object();
  }
  Outcome outcome;
  outcome.output["Retention"] =
      json::object{{"Mode", version.object.lock_mode},
                   {"RetainUntilDate", seconds_since_epoch(version.object.retain_until)}};
  co_return outcome;
}

Task<Answer> put_object_legal_hold(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(auto version, co_await version_to_lock(draft, bucket.value, call));
  const auto* hold = json::find_object(call.input, "LegalHold");
  const auto status = hold == nullptr ? "" : json::find_string(*hold, "Status").value_or("");
  if (status != "ON" && status != "OFF") {
    co_return fault::malformed_xml();
  }
  version.object.legal_hold = status == "ON";
  CAIRN_CO_TRY_VOID(co_await change_version(draft, bucket.value, std::move(version)));
  Outcome outcome;
  outcome.effects = draft.take();
  co_return outcome;
}

Task<Answer> get_object_legal_hold(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_to_lock(draft, bucket.value, call));
  Outcome outcome;
  outcome.output["LegalHold"] = json::object{{"Status", version.object.legal_hold ? "ON" : "OFF"}};
  co_return outcome;
}

}  // namespace cairn::services::s3
