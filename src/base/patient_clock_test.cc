// A wall clock that steps, as rows of what happens and what the patient one says.
#include "base/patient_clock.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kStart{Millis{1'772'446'500'000}};
PatientClock::Steady steady_now{};

class FakeWall final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = kStart;
};

class PatientClockTest : public ::testing::Test {
 protected:
  // Time passes, and is looked at every minute.
  Millis pass(Millis time) {
    for (Millis done{0}; done < time; done += minutes(1)) {
      wall.time += minutes(1);
      steady_now += minutes(1);
      static_cast<void>(clock.now());
    }
    return clock.now() - kStart;
  }

  FakeWall wall;
  PatientClock clock{wall, kStart, [] { return steady_now; }};
};

TEST_F(PatientClockTest, follows_a_wall_that_does_not_step) {
  EXPECT_EQ(pass(hours(3)), hours(3));
  wall.time -= seconds(59);
  EXPECT_EQ(clock.now() - kStart, hours(3) - seconds(59));
  wall.time += seconds(60);
  EXPECT_EQ(clock.now() - kStart, hours(3) + seconds(1));
}

TEST_F(PatientClockTest, a_step_that_is_taken_back_has_never_been) {
  for (const Millis step : {Millis(hours(24)), Millis(-hours(1)), Millis(hours(24 * 400))}) {
    const auto before = clock.now() - kStart;
    wall.time += step;
    EXPECT_EQ(pass(minutes(59)), before + minutes(59));
    wall.time -= step;
    EXPECT_EQ(pass(minutes(5)), before + minutes(64));
  }
}

TEST_F(PatientClockTest, goes_on_while_it_is_looked_at_all_the_time) {
  wall.time += hours(24);
  for (int n = 0; n < 100'000; ++n) {
    steady_now += std::chrono::microseconds(300);
    static_cast<void>(clock.now());
  }
  EXPECT_EQ(clock.now() - kStart, seconds(30));
}

TEST_F(PatientClockTest, a_step_that_stands_is_followed_after_an_hour) {
  wall.time += hours(24);
  EXPECT_EQ(pass(minutes(60)), minutes(60));
  EXPECT_EQ(pass(minutes(2)), hours(24) + minutes(62));
  wall.time -= hours(48);
  EXPECT_EQ(pass(minutes(60)), hours(24) + minutes(122));
  EXPECT_EQ(pass(minutes(2)), -hours(24) + minutes(124));
}

TEST_F(PatientClockTest, another_step_begins_the_hour_anew) {
  wall.time += hours(24);
  pass(minutes(50));
  wall.time += hours(24);
  EXPECT_EQ(pass(minutes(50)), minutes(100));
  EXPECT_EQ(pass(minutes(20)), hours(48) + minutes(120));
}

TEST_F(PatientClockTest, after_a_start_the_wall_is_believed_when_it_has_stood) {
  wall.time = kStart + hours(24 * 365);  // the last that is known is a year ago: a long stop, or a wrong clock
  const PatientClock late(wall, kStart, [] { return steady_now; });
  EXPECT_EQ(late.now(), kStart);
  const auto pass_late = [&](Millis time) {
    for (Millis done{0}; done < time; done += minutes(1)) {
      wall.time += minutes(1);
      steady_now += minutes(1);
      static_cast<void>(late.now());
    }
    return late.now();
  };
  EXPECT_EQ(pass_late(minutes(30)), kStart + minutes(30));
  EXPECT_EQ(pass_late(minutes(31)), wall.time);
}

}  // namespace
}  // namespace cairn
