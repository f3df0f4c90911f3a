// The lifecycle job: removes what buckets' lifecycle rules say is over. Current versions (with versioning a
// delete marker comes), noncurrent ones, delete markers that are all that is left, uploads that were not
// completed; and uploads of buckets that are gone. What is locked stays. Transitions move nothing.
//
// Each removal is one commit together with its record (an AwsServiceEvent of the bucket's owner), made by the
// rules of writes that calls keep to: so a call that changes the same key at that moment wins or loses whole.
// What conflicts is looked at again the next time, and so is what cannot be done: it is in the way of nothing
// else, neither of its bucket nor of others.
#pragma once

#include <atomic>

#include "async/gate.h"
#include "services/s3/keeping.h"
#include "services/s3/lifecycle_rules.h"
#include "services/s3/settings.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {

class Lifecycle {
 public:
  static constexpr Millis kEvery{3'600'000};

  // `wall` says what time it is to the rules; a step of it must not make everything old at once.
  Lifecycle(Dependencies on, const Clock& wall) : on_(std::move(on)), wall_(wall) {}

  void start(async::Executor executor);
  void stop();  // blocks

  // Of objects, versions and uploads.
  struct Applied {
    std::size_t removed = 0;
    std::size_t failed = 0;  // logged; so are buckets whose rules or objects could not be read

    void add(const Applied& more);
  };
  // Everything once.
  Task<Result<Applied>> apply();

 private:
  class Tally;
  struct Rules {
    Bucket bucket;
    std::vector<LifecycleRule> rules;
  };
  Task<void> run();
  Task<Result<std::optional<Rules>>> rules_in(catalog::Document document);
  Task<Applied> apply_to_objects(const Rules& rules);
  Task<Result<void>> walk_objects(const Rules& rules, Tally& tally);
  Task<Result<std::size_t>> apply_to_current(const Rules& rules, Object seen);
  Task<Result<void>> apply_to_noncurrent(const Rules& rules, Object current, Tally& tally);
  Task<Result<std::size_t>> remove_noncurrent(const Rules& rules, Object seen);
  Task<Applied> apply_to_uploads(const std::map<std::string, Rules>& by_bucket);
  Task<Result<void>> walk_uploads(const std::map<std::string, Rules>& by_bucket, Tally& tally);
  Task<Result<std::size_t>> give_up(std::string at, Upload upload, const Rules* rules);
  Task<Result<void>> tell_of(Draft& draft, const Bucket& bucket, Object removed, bool marker);
  Task<Result<std::size_t>> commit(Draft& draft, const Bucket* bucket, std::string_view operation,
                                   std::string_view key, std::string_view version);

  const Dependencies on_;
  const Clock& wall_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::services::s3
