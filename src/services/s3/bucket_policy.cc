#include "access/new_policy.h"
#include "json/json.h"
#include "services/s3/condition_keys.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"
#include "services/s3/public_policy.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

// A bucket's policy speaks of this bucket and its objects, and of actions of S3.
Result<void, aws::Fault> check_policy(const Dependencies& on, const Bucket& bucket, std::string_view text) {
  if (text.size() > on.limits.policy_bytes_max) {
    return aws::Fault{"PolicyTooLarge", 400, "Policy exceeds the maximum allowed document size."};
  }
  const auto policy = access::parse_new_policy(text, access::PolicyKind::resource);
  if (!policy) {
    return fault::malformed_policy(policy.error().text());
  }
  for (const auto& action : (*policy)->actions()) {
    if (action != "*" && !codec::lower(action).starts_with("s3:")) {
      return fault::malformed_policy("Policy has invalid action");
    }
  }
  for (const auto& key : (*policy)->context_keys()) {
    if (codec::lower(key).starts_with("s3:") &&
        !is_condition_key(key)) {  // what it denies would never be denied
      return fault::malformed_policy("Policy has an invalid condition key");
    }
  }
  for (const auto& resource : (*policy)->resources()) {
    if (resource != bucket.arn() && !resource.starts_with(bucket.arn() + "/") &&
        !(resource == bucket.arn() + "*")) {
      return fault::malformed_policy("Policy has invalid resource");
    }
  }
  return {};
}

aws::Fault public_policy_denied(const Call& call, const Bucket& bucket) {
  const auto resource = bucket.arn();
  return aws::fault::access_denied(
      aws::Family::s3,
      {.user = call.caller.principal.arn,
       .action = "s3:PutBucketPolicy",
       .resource = resource,
       .reason = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public "
                 "Access"});
}

}  // namespace

Task<Answer> put_bucket_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  const auto text = text_member(call, "Policy");
  CAIRN_CO_TRY_VOID(check_policy(on, bucket.value, text));
  if (is_public_policy(text)) {
    CAIRN_CO_TRY(const auto block, co_await find_setting(on, "public-access", bucket.value));
    if (block && json::find_bool(*block, "BlockPublicPolicy").value_or(false)) {
      co_return public_policy_denied(call, bucket.value);
    }
  }
  bucket.value.policy = text;
  Outcome outcome;
  outcome.status = 204;
  change_bucket(bucket, outcome);
  co_return outcome;
}

Task<Answer> get_bucket_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  if (bucket.value.policy.empty()) {
    co_return fault::no_such_bucket_policy(bucket.value.name);
  }
  Outcome outcome;
  outcome.output["Policy"] = bucket.value.policy;
  co_return outcome;
}

Task<Answer> get_bucket_policy_status(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  if (bucket.value.policy.empty()) {
    co_return fault::no_such_bucket_policy(bucket.value.name);
  }
  Outcome outcome;
  outcome.output["PolicyStatus"] = json::object{{"IsPublic", is_public_policy(bucket.value.policy)}};
  co_return outcome;
}

Task<Answer> delete_bucket_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  bucket.value.policy.clear();
  Outcome outcome;
  change_bucket(bucket, outcome);
  co_return outcome;
}

}  // namespace cairn::services::s3
