// Hashing a long body beside its reading: MD5 alone takes as long as all else that a put does. Pieces are
// gathered, and hashed in their order on a thread of the pool, a lot at a time. A body's beginning is hashed
// where it is read: few are long. One task. Inside services/s3 only.
#pragma once

#include <memory>
#include <vector>

#include "async/pool.h"
#include "services/s3/checksums.h"

namespace cairn::services::s3 {

class Hashing {
 public:
  // No pool: all is hashed where it is read.
  Hashing(const Checksums& checksums, async::Pool* pool) : hashes_(checksums.hashes()), pool_(pool) {}

  Task<void> add(std::span<const std::byte> piece);
  // Awaited before the checksums are finished: then all that was added is in them. Who gives the body up need
  // not.
  Task<void> end();

 private:
  using Lot = std::vector<std::byte>;

  Task<void> take_back();

  std::shared_ptr<Checksums::Hashes> hashes_;
  async::Pool* pool_;
  std::size_t hashed_here_ = 0;
  Lot gathering_;
  Lot spare_;
  std::shared_ptr<async::Promise<Lot>> hashing_;  // none: nothing is
};

}  // namespace cairn::services::s3
