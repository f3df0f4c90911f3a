#include "stream/board.h"

#include <algorithm>
#include <numeric>

namespace cairn::stream {

Board::Board(Shape shape, Gauge ring_bytes)
    : followers_(shape.followers), ring_bytes_max_(shape.ring_bytes), ring_bytes_(ring_bytes) {
  CAIRN_CHECK(followers_ > 0);
}

void Board::add_partition(std::vector<journal::Position> starts, journal::Position ring_start) {
  CAIRN_CHECK(starts.size() == followers_);
  const std::lock_guard lock(mutex_);
  rings_.push_back(
      {.batches = {}, .begin = ring_start, .end = ring_start, .bytes = 0, .positions = std::move(starts)});
}

journal::Position Board::fastest(const Ring& ring) const {
  return *std::ranges::max_element(ring.positions);
}

// Is what no follower has taken yet smaller than the ring?
bool Board::has_room(const Ring& ring) const {
  const auto taken = fastest(ring);
  std::size_t ahead = 0;
  for (auto kept = ring.batches.rbegin(); kept != ring.batches.rend() && kept->batch->end > taken; ++kept) {
    ahead += kept->bytes;
  }
  return ahead < share();
}

// Drops the oldest batches while the ring is too large; never one that nobody has taken yet.
void Board::evict(Ring& ring) {
  const auto taken = fastest(ring);
  while (ring.bytes > share() && ring.batches.size() > 1 && ring.batches.front().batch->end <= taken) {
    ring.bytes -= ring.batches.front().bytes;
    ring.batches.pop_front();
    ring.begin = ring.batches.front().batch->first;
  }
}

bool Board::wait_for_room(journal::Partition partition) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return stopping_ || has_room(ring(partition)); });
  return !stopping_;
}

void Board::push(BatchPtr batch) {
  const auto bytes = bytes_of(*batch);
  {
    const std::lock_guard lock(mutex_);
    auto& to = ring(batch->partition);
    CAIRN_CHECK(batch->first == to.end);
    to.end = batch->end;
    to.bytes += bytes;
    to.batches.push_back({std::move(batch), bytes});
    evict(to);
    ++arrivals_;
    measure();
  }
  arrived_.notify_all();
}

void Board::measure() {
  ring_bytes_.set(std::accumulate(rings_.begin(), rings_.end(), 0.0, [](double sum, const Ring& ring) {
    return sum + static_cast<double>(ring.bytes);
  }));
}

Board::Found Board::find(journal::Partition partition, journal::Position position) const {
  const std::lock_guard lock(mutex_);
  const auto& in = ring(partition);
  if (position < in.begin) {
    return {.batch = nullptr, .behind = true};
  }
  const auto found =
      std::ranges::upper_bound(in.batches, position, {}, [](const Kept& kept) { return kept.batch->end; });
  return {.batch = found == in.batches.end() ? nullptr : found->batch, .behind = false};
}

bool Board::keeps_up(std::size_t follower, journal::Partition partition, journal::Position end) const {
  const std::lock_guard lock(mutex_);
  const auto& in = ring(partition);
  const auto position = in.positions[follower];
  if (position >= end || in.batches.empty()) {
    return true;
  }
  // By the mean size of what is in the ring.
  const auto waiting = static_cast<double>(end - position) * static_cast<double>(in.bytes);
  return waiting <= static_cast<double>(share() / 2) * static_cast<double>(in.end - in.begin);
}

void Board::took(std::size_t follower, journal::Partition partition, journal::Position end) {
  {
    const std::lock_guard lock(mutex_);
    auto& position = ring(partition).positions[follower];
    CAIRN_CHECK(position < end);
    position = end;
  }
  room_.notify_all();
}

journal::Position Board::position(std::size_t follower, journal::Partition partition) const {
  const std::lock_guard lock(mutex_);
  return ring(partition).positions[follower];
}

std::uint64_t Board::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

void Board::wait_for_arrival(std::uint64_t seen, Deadline deadline) {
  std::unique_lock lock(mutex_);
  arrived_.wait_until(lock, deadline, [&] { return stopping_ || arrivals_ != seen; });
}

void Board::sleep_until(Deadline deadline) {
  std::unique_lock lock(mutex_);
  room_.wait_until(lock, deadline, [&] { return stopping_; });
}

void Board::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  room_.notify_all();
}

bool Board::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace cairn::stream
