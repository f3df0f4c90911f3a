// Queues come, are found, and go. Tested by sqs_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "json/json.h"
#include "services/sqs/operations.h"
#include "services/sqs/tags.h"

namespace cairn::services::sqs {
namespace {

constexpr std::chrono::seconds kPurgeEvery{60};

// A queue that is there already is answered if nothing that was asked for is another.
Found<Outcome> again(const Dependencies& on, const Call& call, const queues::Queue& there,
                     const queues::Queue& wanted) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  for (const auto& [name, value] : attributes != nullptr ? *attributes : json::object()) {
    if (attribute_of(there, name) != attribute_of(wanted, name)) {
      return fault::queue_exists(name);
    }
  }
  Outcome outcome;
  outcome.output["QueueUrl"] = url_of(on, call, there);
  return outcome;
}

Task<Found<void>> check_count(const Dependencies& on, const Call& call) {
  CAIRN_CO_TRY(const auto there, co_await queues_of(on, call.account, call.region));
  if (there.size() >= Limits::queues_max) {
    co_return fault::limit(
        fmt::format("The account has {} queues in this Region already.", Limits::queues_max));
  }
  co_return Found<void>();
}

}  // namespace

Task<Answer> create_queue(const Dependencies& on, Call& call, Asked asked) {
  queues::Queue queue{.id = crypto::uuid4(),
                      .account = call.account,
                      .region = call.region,
                      .name = text(call, "QueueName"),
                      .created = call.time,
                      .modified = call.time};
  CAIRN_CO_TRY_VOID(co_await apply_attributes(on, call, queue));
  CAIRN_CO_TRY(queue.tags, tags_in(call, "tags"));
  const bool there = asked.queue && !asked.queue->value.gone;
  if (there) {
    co_return again(on, call, asked.queue->value, queue);
  }
  CAIRN_CO_TRY_VOID(co_await check_count(on, call));
  auto outcome = changed({.value = queue, .version = asked.queue ? asked.queue->version : 0});
  outcome.output["QueueUrl"] = url_of(on, call, queue);
  co_return outcome;
}

// The name may be taken again at once: the new queue has an id of its own.
Task<Answer> delete_queue(const Dependencies& on, Call& call, Asked asked) {
  auto& queue = *asked.queue;
  queue.value.gone = true;
  queue.value.modified = call.time;
  auto outcome = changed(queue);
  outcome.effects.writes.push_back(queues::put_gone(queue.value));
  outcome.after_commit = [&mailboxes = on.mailboxes,
                          id = queue.value.id](const Result<catalog::Committed>& committed) {
    if (committed) {
      mailboxes.forget(id);
    }
  };
  co_return outcome;
}

Task<Answer> get_queue_url(const Dependencies& on, Call& call, Asked asked) {
  Outcome outcome;
  outcome.output["QueueUrl"] = url_of(on, call, asked.queue->value);
  co_return outcome;
}

Task<Answer> list_queues(const Dependencies& on, Call& call, Asked /*asked*/) {
  Listing listing{.member = "QueueUrls"};
  CAIRN_CO_TRY(listing.queues, co_await queues_of(on, call.account, call.region));
  const auto prefix = text(call, "QueueNamePrefix");
  std::erase_if(listing.queues, [&](const queues::Queue& queue) { return !queue.name.starts_with(prefix); });
  co_return page_of(on, call, listing);
}

Task<Answer> list_dead_letter_source_queues(const Dependencies& on, Call& call, Asked asked) {
  const auto& target = asked.queue->value;
  Listing listing{.member = "queueUrls"};
  CAIRN_CO_TRY(listing.queues, co_await queues_of(on, target.account, target.region));
  std::erase_if(listing.queues,
                [&](const queues::Queue& queue) { return queue.settings.dead_letters != target.arn(); });
  co_return page_of(on, call, listing);
}

// What was sent before it is gone with this commit; what is sent meanwhile conflicts, and comes after it.
Task<Answer> purge_queue(const Dependencies& on, Call& call, Asked asked) {
  auto& queue = *asked.queue;
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue.value));
  const auto now = mailbox->now();
  const auto before = now - queue.value.purged_at;
  if (before >= Millis{0} && before < kPurgeEvery) {
    co_return fault::purge_in_progress(queue.value.name);
  }
  queue.value.purged = mailbox->next_number();
  queue.value.purged_at = now;
  auto outcome = changed(queue);
  outcome.after_commit = [mailbox, number = queue.value.purged](const Result<catalog::Committed>& committed) {
    if (committed) {
      mailbox->purge(number);
    }
  };
  co_return outcome;
}

}  // namespace cairn::services::sqs
