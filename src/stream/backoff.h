// Backoff: how long to wait before the next try; twice as long each time, up to a limit. One thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace cairn::stream {

class Backoff {
 public:
  Backoff(Millis first, Millis longest) : first_(first), longest_(longest), next_(first) {}

  // Counts a failure and says how long to wait.
  Millis fail() {
    ++failures_;
    return std::exchange(next_, std::min(next_ * 2, longest_));
  }
  // The streak is over; how many failures it had.
  std::uint64_t succeed() {
    next_ = first_;
    return std::exchange(failures_, 0);
  }
  std::uint64_t failures() const { return failures_; }

 private:
  Millis first_;
  Millis longest_;
  Millis next_;
  std::uint64_t failures_ = 0;
};

}  // namespace cairn::stream
