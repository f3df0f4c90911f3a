// Hashing a long body beside its reading: MD5 alone takes as long as all else that a put does. Pieces are
// gathered, and hashed in their order on a thread of the pool, a lot at a time. A body's beginning is hashed
// where it is read: few are long. So is all of it while enough others are hashed beside. One task. Inside
// services/s3 only.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "async/pool.h"
#include "services/s3/checksums.h"

namespace cairn::services::s3 {

// How many bodies are hashed beside, of all that the service receives: what they gather is memory. Any
// thread.
class HashingRoom {
 public:
  static constexpr std::size_t bodies_max = 32;  // each has two lots: one that fills, one that is hashed

  // Given back with the last that holds it. Null: there is none left.
  static std::shared_ptr<void> take(const std::shared_ptr<HashingRoom>& room);

 private:
  std::atomic<std::size_t> taken_ = 0;
};

// What hashes beside. No pool: all is hashed where it is read.
struct HashingPlace {
  async::Pool* pool = nullptr;
  std::shared_ptr<HashingRoom> room{};
};

class Hashing {
 public:
  Hashing(const Checksums& checksums, HashingPlace place)
      : hashes_(checksums.hashes()), place_(std::move(place)) {}

  Task<void> add(std::span<const std::byte> piece);
  // Awaited before the checksums are finished: then all that was added is in them. Who gives the body up need
  // not.
  Task<void> end();

 private:
  using Lot = std::vector<std::byte>;

  bool is_beside();
  Task<void> take_back();

  std::shared_ptr<Checksums::Hashes> hashes_;
  HashingPlace place_;
  std::shared_ptr<void> taken_;  // of the room, from the first lot on
  std::size_t hashed_here_ = 0;
  Lot gathering_;
  Lot spare_;
  std::shared_ptr<async::Promise<Lot>> hashing_;  // none: nothing is
};

}  // namespace cairn::services::s3
