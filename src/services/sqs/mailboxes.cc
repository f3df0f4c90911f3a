// Tested by sqs_test.cc.
#include "services/sqs/mailboxes.h"

#include "async/loops.h"
#include "base/log.h"

namespace cairn::services::sqs {
namespace {

constexpr std::size_t kLoadPage = 4096;
constexpr Millis kLoadNap{5};

}  // namespace

std::shared_ptr<queues::Totals> Mailboxes::totals_of(const std::string& account) {
  auto& totals = of_account_[account];
  if (!totals) {
    totals = std::make_shared<queues::Totals>(totals_);
  }
  return totals;
}

bool Mailboxes::begin_loading(const queues::Queue& queue, std::shared_ptr<queues::Mailbox>& mailbox) {
  const std::lock_guard lock(mutex_);
  auto& slot = slots_[queue.id];
  if (!slot.mailbox) {
    slot.mailbox = std::make_shared<queues::Mailbox>(clock_, totals_of(queue.account));
  }
  mailbox = slot.mailbox;
  if (closed_) {
    mailbox->close();
  }
  if (slot.loading || mailbox->is_loaded()) {
    return false;
  }
  slot.loading = true;
  return true;
}

void Mailboxes::end_loading(const std::string& queue) {
  const std::lock_guard lock(mutex_);
  if (const auto at = slots_.find(queue); at != slots_.end()) {
    at->second.loading = false;
  }
}

Task<Result<void>> Mailboxes::load(std::string queue, queues::Mailbox& mailbox) {
  const auto prefix = queues::message_prefix(queue);
  std::vector<queues::Message> messages;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(prefix, after, kLoadPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      auto message = queues::decode_message(document);
      if (message) {
        messages.push_back(*std::move(message));
      } else {
        log::error("a message's document cannot be read", {{"error", message.error().text()}});
      }
    }
  }
  mailbox.load(std::move(messages));
  co_return Result<void>{};
}

Task<Result<std::shared_ptr<queues::Mailbox>>> Mailboxes::of(const queues::Queue& queue) {
  std::shared_ptr<queues::Mailbox> mailbox;
  while (true) {
    if (begin_loading(queue, mailbox)) {
      const auto loaded = co_await load(queue.id, *mailbox);
      end_loading(queue.id);
      CAIRN_CO_TRY_VOID(loaded);
    }
    if (mailbox->is_loaded()) {
      break;
    }
    co_await async::sleep(kLoadNap);
  }
  if (!queue.purged.empty()) {
    mailbox->purge(queue.purged);
  }
  co_return mailbox;
}

void Mailboxes::forget(const std::string& queue) {
  const std::lock_guard lock(mutex_);
  if (const auto at = slots_.find(queue); at != slots_.end()) {
    at->second.mailbox->close();
    slots_.erase(at);
  }
}

void Mailboxes::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (auto& [queue, slot] : slots_) {
    slot.mailbox->close();
  }
}

}  // namespace cairn::services::sqs
