// Blobs that calls of this run have put. Most are named by an object now; those of calls that failed
// afterwards (the catalog refused, the bucket was gone) are not, and the sweeper finds out which.
// Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace cairn::services::s3 {

class Leftovers {
 public:
  static constexpr std::size_t kMax = 100'000;  // beyond it they wait for the next start

  // Once the call that put the blob is over.
  void add(std::string blob) {
    const std::lock_guard lock(mutex_);
    if (blobs_.size() < kMax) {
      blobs_.push_back(std::move(blob));
    }
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(blobs_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> blobs_;
};

}  // namespace cairn::services::s3
