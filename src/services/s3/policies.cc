#include "services/s3/policies.h"

#include "services/s3/public_policy.h"

namespace cairn::services::s3 {

Result<BucketPolicy> Policies::get(const Bucket& bucket, catalog::Version version) {
  if (bucket.policy.empty()) {
    return BucketPolicy{};
  }
  const std::lock_guard lock(mutex_);
  if (const auto it = by_bucket_.find(bucket.id); it != by_bucket_.end() && it->second.version == version) {
    return it->second.policy;
  }
  auto policy = access::Policy::parse(bucket.policy, access::PolicyKind::resource);
  if (!policy) {
    return Error{Errc::corrupt, "a bucket's policy cannot be read: " + policy.error().text(), bucket.name};
  }
  if (by_bucket_.size() >= kKeptMax) {
    by_bucket_.erase(by_bucket_.begin());
  }
  BucketPolicy compiled{*std::move(policy), is_public_policy(bucket.policy)};
  by_bucket_.insert_or_assign(bucket.id, Compiled{version, compiled});
  return compiled;
}

}  // namespace cairn::services::s3
