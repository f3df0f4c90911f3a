// Retry: when something that failed may be tried again; twice as long after each failure. Internal to store/.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace cairn::store {

class Retry {
 public:
  bool ready(Time now) const { return now >= next_; }
  void failed(Time now) {
    next_ = now + wait_;
    wait_ = std::min(wait_ * 2, kLongest);
  }
  void succeeded() { *this = Retry(); }

 private:
  static constexpr Millis kFirst{1'000};
  static constexpr Millis kLongest{60'000};

  Time next_ = Time::min();
  Millis wait_ = kFirst;
};

}  // namespace cairn::store
