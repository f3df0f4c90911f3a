// Tested by patience_test.cc.
#include "http/patience.h"

#include <algorithm>

namespace cairn::http {

void Patience::waited(Duration time, std::uint64_t bytes) {
  // In seconds as a double: any number of bytes has a time then, and a year is no overflow.
  const std::chrono::duration<double> back(static_cast<double>(bytes) / static_cast<double>(bytes_a_second_));
  left_ -= std::min(time, left_);
  left_ = back >= at_first_ - left_ ? at_first_ : left_ + std::chrono::duration_cast<Duration>(back);
}

}  // namespace cairn::http
