// Wakes tasks that wait for outbox rows. Shared by the adapters.
#pragma once

#include <memory>

#include "async/task.h"
#include "base/time.h"

namespace cairn::catalog {

// Thread-safe. A waiting task keeps what it needs: the bell may go before it.
class OutboxBell {
 public:
  OutboxBell();

  // Rows up to `last` are durable; rows up to `through` are gone.
  void appended(std::uint64_t last);
  void deleted(std::uint64_t through);

  // Until there is a row with a number greater than `after`, or the patience is over.
  Task<void> wait(std::uint64_t after, Millis patience) const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cairn::catalog
