// AWS verifies a trail's bucket by really calling S3 as CloudTrail: GetBucketAcl, and a zero-byte marker
// under the prefix.
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

aws::ClientCall as_cloudtrail(const trail::Trail& trail, std::string operation) {
  aws::ClientCall call;
  call.service = "s3";
  call.operation = std::move(operation);
  call.region = trail.home_region;
  call.input = {{"Bucket", trail.bucket}};
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = trail.arn(),
                    .source_account = trail.account};
  return call;
}

// What S3 says of KMS: the trail's key is not in the bucket's Region, is disabled, …; or the bucket's own key
// is.
aws::Fault of_key(const trail::Trail& trail, const aws::Fault& fault) {
  return fault.code == "KMS.NotFoundException" && !trail.kms_key.empty()
             ? fault::kms_key_not_found(trail.kms_key)
             : fault::kms(fault.message);
}

// Only what may go by itself is said to be temporary: SDKs and Terraform try that again for minutes.
aws::Fault turned(const trail::Trail& trail, const aws::Fault& fault) {
  constexpr int kConflict = 409;
  constexpr int kTooMany = 429;
  if (fault.code == "NoSuchBucket") {
    return fault::bucket_does_not_exist(trail.bucket);
  }
  if (fault.code.starts_with("KMS.")) {
    return of_key(trail, fault);
  }
  if (fault.code == "AccessDenied") {
    return fault::insufficient_bucket_policy(trail.bucket);
  }
  if (fault.status >= 500 || fault.status == kConflict || fault.status == kTooMany) {
    return aws::fault::service_unavailable(aws::Family::json);
  }
  return fault::bucket_refuses(trail.bucket, fault.code, fault.message);
}

}  // namespace

std::vector<std::string> folders_of(const trail::Trail& trail) {
  std::vector<std::string> folders{std::string(trail::kLogFolder)};
  if (trail.validation) {
    folders.emplace_back(trail::kDigestFolder);
  }
  return folders;
}

Task<Result<void, aws::Fault>> verify_bucket(const Dependencies& on, trail::Trail trail,
                                             std::vector<std::string> folders) {
  auto acl = as_cloudtrail(trail, "GetBucketAcl");
  const auto readable = co_await on.s3.call(std::move(acl));
  if (!readable && (on.options.require_bucket_policy || readable.error().code != "AccessDenied")) {
    co_return turned(trail, readable.error());
  }
  for (const auto& folder : folders) {
    auto marker = as_cloudtrail(trail, "PutObject");
    marker.input["Key"] = trail::marker_key(trail, folder);
    marker.input["ACL"] = "bucket-owner-full-control";
    marker.input["ContentType"] = "application/json";
    trail::encrypt_with(trail.kms_key, trail.arn(), marker.input);
    const auto written = co_await on.s3.call(std::move(marker));
    if (!written && (on.options.require_bucket_policy || written.error().code != "AccessDenied")) {
      co_return turned(trail, written.error());
    }
  }
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::services::cloudtrail
