// A receive that waits for messages: it is woken when there may be one. No thread waits with it. Inside
// services/sqs only; one task's.
#pragma once

#include <memory>
#include <optional>

#include "async/loops.h"
#include "queues/mailbox.h"

namespace cairn::services::sqs {

class Waiting {
 public:
  // From now on nothing that comes is missed. REQUIRES: the executor is the waiting task's own loop.
  Waiting(std::shared_ptr<queues::Mailbox> mailbox, async::Executor executor);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  // False: nobody may wait here now.
  bool is_on() const { return on_; }
  // How long until something can be seen; none: that is not this one's to watch for.
  std::optional<Millis> next_visible() const { return mailbox_->next_visible(number_); }
  // Until it is woken, or that long.
  Task<void> wait(Millis patience);

 private:
  struct State;

  const std::shared_ptr<queues::Mailbox> mailbox_;
  const std::shared_ptr<State> state_;
  const std::uint64_t number_;
  const bool on_;
};

}  // namespace cairn::services::sqs
