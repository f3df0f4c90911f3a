// What a receiver does with a message: delete it, or ask for more time. Tested by sqs_test.cc.
#include <algorithm>
#include <set>

#include "json/json.h"
#include "services/sqs/held.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

using MailboxPtr = std::shared_ptr<queues::Mailbox>;

Found<queues::Receipt> receipt_in(const json::object& entry, const queues::Queue& queue) {
  const auto handle = text(entry, "ReceiptHandle");
  auto receipt = queues::Receipt::parse(handle);
  if (!receipt || receipt->queue != queue.id) {
    return fault::invalid_receipt(handle);
  }
  return *std::move(receipt);
}

aws::Fault not_available(const json::object& entry) {
  return fault::invalid_parameter(
      "ReceiptHandle", text(entry, "ReceiptHandle"),
      "Message does not exist or is not available for visibility timeout change.");
}

// Deletes what was received by this very handle; a handle from before the last receive, and one of a message
// that is gone, are answered like a deletion, as in AWS.
class Deletion {
 public:
  explicit Deletion(MailboxPtr mailbox) : mailbox_(std::move(mailbox)) {}

  void add(const queues::Receipt& receipt) {
    const auto message = mailbox_->find(receipt.number);
    if (message && message->receives == receipt.receive && numbers_.insert(receipt.number).second) {
      queues::remove(*message, effects_);
    }
  }

  void put_into(Outcome& outcome) {
    outcome.effects = std::move(effects_);
    outcome.after_commit = [mailbox = mailbox_,
                            numbers = std::move(numbers_)](const Result<catalog::Committed>& committed) {
      if (committed) {
        std::ranges::for_each(numbers, [&](const auto& number) { mailbox->drop(number); });
      }
    };
  }

 private:
  const MailboxPtr mailbox_;
  std::set<std::string> numbers_;
  catalog::Transaction effects_;
};

class Extension {
 public:
  explicit Extension(MailboxPtr mailbox)
      : now_(mailbox->now()), held_(std::make_shared<Held>(std::move(mailbox))) {}

  Found<void> add(const json::object& entry, const queues::Queue& queue) {
    CAIRN_TRY(const auto receipt, receipt_in(entry, queue));
    CAIRN_TRY(const auto seconds, number_in(entry, "VisibilityTimeout",
                                            {.usual = queue.settings.visibility,
                                             .least = 0,
                                             .most = queues::Limits::visibility_seconds_max}));
    auto message = held_->hold(receipt.number);
    if (!message || message->receives != receipt.receive) {
      return not_available(entry);
    }
    if (message->visible <= now_) {
      return fault::not_in_flight();
    }
    queues::hide(*message, now_, std::chrono::seconds(seconds));
    queues::put_state(*message, effects_);
    effects_.expectations.push_back(queues::still_there(*message));
    held_->settle(*std::move(message));
    return {};
  }

  void put_into(Outcome& outcome) {
    outcome.effects = std::move(effects_);
    outcome.after_commit = [held = held_](const Result<catalog::Committed>& committed) {
      if (committed) {
        held->commit();
      }
    };
  }

 private:
  const Time now_;
  const std::shared_ptr<Held> held_;
  catalog::Transaction effects_;
};

}  // namespace

Task<Answer> delete_message(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto receipt, receipt_in(call.input, queue));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  Deletion deletion(mailbox);
  deletion.add(receipt);
  Outcome outcome;
  deletion.put_into(outcome);
  co_return outcome;
}

Task<Answer> delete_message_batch(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto entries, entries_of(call));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  Deletion deletion(mailbox);
  json::array done;
  json::array refused;
  for (const auto* entry : entries) {
    const auto id = text(*entry, "Id");
    const auto receipt = receipt_in(*entry, queue);
    if (receipt) {
      deletion.add(*receipt);
      done.push_back(json::object{{"Id", id}});
    } else {
      refused.push_back(failed(id, receipt.error()));
    }
  }
  Outcome outcome;
  deletion.put_into(outcome);
  outcome.output = {{"Successful", std::move(done)}, {"Failed", std::move(refused)}};
  co_return outcome;
}

Task<Answer> change_message_visibility(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  Extension extension(mailbox);
  CAIRN_CO_TRY_VOID(extension.add(call.input, queue));
  Outcome outcome;
  extension.put_into(outcome);
  co_return outcome;
}

Task<Answer> change_message_visibility_batch(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto entries, entries_of(call));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  Extension extension(mailbox);
  json::array done;
  json::array refused;
  for (const auto* entry : entries) {
    const auto id = text(*entry, "Id");
    const auto changed = extension.add(*entry, queue);
    if (changed) {
      done.push_back(json::object{{"Id", id}});
    } else {
      refused.push_back(failed(id, changed.error()));
    }
  }
  Outcome outcome;
  extension.put_into(outcome);
  outcome.output = {{"Successful", std::move(done)}, {"Failed", std::move(refused)}};
  co_return outcome;
}

}  // namespace cairn::services::sqs
