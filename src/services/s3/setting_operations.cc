#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operation_table.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

// What nobody can set here, as S3 answers it of a bucket where nobody has.

Task<Answer> get_bucket_website(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  co_return fault::no_such_website(bucket.value.name);
}

Task<Answer> get_bucket_replication(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  co_return fault::no_replication(bucket.value.name);
}

Task<Answer> get_bucket_accelerate(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  static_cast<void>(bucket);
  co_return Outcome{};
}

Task<Answer> get_bucket_request_payment(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  static_cast<void>(bucket);
  Outcome outcome;
  outcome.output["Payer"] = "BucketOwner";
  co_return outcome;
}

constexpr bool kOnBucket = false;
constexpr bool kOnObject = true;

const std::vector<Entry>& lifecycle_and_others() {
  static const std::vector<Entry> kAll = {
      {"DeleteBucketLifecycle", delete_setting, "s3:PutLifecycleConfiguration", kOnBucket, {}},
      {"GetBucketLifecycle", get_setting, "s3:GetLifecycleConfiguration", kOnBucket, {}},
      {"GetBucketLifecycleConfiguration", get_setting, "s3:GetLifecycleConfiguration", kOnBucket, {}},
      {"PutBucketLifecycle",
       put_setting,
       "s3:PutLifecycleConfiguration",
       kOnBucket,
       {"LifecycleConfiguration"}},
      {"PutBucketLifecycleConfiguration",
       put_setting,
       "s3:PutLifecycleConfiguration",
       kOnBucket,
       {"LifecycleConfiguration", "TransitionDefaultMinimumObjectSize"}},
      {"GetBucketLogging", get_setting, "s3:GetBucketLogging", kOnBucket, {}},
      {"PutBucketLogging", put_bucket_logging, "s3:PutBucketLogging", kOnBucket, {"BucketLoggingStatus"}},
      {"GetBucketNotification", get_setting, "s3:GetBucketNotification", kOnBucket, {}},
      {"GetBucketNotificationConfiguration", get_setting, "s3:GetBucketNotification", kOnBucket, {}},
      {"PutBucketNotification",
       put_bucket_notification,
       "s3:PutBucketNotification",
       kOnBucket,
       {"NotificationConfiguration"}},
      {"PutBucketNotificationConfiguration",
       put_bucket_notification,
       "s3:PutBucketNotification",
       kOnBucket,
       {"NotificationConfiguration", "SkipDestinationValidation"}},
      {"GetBucketAccelerateConfiguration",
       get_bucket_accelerate,
       "s3:GetAccelerateConfiguration",
       kOnBucket,
       {}},
      {"GetBucketReplication", get_bucket_replication, "s3:GetReplicationConfiguration", kOnBucket, {}},
      {"GetBucketRequestPayment", get_bucket_request_payment, "s3:GetBucketRequestPayment", kOnBucket, {}},
      {"GetBucketWebsite", get_bucket_website, "s3:GetBucketWebsite", kOnBucket, {}},
  };
  return kAll;
}

const std::vector<Entry>& access_and_tags() {
  static const std::vector<Entry> kAll = {
      {"DeleteBucketCors", delete_setting, "s3:PutBucketCORS", kOnBucket, {}},
      {"GetBucketCors", get_setting, "s3:GetBucketCORS", kOnBucket, {}},
      {"PutBucketCors", put_setting, "s3:PutBucketCORS", kOnBucket, {"CORSConfiguration"}},
      {"DeleteBucketEncryption", delete_setting, "s3:PutEncryptionConfiguration", kOnBucket, {}},
      {"GetBucketEncryption", get_setting, "s3:GetEncryptionConfiguration", kOnBucket, {}},
      {"PutBucketEncryption",
       put_setting,
       "s3:PutEncryptionConfiguration",
       kOnBucket,
       {"ServerSideEncryptionConfiguration"}},
      {"DeleteBucketOwnershipControls", delete_setting, "s3:PutBucketOwnershipControls", kOnBucket, {}},
      {"GetBucketOwnershipControls", get_setting, "s3:GetBucketOwnershipControls", kOnBucket, {}},
      {"PutBucketOwnershipControls",
       put_setting,
       "s3:PutBucketOwnershipControls",
       kOnBucket,
       {"OwnershipControls"}},
      {"DeletePublicAccessBlock", delete_setting, "s3:PutBucketPublicAccessBlock", kOnBucket, {}},
      {"GetPublicAccessBlock", get_setting, "s3:GetBucketPublicAccessBlock", kOnBucket, {}},
      {"PutPublicAccessBlock",
       put_setting,
       "s3:PutBucketPublicAccessBlock",
       kOnBucket,
       {"PublicAccessBlockConfiguration"}},
      {"DeleteBucketTagging", delete_setting, "s3:PutBucketTagging", kOnBucket, {}},
      {"GetBucketTagging", get_setting, "s3:GetBucketTagging", kOnBucket, {}},
      {"PutBucketTagging", put_setting, "s3:PutBucketTagging", kOnBucket, {"Tagging"}},
      {"GetBucketPolicyStatus", get_bucket_policy_status, "s3:GetBucketPolicyStatus", kOnBucket, {}},
      {"GetBucketAcl", get_bucket_acl, "s3:GetBucketAcl", kOnBucket, {}},
      {"PutBucketAcl",
       put_bucket_acl,
       "s3:PutBucketAcl",
       kOnBucket,
       {"ACL", "AccessControlPolicy", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite",
        "GrantWriteACP"}},
      {"GetObjectAcl", get_object_acl, "s3:GetObjectAcl", kOnObject, {"VersionId"}},
      {"PutObjectAcl",
       put_object_acl,
       "s3:PutObjectAcl",
       kOnObject,
       {"ACL", "AccessControlPolicy", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite",
        "GrantWriteACP", "VersionId"}},
  };
  return kAll;
}

}  // namespace

std::span<const Entry> setting_operations() {
  static const std::vector<Entry> kAll = [] {
    auto all = lifecycle_and_others();
    const auto& more = access_and_tags();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return kAll;
}

}  // namespace cairn::services::s3
