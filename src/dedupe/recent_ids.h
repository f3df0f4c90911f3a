// RecentIds: the last so many ids of one account, in order, and whether one is among them.
//
// The ids lie in a queue, 16 bytes each. Beside it is a table of buckets, a cache line each, at most three fifths
// full. An entry is an id's place in the queue and, in the bits that leaves, some of its hash; so an id that is
// not there is told by one cache line, whatever lies in it. The entry of an id that has left the queue needs no
// removal: its place is not in the queue any more, and the next id of the bucket takes its room. Not
// thread-safe.
#pragma once

#include <array>
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
  bool contains(const Id& id) const { return find(id, hash(id, secret_)); }
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
  // From the low bits: a place, which is the low place_bits_ bits of an id's number, plus 1; of its hash. 0: none.
  using Entry = std::uint32_t;
  static constexpr std::size_t kEntries = 15;
  struct alignas(64) Bucket {
    std::array<Entry, kEntries> entries{};
    // The newest id that found no room here and lies farther on: the low bits of its number, plus 1. 0: none.
    std::uint32_t passed_on = 0;
  };

  std::uint64_t place_mask() const { return (1ULL << place_bits_) - 1; }
  Entry entry(std::uint64_t number, std::uint64_t hashed) const;
  // Which of the ids_ it means; beyond them when that has left.
  std::size_t index_of(Entry entry) const;
  bool is_free(Entry entry) const { return entry == 0 || index_of(entry) >= ids_.size(); }
  bool has_passed_on(const Bucket& bucket) const;
  bool holds(const Bucket& bucket, const Id& id, std::uint64_t hashed) const;
  bool find(const Id& id, std::uint64_t hashed) const;
  bool put(std::uint64_t number, std::uint64_t hashed);
  void resize_table(std::size_t buckets);

  std::size_t ids_max_;
  Secret secret_;
  unsigned place_bits_;
  std::deque<Id> ids_;
  std::uint64_t oldest_ = 0;  // number of ids_.front()
  std::vector<Bucket> table_;
};

}  // namespace cairn::dedupe
