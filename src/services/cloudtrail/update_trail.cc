#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"
#include "services/cloudtrail/organizations.h"

namespace cairn::services::cloudtrail {
namespace {

// What is left out stays as it is.
Result<void, aws::Fault> apply(trail::Trail& trail, const Call& call) {
  if (const auto bucket = json::find_string(call.input, "S3BucketName")) {
    CAIRN_TRY_VOID(trail::check_bucket_name(*bucket));
    trail.bucket = *bucket;
  }
  if (const auto prefix = json::find_string(call.input, "S3KeyPrefix")) {
    CAIRN_TRY_VOID(trail::check_prefix(*prefix));
    trail.prefix = *prefix;
  }
  if (const auto validation = json::find_bool(call.input, "EnableLogFileValidation");
      validation && *validation != trail.validation) {
    trail.validation = *validation;
    trail.validated = *validation ? std::optional(call.time) : trail.validated;
  }
  CAIRN_TRY_VOID(take_topic(trail, call));
  const auto multi_region = json::find_bool(call.input, "IsMultiRegionTrail");
  const auto include_global = json::find_bool(call.input, "IncludeGlobalServiceEvents");
  if (multi_region && *multi_region != trail.multi_region) {
    trail.multi_region = *multi_region;
    trail.include_global_service_events = *multi_region;
  }
  trail.include_global_service_events = include_global.value_or(trail.include_global_service_events);
  if (trail.multi_region && !trail.include_global_service_events) {
    return fault::invalid_parameter_combination("Multi-Region trail must include global service events.");
  }
  return {};
}

// The organization's, or the account's alone: only the management account makes one of the other. Gives what the change
// rests on; none: nothing changes.
Task<Result<std::optional<Affiliation>, aws::Fault>> convert(const Dependencies& on, const Call& call,
                                                             trail::Trail& trail) {
  const auto wanted = json::find_bool(call.input, "IsOrganizationTrail");
  std::optional<Affiliation> at;
  if (!wanted || *wanted == !trail.organization.empty()) {
    co_return at;
  }
  CAIRN_CO_TRY(at, co_await check_organization(on, call));
  if (!at->manages()) {
    co_return fault::not_organization_master();
  }
  trail.organization = *wanted ? at->organization->value.id : "";
  co_return at;
}

}  // namespace

Task<Answer> update_trail(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(check_supported(call));
  const std::string name(json::find_string(call.input, "Name").value_or(""));
  CAIRN_CO_TRY(auto kept, co_await find_own_trail(on, call, name));
  call.record.resources = {resource_of(kept.trail)};
  const bool was_multi_region = kept.trail.multi_region;
  CAIRN_CO_TRY_VOID(apply(kept.trail, call));
  CAIRN_CO_TRY(const auto converted, co_await convert(on, call, kept.trail));
  const bool moves = kept.trail.multi_region != was_multi_region;
  if (moves && kept.trail.multi_region) {
    CAIRN_CO_TRY(const auto trails, co_await trails_seen(on, kept.trail.account));
    CAIRN_CO_TRY_VOID(check_room(on, trails, kept.trail, true));
    kept.names =
        std::min(kept.names, trails.names);  // the older of the two reads: what came between is a conflict
  }
  CAIRN_CO_TRY(kept.trail.kms_key, co_await verify_key(on, call, kept.trail));
  CAIRN_CO_TRY_VOID(co_await verify_bucket(on, kept.trail, folders_of(kept.trail)));
  CAIRN_CO_TRY_VOID(co_await verify_topic(on, kept.trail));
  Outcome outcome;
  outcome.output = creation_answer(kept.trail);
  outcome.effects = effects_of(kept);
  if (moves) {
    claim_names(outcome.effects, kept);
  }
  if (converted) {
    CAIRN_CO_TRY_VOID(co_await rest_on(on, call, *converted, outcome.effects));
  }
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
