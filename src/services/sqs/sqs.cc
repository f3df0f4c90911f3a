#include "services/sqs/sqs.h"

#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/sqs/asks.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&, Asked);
  About about = About::own_queue;
};

constexpr std::array kOperations = {
    Entry{"AddPermission", add_permission},
    Entry{"ChangeMessageVisibility", change_message_visibility, About::any_queue},
    Entry{"ChangeMessageVisibilityBatch", change_message_visibility_batch, About::any_queue},
    Entry{"CreateQueue", create_queue, About::new_queue},
    Entry{"DeleteMessage", delete_message, About::any_queue},
    Entry{"DeleteMessageBatch", delete_message_batch, About::any_queue},
    Entry{"DeleteQueue", delete_queue},
    Entry{"GetQueueAttributes", get_queue_attributes, About::any_queue},
    Entry{"GetQueueUrl", get_queue_url, About::queue_by_name},
    Entry{"ListDeadLetterSourceQueues", list_dead_letter_source_queues, About::any_queue},
    Entry{"ListQueueTags", list_queue_tags},
    Entry{"ListQueues", list_queues, About::queues},
    Entry{"PurgeQueue", purge_queue, About::any_queue},
    Entry{"ReceiveMessage", receive_message, About::any_queue},
    Entry{"RemovePermission", remove_permission},
    Entry{"SendMessage", send_message, About::any_queue},
    Entry{"SendMessageBatch", send_message_batch, About::any_queue},
    Entry{"SetQueueAttributes", set_queue_attributes},
    Entry{"TagQueue", tag_queue},
    Entry{"UntagQueue", untag_queue},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

class Sqs final : public front::Service {
 public:
  explicit Sqs(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "sqs"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  // The query protocol may name the queue by the path; attributes have exceptions of their own.
  bool checks_itself(std::string_view /*operation*/, std::string_view member) const override {
    return member == "QueueUrl" || member == "Attributes" || member == "AttributeNames" ||
           member == "MessageSystemAttributeNames" || member == "MessageSystemAttributes";
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    CAIRN_CO_TRY(auto question, co_await ask(on_, call, find(call.operation.name)->about));
    call.record.resources = question.asked.resources;
    call.staged = std::make_unique<Asked>(std::move(question.asked));
    co_return std::move(question.asks);
  }

  Task<Answer> run(Call& call) override {
    auto asked = static_cast<const Asked&>(*call.staged);
    call.record.resources = asked.resources;
    const auto& entry = *find(call.operation.name);
    const bool needs_queue = entry.about != About::new_queue && entry.about != About::queues;
    if (needs_queue && !asked.queue) {
      co_return fault::no_such_queue();
    }
    co_return co_await entry.run(on_, call, std::move(asked));
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_sqs(Dependencies dependencies) {
  return std::make_unique<Sqs>(dependencies);
}

}  // namespace cairn::services::sqs
