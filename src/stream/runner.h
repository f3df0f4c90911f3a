// Runner: one follower's thread. Takes the follower's next batch from the board's ring, or reads it from the
// journal when the ring has gone on, hands it over until it is taken, and ticks.
#pragma once

#include <atomic>
#include <vector>

#include "stream/backoff.h"
#include "stream/board.h"

namespace cairn::stream {

class Runner {
 public:
  struct Place {
    std::size_t index;  // the follower's, on the board
    Follower& follower;
    Board& board;
    journal::Journal& journal;
    const Clock& clock;
    const Matching& matching;
  };
  Runner(Place place, const Options& options, Metrics& metrics);

  // Until the board stops.
  void run();
  // For how long nothing has gone well: take(), tick() or reading the journal. 0: it does. Any thread.
  Millis failing() const;

 private:
  // What the runner knows of one partition; a failure in one does not hold up the others.
  struct Lane {
    journal::Partition partition;
    FollowerMeasures measures;
    ReaderMeasures read_measures;
    BatchMatcher matcher;
    Backoff backoff;
    Deadline retry_at{};               // while there are failures
    BatchPtr pending{};                // handed over without success
    std::unique_ptr<Source> behind{};  // while the ring has gone on
  };

  bool step();
  bool step(Lane& lane);
  BatchPtr next_of(Lane& lane);
  BatchPtr read_behind(Lane& lane, journal::Position position);
  void failed(Lane& lane, const Error& error, std::string_view doing);
  void went_well(Lane& lane);
  void tick();
  void measure();
  void note_failing();
  Deadline wake_at() const;

  static constexpr Deadline kNever = Deadline::max();

  const Place place_;
  const std::size_t batch_items_max_;
  Counter errors_;
  std::vector<Lane> lanes_;
  std::size_t turn_ = 0;  // the lane that is asked first
  Backoff tick_backoff_;
  Deadline tick_at_;
  bool tick_now_ = false;
  std::atomic<Deadline> failing_since_{kNever};  // of the steady clock
};

}  // namespace cairn::stream
