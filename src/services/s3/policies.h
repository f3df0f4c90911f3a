// Compiled bucket policies, kept as long as their bucket's document does not change. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "access/policy.h"
#include "catalog/catalog.h"
#include "services/s3/documents.h"

namespace cairn::services::s3 {

struct BucketPolicy {
  std::shared_ptr<const access::Policy> policy;  // null: the bucket has none
  bool is_public = false;                        // public_policy.h
};

class Policies {
 public:
  static constexpr std::size_t kKeptMax = 1000;

  // Errc::corrupt: it cannot be read. (It was checked when it was put, so another Cairn took it; what it
  // denies is not to be allowed because of that.)
  Result<BucketPolicy> get(const Bucket& bucket, catalog::Version version);

 private:
  struct Compiled {
    catalog::Version version;
    BucketPolicy policy;
  };
  std::mutex mutex_;
  std::map<std::string, Compiled> by_bucket_;  // by bucket id
};

}  // namespace cairn::services::s3
