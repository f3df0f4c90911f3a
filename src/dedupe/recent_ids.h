// RecentIds: the last so many ids of one account, in order, and whether one is among them.
//
// The ids lie in a queue, 16 bytes each. Beside it is an open-addressing table of 4-byte places in the queue,
// at most three quarters full. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "dedupe/event_id.h"

namespace cairn::dedupe {

// A secret of the process: hashed with it, nobody can choose ids that collide.
struct Secret {
  std::uint64_t first;
  std::uint64_t second;
};
std::uint64_t hash(const Id& id, const Secret& secret);

class RecentIds {
 public:
  static constexpr std::size_t kIdsMax = 1ULL << 30;

  // REQUIRES: 0 < ids_max <= kIdsMax.
  RecentIds(std::size_t ids_max, Secret secret);

  std::size_t size() const { return ids_.size(); }
  bool contains(const Id& id) const { return table_[find(id)] != kEmpty; }
  // False when it is there already (and stays where it is in the order). The oldest one goes when there are
  // too many.
  bool insert(const Id& id);

  // The oldest so many go, and memory that was for them.
  void forget(std::size_t count);

  // The ids from the one that was inserted as number `from` (0, 1, …) on, `count` at most; those that are
  // gone are left out.
  void copy(std::uint64_t from, std::size_t count, std::vector<Id>& out) const;
  std::uint64_t first_number() const { return oldest_; }
  std::uint64_t next_number() const { return oldest_ + ids_.size(); }

 private:
  static constexpr std::uint32_t kEmpty = 0;

  const Id& at(std::uint32_t place) const;
  std::size_t find(const Id& id) const;  // its slot, or the empty one where it would be
  void evict();
  void erase(std::size_t slot);
  void resize_table(std::size_t slots);

  std::size_t ids_max_;
  Secret secret_;
  std::deque<Id> ids_;
  std::uint64_t oldest_ = 0;          // number of ids_.front()
  std::vector<std::uint32_t> table_;  // kEmpty, or a place: the low bits of an id's number, plus 1
};

}  // namespace cairn::dedupe
