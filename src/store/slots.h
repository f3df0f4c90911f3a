// Slots: the connections that lookups share. As many lookups run at once as there are connections; the others
// wait their turn, up to a limit. Internal to store/. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "async/promise.h"
#include "store/duck.h"

namespace cairn::store {

class Slots {
 public:
  // A connection on loan; goes to the next who waits, or back, when the lease ends.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<Slots> slots, std::unique_ptr<duck::Connection> connection)
        : slots_(std::move(slots)), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    duck::Connection& connection() { return *connection_; }

   private:
    std::shared_ptr<Slots> slots_;
    std::unique_ptr<duck::Connection> connection_;
  };

  static Result<std::shared_ptr<Slots>> make(duck::Database& database, std::size_t count,
                                             std::size_t waiting_max);
  Slots(std::vector<std::unique_ptr<duck::Connection>> free, std::size_t waiting_max)
      : waiting_max_(waiting_max), free_(std::move(free)) {}

  // Errc::limit: too many wait already.
  static Task<Result<Lease>> take(std::shared_ptr<Slots> slots);

 private:
  // A lease whose waiter is gone comes back by itself, because it is destroyed with the handler that should
  // have had it.
  using Handed = async::Promise<Lease>;
  static void give_back(std::shared_ptr<Slots> slots, std::unique_ptr<duck::Connection> connection);

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<duck::Connection>> free_;
  std::deque<std::shared_ptr<Handed>> waiting_;
};

}  // namespace cairn::store
