// Board: what the stream's threads share. For each partition a ring of recent batches, and how far each
// follower has come.
//
// A ring's reader is never further ahead of the fastest follower than the ring is large, and waits for nobody
// else: who is slower falls out of the ring. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "stream/source.h"

namespace cairn::stream {

using Deadline = std::chrono::steady_clock::time_point;

class Board {
 public:
  struct Shape {
    std::size_t followers;
    std::size_t ring_bytes;  // of all rings together
  };
  Board(Shape shape, Gauge ring_bytes);

  // Before any thread runs: the next partition, where each follower starts there, and where its ring does.
  void add_partition(std::vector<journal::Position> starts, journal::Position ring_start);

  // ---- for a ring's reader ----
  // Waits until the ring may take another batch. False: stop.
  bool wait_for_room(journal::Partition partition);
  void push(BatchPtr batch);

  // ---- for followers ----
  struct Found {
    BatchPtr batch;       // holds the position, maybe not at its front
    bool behind = false;  // no batch: the ring has gone on
  };
  Found find(journal::Partition partition, journal::Position position) const;
  // Is what lies between the follower and `end`, the journal's, about half of the ring at most?
  bool keeps_up(std::size_t follower, journal::Partition partition, journal::Position end) const;
  void took(std::size_t follower, journal::Partition partition, journal::Position end);
  journal::Position position(std::size_t follower, journal::Partition partition) const;
  // A number that changes when a batch arrives.
  std::uint64_t arrivals() const;
  // Waits until something has arrived since `seen`, or the deadline, or stop.
  void wait_for_arrival(std::uint64_t seen, Deadline deadline);

  // ---- for both ----
  // Waits for the deadline or stop.
  void sleep_until(Deadline deadline);
  void stop();
  bool stopping() const;

 private:
  struct Kept {
    BatchPtr batch;
    std::size_t bytes;
  };
  struct Ring {
    std::deque<Kept> batches;
    journal::Position begin;  // of the first batch; the end when there is none
    journal::Position end;
    std::size_t bytes = 0;
    std::vector<journal::Position> positions;  // each follower's
  };

  Ring& ring(journal::Partition partition) { return rings_[partition.raw()]; }
  const Ring& ring(journal::Partition partition) const { return rings_[partition.raw()]; }
  std::size_t share() const { return ring_bytes_max_ / rings_.size(); }
  journal::Position fastest(const Ring& ring) const;
  bool has_room(const Ring& ring) const;
  void evict(Ring& ring);
  void measure();

  const std::size_t followers_;
  const std::size_t ring_bytes_max_;
  Gauge ring_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;  // also at stop, as the next one
  std::condition_variable room_;
  std::vector<Ring> rings_;  // guarded by mutex_, as all below
  std::uint64_t arrivals_ = 0;
  bool stopping_ = false;
};

}  // namespace cairn::stream
