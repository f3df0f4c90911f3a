// The sweeper: removes blobs that no object names.
//
// - What an overwrite or a deletion leaves is named in the catalog (s3/garbage/…) and removed after a grace,
// so
//   that a read that has just begun still finds it.
// - What calls of this run left behind that failed after their blob was durable, they say themselves
//   (leftovers.h).
// - The parts of an upload that was aborted, or whose object was replaced or deleted, are named by one document
//   (s3/dropped/…) and removed after a longer grace: whoever reads such an object opens them one by one.
// - What a crash between blob and document left is found once, at start, by looking at every blob of earlier
//   runs.
#pragma once

#include <atomic>

#include "async/gate.h"
#include "blob/blob.h"
#include "catalog/catalog.h"
#include "services/s3/leftovers.h"

namespace cairn::services::s3 {

class Sweeper {
 public:
  static constexpr Millis kGrace{10'000};
  static constexpr Millis kPartsGrace{900'000};
  static constexpr Millis kEvery{2'000};

  Sweeper(catalog::Catalog& catalog, blob::Blob& blob, const Clock& clock, std::string run)
      : catalog_(catalog), blob_(blob), clock_(clock), run_(std::move(run)) {}

  void start(async::Executor executor);
  void stop();  // blocks

  // For the service. Lives as long as the sweeper.
  Leftovers& leftovers() { return leftovers_; }

  // Each says how many blobs it found without an object.

  // Removes garbage older than the grace, by the clock that the service dates it by.
  Task<Result<std::size_t>> sweep_garbage();
  // Removes parts dropped longer ago than their grace, blobs and documents.
  Task<Result<std::size_t>> sweep_dropped();
  // Blobs of earlier runs. (By run and not by time: clocks step back.)
  Task<Result<std::size_t>> sweep_orphans();
  Task<Result<std::size_t>> sweep_leftovers();

 private:
  Task<void> run();
  Task<Result<std::size_t>> remove_parts(std::string prefix);
  Task<Result<bool>> sweep(std::string blob);
  Task<Result<bool>> is_named_by(std::string object_key, std::string blob);

  catalog::Catalog& catalog_;
  blob::Blob& blob_;
  const Clock& clock_;
  const std::string run_;
  Leftovers leftovers_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::services::s3
