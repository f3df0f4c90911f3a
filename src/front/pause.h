// How long a call waits whose commit conflicts again and again: a time that is drawn, so that those who met do
// not meet again; up to 4 ms at first, then twice as much each time, up to 128 ms.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "crypto/random.h"

namespace cairn::front {

inline Millis pause_before(int attempt) {
  constexpr std::uint64_t kFirst = 4;
  constexpr int kDoublings = 5;
  const auto most = kFirst << std::min(attempt, kDoublings);
  return Millis{static_cast<std::int64_t>(1 + crypto::random_number() % most)};
}

}  // namespace cairn::front
