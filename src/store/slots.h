// Slots: how many lookups run at the same time. The others wait their turn, up to a limit. Internal to store/.
// Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "async/promise.h"
#include "base/result.h"

namespace cairn::store {

class Slots {
 public:
  // A slot on loan; goes to the next who waits, or back, when the lease ends.
  class Lease {
   public:
    Lease() = default;
    explicit Lease(std::shared_ptr<Slots> slots) : slots_(std::move(slots)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

   private:
    std::shared_ptr<Slots> slots_;
  };

  Slots(std::size_t count, std::size_t waiting_max) : waiting_max_(waiting_max), free_(count) {}

  // Errc::limit: too many wait already.
  static Task<Result<Lease>> take(std::shared_ptr<Slots> slots);

 private:
  // A lease whose waiter is gone comes back by itself, because it is destroyed with the handler that should
  // have had it.
  using Handed = async::Promise<Lease>;
  static void give_back(std::shared_ptr<Slots> slots);

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::size_t free_;
  std::deque<std::shared_ptr<Handed>> waiting_;
};

}  // namespace cairn::store
