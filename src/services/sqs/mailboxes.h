// Every queue's mailbox (queues/mailbox.h), read from the catalog when it is first wanted. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "async/task.h"
#include "catalog/catalog.h"
#include "queues/mailbox.h"
#include "queues/queue.h"

namespace cairn::services::sqs {

class Mailboxes {
 public:
  // Both outlive it.
  Mailboxes(catalog::Catalog& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}

  // REQUIRES: whoever commits a message of the queue has its mailbox before and tells it afterwards.
  Task<Result<std::shared_ptr<queues::Mailbox>>> of(const queues::Queue& queue);
  // Of a queue that is gone: who waits there goes on.
  void forget(const std::string& queue);
  // Nobody waits for messages any more.
  void close();

  // Of all queues together that were wanted so far.
  std::uint64_t messages() const { return totals_->messages(); }
  std::uint64_t bytes() const { return totals_->bytes(); }

 private:
  struct Slot {
    std::shared_ptr<queues::Mailbox> mailbox{};
    bool loading = false;
  };

  // True: it is the caller's to load.
  bool begin_loading(const queues::Queue& queue, std::shared_ptr<queues::Mailbox>& mailbox);
  std::shared_ptr<queues::Totals> totals_of(const std::string& account);  // REQUIRES: the lock is held
  void end_loading(const std::string& queue);
  Task<Result<void>> load(std::string queue, queues::Mailbox& mailbox);

  catalog::Catalog& catalog_;
  const Clock& clock_;
  const std::shared_ptr<queues::Totals> totals_ = std::make_shared<queues::Totals>();
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::map<std::string, std::shared_ptr<queues::Totals>> of_account_;  // of its queues; guarded
  std::map<std::string, Slot> slots_;                                  // by the queue's id; guarded
};

}  // namespace cairn::services::sqs
