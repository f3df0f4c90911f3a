// A clock that does not jump: for timers, and for what deletes by age.
//
// It goes on at the pace of the steady clock, whatever the system's clock does. Small corrections are
// followed at once. A step of more than a minute, forward or back, is followed when it has stood for an hour:
// what is taken back before then has never been.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "base/time.h"

namespace cairn {

// Thread-safe.
class PatientClock final : public Clock {
 public:
  static constexpr Millis kSlack{60'000};
  static constexpr Millis kPatience{3'600'000};
  using Steady = std::chrono::steady_clock::time_point;

  // Goes on from `start`: the wall's time now, or the last time that is known to have been, if the wall is
  // not to be believed yet. REQUIRES: the wall outlives it.
  PatientClock(const Clock& wall, Time start);

  Time now() const override;

  // For tests: with a steady clock of their own.
  PatientClock(const Clock& wall, Time start, Steady (*steady)());

 private:
  struct Doubt {
    Millis ahead;  // the wall, of this clock; negative: behind
    Steady since;
  };

  Time follow(Time mine, Time wall, Steady steady) const;

  const Clock& wall_;
  Steady (*const steady_)();
  mutable std::mutex mutex_;
  mutable Time last_;  // guarded by mutex_, as all below
  mutable Steady last_steady_;
  mutable std::optional<Doubt> doubt_;
};

}  // namespace cairn
