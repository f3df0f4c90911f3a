// Patience: how long a body may still keep its reader waiting. There is so much of it at first; waiting takes
// of it, and every byte that comes gives some back, never to more than there was at first. So who sends
// steadily may send for hours, who sends faster than asked saves nothing up, and who stops is told soon.
//
// Only the time spent waiting for the peer counts: a reader that is slow itself takes nothing from it. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace cairn::http {

class Patience {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // REQUIRES: bytes_a_second is not 0.
  Patience(Millis at_first, std::uint64_t bytes_a_second)
      : at_first_(at_first), left_(at_first), bytes_a_second_(bytes_a_second) {}

  Duration left() const { return left_; }
  bool over() const { return left_ <= Duration::zero(); }
  // It was waited so long, and then so much was there.
  void waited(Duration time, std::uint64_t bytes);

 private:
  const Duration at_first_;
  Duration left_;
  const std::uint64_t bytes_a_second_;
};

}  // namespace cairn::http
