// Narrowing: how much a job may take after jobs that failed because of what they had to do: half of it after
// each such failure, twice as much after a few successes. Internal to store/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/result.h"

namespace cairn::store {

class Narrowing {
 public:
  // Less than this is not worth a job.
  explicit Narrowing(std::size_t least) : least_(least) {}

  // As much as the next job may take.
  std::size_t most() const { return most_; }

  enum class Advice {
    again,     // later, with the same
    narrower,  // with less, at once
    hopeless,  // the least there is failed, and failed again: it is not to be done
  };
  // A job that took `size` failed with this.
  Advice failed(std::size_t size, Errc code) {
    if (code == Errc::cancelled) {
      return Advice::again;
    }
    ++failures_;
    successes_ = 0;
    const bool by_itself = code == Errc::limit || code == Errc::corrupt;
    if (size > least_ && (by_itself || failures_ >= kPatience)) {
      failures_ = 0;
      most_ = std::max(size / 2, least_);
      return Advice::narrower;
    }
    if (failures_ < kPatience) {
      return Advice::again;
    }
    failures_ = 0;
    return Advice::hopeless;
  }
  void succeeded() {
    failures_ = 0;
    if (++successes_ == kTrust) {
      successes_ = 0;
      most_ = most_ > kAll / 2 ? kAll : most_ * 2;
    }
  }

 private:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  // Failures in a row of a kind that need not be the job's own fault: a process that died, a full disk.
  static constexpr int kPatience = 3;
  static constexpr int kTrust = 4;  // successes in a row, before more is tried

  const std::size_t least_;
  std::size_t most_ = kAll;
  int failures_ = 0;
  int successes_ = 0;
};

}  // namespace cairn::store
