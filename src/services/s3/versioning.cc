// A bucket's versioning, and the removal of objects and of their versions.
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/upload.h"

namespace cairn::services::s3 {

Task<Answer> put_bucket_versioning(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  const auto* configuration = json::find_object(call.input, "VersioningConfiguration");
  if (configuration == nullptr) {
    co_return fault::malformed_xml();
  }
  if (json::find_string(*configuration, "MFADelete").value_or("Disabled") != "Disabled") {
    co_return fault::not_implemented("MfaDelete");
  }
  const auto status = json::find_string(*configuration, "Status").value_or("");
  if (status != "Enabled" && status != "Suspended") {
    co_return aws::Fault{"IllegalVersioningConfigurationException", 400,
                         "The Versioning element must be specified"};
  }
  if (bucket.value.object_lock && status != "Enabled") {
    co_return aws::Fault{"InvalidBucketState", 409,
                         "An Object Lock configuration is present on this bucket, so the versioning state "
                         "cannot be changed."};
  }
  bucket.value.versioning = status;
  co_return new_rules(bucket);
}

Task<Answer> get_bucket_versioning(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Outcome outcome;
  if (!bucket.value.versioning.empty()) {
    outcome.output["Status"] = bucket.value.versioning;
  }
  co_return outcome;
}

Task<Result<Deleted, aws::Fault>> delete_one(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                             std::string key, std::optional<std::string> id, Removal removal,
                                             const Bucket* rules) {
  Deleted deleted;
  Happening happening{.event = "ObjectRemoved:Delete", .time = removal.now, .actor = removal.by};
  happening.object.key = key;
  if (!id) {
    CAIRN_CO_TRY_VOID(check_key(key));
    CAIRN_CO_TRY(const auto before, co_await current_version(draft, bucket, key));
    CAIRN_CO_TRY(const auto marker, co_await hide(on, draft, bucket, key, removal.now, rules));
    if (marker) {
      deleted.marker = true;
      deleted.version = shown_version(*marker);
      happening.event = "ObjectRemoved:DeleteMarkerCreated";
      happening.version = deleted.version;
    }
    if (marker || before) {
      CAIRN_CO_TRY_VOID(co_await tell(on, draft, bucket, std::move(happening)));
    }
    co_return deleted;
  }
  deleted.version = *id;
  CAIRN_CO_TRY(auto version, co_await find_version(draft, bucket, key, *id));
  if (version) {
    deleted.marker = version->object.marker;
    CAIRN_CO_TRY_VOID(co_await remove_version(on, draft, bucket, *std::move(version), removal));
    happening.version = *id;
    CAIRN_CO_TRY_VOID(co_await tell(on, draft, bucket, std::move(happening)));
  }
  co_return deleted;  // deleting what is not there is no error
}

Task<Answer> delete_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  const std::string key(text_member(call, "Key"));
  std::optional<std::string> id;
  if (const auto given = json::find_string(call.input, "VersionId")) {
    id = *given;
  }
  const auto removal = removal_of(call);
  CAIRN_CO_TRY(const auto deleted, co_await delete_one(on, draft, bucket.value, key, id, removal));
  Outcome outcome;
  if (deleted.marker) {
    outcome.output["DeleteMarker"] = true;
  }
  if (!deleted.version.empty()) {
    outcome.output["VersionId"] = deleted.version;
  }
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace cairn::services::s3
