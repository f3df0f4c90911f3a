// The reaper of queues: what is too old, was purged, or lies in a queue that is gone, leaves the catalog.
// Nobody can receive it any more by then.
#pragma once

#include <atomic>

#include "async/gate.h"
#include "catalog/catalog.h"
#include "services/sqs/mailboxes.h"

namespace cairn::services::sqs {

class Reaper {
 public:
  static constexpr Millis kEvery{60'000};

  struct Dependencies {
    catalog::Catalog& catalog;
    Mailboxes& mailboxes;
    const Clock& ages;
  };
  // All outlive it.
  explicit Reaper(Dependencies on) : on_(on) {}

  void start(async::Executor executor);
  void stop();  // blocks

  // Everything once. How many messages went.
  Task<Result<std::size_t>> reap();

 private:
  Task<void> run();
  Task<Result<std::size_t>> reap_queues();
  Task<Result<std::size_t>> reap_queue(queues::StoredQueue queue);
  Task<Result<std::size_t>> reap_gone();
  Task<Result<std::size_t>> empty(std::string queue);
  Task<Result<void>> remove(std::vector<queues::Message> messages);

  const Dependencies on_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::services::sqs
