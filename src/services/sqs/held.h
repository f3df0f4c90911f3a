// Messages that one call holds while it is about to change them. What it does not settle, or what is not
// committed, is let go when this goes. Inside services/sqs only. One call's.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "queues/mailbox.h"

namespace cairn::services::sqs {

class Held {
 public:
  explicit Held(std::shared_ptr<queues::Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  ~Held() {
    for (const auto& number : numbers_) {
      mailbox_->release(number);
    }
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  std::vector<queues::Message> take(const queues::Wanted& wanted) {
    auto taken = mailbox_->take(wanted);
    for (const auto& message : taken) {
      numbers_.insert(message.number);
    }
    return taken;
  }
  // Nothing: it is not there, or somebody else holds it.
  std::optional<queues::Message> hold(const std::string& number) {
    auto found = mailbox_->hold(number);
    if (!found || !found->held) {
      return std::nullopt;
    }
    numbers_.insert(number);
    return std::move(found->message);
  }
  // It is not in the catalog.
  void drop(const std::string& number) {
    mailbox_->drop(number);
    numbers_.erase(number);
  }

  // What becomes of it with the commit: another state, or it goes.
  void settle(queues::Message message) { kept_.push_back(std::move(message)); }
  void settle_gone(std::string number) { gone_.push_back(std::move(number)); }
  void commit() {
    for (const auto& message : kept_) {
      mailbox_->keep(message);
      numbers_.erase(message.number);
    }
    for (const auto& number : gone_) {
      drop(number);
    }
  }

 private:
  const std::shared_ptr<queues::Mailbox> mailbox_;
  std::set<std::string> numbers_;
  std::vector<queues::Message> kept_;
  std::vector<std::string> gone_;
};

}  // namespace cairn::services::sqs
