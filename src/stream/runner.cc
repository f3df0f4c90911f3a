#include "stream/runner.h"

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace cairn::stream {
namespace {

Deadline now() {
  return std::chrono::steady_clock::now();
}

// What a follower uses (clients, databases) may throw; here it becomes an error, so that one follower's
// trouble stays its own.
template <class Call>
Result<void> guarded(Call call) {
  try {
    return call();
  } catch (const std::exception& e) {
    return Error{Errc::unknown, std::string("an exception: ") + e.what()};
  } catch (...) {
    return Error{Errc::unknown, "an exception of an unknown type"};
  }
}

}  // namespace

Runner::Runner(Place place, const Options& options, Metrics& metrics)
    : place_(place),
      batch_items_max_(options.batch_items_max),
      errors_(follower_errors(metrics, place.follower.name())),
      tick_backoff_(options.backoff_min, options.backoff_max),
      tick_at_(now()) {
  for (std::uint32_t p = 0; p < place.journal.partitions(); ++p) {
    const journal::Partition partition{p};
    const ReaderMeasures read_measures(metrics, partition);
    lanes_.push_back({.partition = partition,
                      .measures = FollowerMeasures(metrics, place.follower.name(), partition),
                      .read_measures = read_measures,
                      .matcher = BatchMatcher(place.matching, read_measures),
                      .backoff = Backoff(options.backoff_min, options.backoff_max)});
  }
}

void Runner::run() {
  while (!place_.board.stopping()) {
    const auto seen = place_.board.arrivals();
    const bool took = step();
    if ((tick_now_ && tick_backoff_.failures() == 0) || now() >= tick_at_) {
      tick();
    }
    if (!took) {
      place_.board.wait_for_arrival(seen, wake_at());
    }
  }
}

// Hands over one batch, if there is one and its time has come. The lanes have turns.
bool Runner::step() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[turn_];
    turn_ = (turn_ + 1) % lanes_.size();
    if (step(lane)) {
      return true;
    }
  }
  return false;
}

bool Runner::step(Lane& lane) {
  if (lane.backoff.failures() > 0 && now() < lane.retry_at) {
    return false;
  }
  if (!lane.pending) {
    lane.pending = next_of(lane);
  }
  if (!lane.pending) {
    return false;
  }
  lane.pending = lane.matcher.renewed(std::move(lane.pending), place_.follower);
  if (const auto taken = guarded([&] { return place_.follower.take(*lane.pending); }); !taken) {
    failed(lane, taken.error(), "take a batch");
    return false;
  }
  place_.board.took(place_.index, lane.partition, lane.pending->end);
  lane.pending.reset();
  went_well(lane);
  tick_now_ = true;
  return true;
}

BatchPtr Runner::next_of(Lane& lane) {
  const auto position = place_.board.position(place_.index, lane.partition);
  auto found = place_.board.find(lane.partition, position);
  if (found.behind) {
    return read_behind(lane, position);
  }
  lane.behind.reset();
  if (!found.batch || found.batch->first == position) {
    return std::move(found.batch);
  }
  return copy_from(std::move(found.batch), position);
}

BatchPtr Runner::read_behind(Lane& lane, journal::Position position) {
  if (!lane.behind || lane.behind->position() != position) {
    lane.behind = std::make_unique<Source>(Source::Place{.journal = place_.journal,
                                                         .partition = lane.partition,
                                                         .batch_items_max = batch_items_max_,
                                                         .matching = place_.matching},
                                           position, lane.read_measures);
  }
  auto batch = lane.behind->next(Millis{0});
  if (!batch) {
    failed(lane, batch.error(), "read the journal");
    return nullptr;
  }
  return *std::move(batch);
}

void Runner::failed(Lane& lane, const Error& error, std::string_view doing) {
  errors_.add();
  if (lane.backoff.failures() == 0) {
    const auto position = place_.board.position(place_.index, lane.partition);
    log::warn("follower failed, tries the same again until it goes well",
              {{"follower", place_.follower.name()},
               {"doing", doing},
               {"partition", lane.partition.raw()},
               {"position", position.raw()},
               {"error", error.text()}});
  }
  lane.retry_at = now() + lane.backoff.fail();
  note_failing();
}

void Runner::went_well(Lane& lane) {
  if (const auto failures = lane.backoff.succeed(); failures > 0) {
    log::info("follower goes on", {{"follower", place_.follower.name()}, {"failures", failures}});
    note_failing();
  }
}

// After each end of a try that changed what is failing.
void Runner::note_failing() {
  const bool failing = tick_backoff_.failures() > 0 || std::ranges::any_of(lanes_, [](const Lane& lane) {
                         return lane.backoff.failures() > 0;
                       });
  if (!failing) {
    failing_since_ = kNever;
  } else if (failing_since_.load() == kNever) {
    failing_since_ = now();
  }
}

Millis Runner::failing() const {
  const auto since = failing_since_.load();
  return since == kNever ? Millis{0} : std::chrono::ceil<Millis>(now() - since);
}

void Runner::tick() {
  tick_now_ = false;
  measure();
  const auto ticked = guarded([&] { return place_.follower.tick(place_.clock.now()); });
  if (ticked) {
    if (tick_backoff_.succeed() > 0) {
      note_failing();
    }
    tick_at_ = now() + Limits::tick_every;
    return;
  }
  errors_.add();
  if (tick_backoff_.failures() == 0) {
    log::warn("follower failed to tick, tries again until it goes well",
              {{"follower", place_.follower.name()}, {"error", ticked.error().text()}});
  }
  tick_at_ = now() + tick_backoff_.fail();
  note_failing();
}

void Runner::measure() {
  for (auto& lane : lanes_) {
    const auto position = place_.board.position(place_.index, lane.partition);
    const auto end = place_.journal.end(lane.partition);
    lane.measures.position.set(static_cast<double>(position.raw()));
    lane.measures.lag.set(end > position ? static_cast<double>(end - position) : 0);
  }
}

Deadline Runner::wake_at() const {
  auto at = tick_at_;
  for (const auto& lane : lanes_) {
    if (lane.backoff.failures() > 0) {
      at = std::min(at, lane.retry_at);
    }
  }
  return at;
}

}  // namespace cairn::stream
