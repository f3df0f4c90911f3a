#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"
#include "services/cloudtrail/organizations.h"

namespace cairn::services::cloudtrail {
namespace {

Result<trail::Trail, aws::Fault> wanted_trail(const Call& call) {
  trail::Trail trail;
  trail.account = call.account;
  trail.home_region = call.region;
  trail.name = json::find_string(call.input, "Name").value_or("");
  trail.bucket = json::find_string(call.input, "S3BucketName").value_or("");
  trail.prefix = json::find_string(call.input, "S3KeyPrefix").value_or("");
  trail.multi_region = json::find_bool(call.input, "IsMultiRegionTrail").value_or(false);
  trail.include_global_service_events =
      json::find_bool(call.input, "IncludeGlobalServiceEvents").value_or(true);
  trail.created = call.time;
  trail.validation = json::find_bool(call.input, "EnableLogFileValidation").value_or(false);
  if (trail.validation) {
    trail.validated = call.time;
  }
  CAIRN_TRY_VOID(trail::check_name(trail.name));
  if (trail.multi_region && !trail.include_global_service_events) {
    return fault::invalid_parameter_combination("Multi-Region trail must include global service events.");
  }
  CAIRN_TRY_VOID(trail::check_bucket_name(trail.bucket));
  CAIRN_TRY_VOID(trail::check_prefix(trail.prefix));
  CAIRN_TRY_VOID(take_topic(trail, call));
  CAIRN_TRY_VOID(merge_tags(trail.tags, call, trail.arn()));
  return trail;
}

}  // namespace

Task<Answer> create_trail(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(check_supported(call));
  CAIRN_CO_TRY(auto trail, wanted_trail(call));
  std::optional<Affiliation> organized;
  if (json::find_bool(call.input, "IsOrganizationTrail").value_or(false)) {
    CAIRN_CO_TRY(organized, co_await check_organization(on, call));
    trail.organization = organized->organization->value.id;
    trail.account = organized->organization->value.management;
    CAIRN_CO_TRY_VOID(take_topic(trail, call));
  }
  call.record.resources = {resource_of(trail)};
  CAIRN_CO_TRY(const auto trails, co_await trails_seen(on, trail.account));
  CAIRN_CO_TRY_VOID(check_room(on, trails, trail, false));
  CAIRN_CO_TRY(trail.kms_key, co_await verify_key(on, call, trail));
  CAIRN_CO_TRY_VOID(co_await verify_bucket(on, trail, folders_of(trail)));
  CAIRN_CO_TRY_VOID(co_await verify_topic(on, trail));
  Outcome outcome;
  outcome.output = creation_answer(trail);
  const Kept kept{.trail = std::move(trail), .version = 0, .names = trails.names};
  outcome.effects = effects_of(kept);
  claim_names(outcome.effects, kept);
  if (organized) {
    CAIRN_CO_TRY_VOID(co_await rest_on(on, call, *organized, outcome.effects));
  }
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
