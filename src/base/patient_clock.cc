// Tested by patient_clock_test.cc and conformance/test_clock.py.
#include "base/patient_clock.h"

#include "base/log.h"

namespace cairn {

PatientClock::PatientClock(const Clock& wall, Time start)
    : PatientClock(wall, start, [] { return std::chrono::steady_clock::now(); }) {}

PatientClock::PatientClock(const Clock& wall, Time start, Steady (*steady)())
    : wall_(wall), steady_(steady), last_(start), last_steady_(steady()) {}

Time PatientClock::now() const {
  const std::lock_guard lock(mutex_);
  const auto steady = steady_();
  // What is less than a millisecond is kept for the next look: somebody may look more often than that.
  const auto passed = std::chrono::floor<Millis>(steady - last_steady_);
  last_ = follow(last_ + passed, wall_.now(), steady);
  last_steady_ += passed;
  return last_;
}

Time PatientClock::follow(Time mine, Time wall, Steady steady) const {
  const auto ahead = wall - mine;
  if (ahead <= kSlack && ahead >= -kSlack) {
    doubt_.reset();
    return wall;
  }
  if (!doubt_ || ahead - doubt_->ahead > kSlack || doubt_->ahead - ahead > kSlack) {
    log::warn("the system's clock stepped: ages and intervals follow when it has stood for an hour",
              {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(ahead).count()}});
    doubt_ = Doubt{.ahead = ahead, .since = steady};
  }
  if (steady - doubt_->since < kPatience) {
    return mine;
  }
  doubt_.reset();
  return wall;
}

}  // namespace cairn
