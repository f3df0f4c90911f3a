// Queues: the documents of SQS's queues and messages.
//
//   sqs/queue/ACCOUNT/REGION/NAME     a queue: its id, settings, policy, tags. One that was deleted stays for
//   a while as
//                                     "gone", so that its versions go on
//   sqs/message/ID/NUMBER             a message's state: when it is seen again, how often it was received
//   sqs/content/ID/NUMBER/PART        its body and attributes; never written again
//   sqs/gone/ID                       a queue that was deleted: its messages are to be removed
//
// A queue's id is its own for ever; a queue made anew under an old name has another, so nobody sees old
// messages. Values; any thread. Errc::corrupt: not what was written. Tested by queues_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::queues {

struct Limits {
  static constexpr std::size_t name_chars_max = 80;
  static constexpr std::size_t tags_max = 50;
  static constexpr std::size_t policy_bytes_max = 20U << 10;
  static constexpr std::int64_t message_bytes_least = 1024;
  static constexpr std::int64_t message_bytes_max = 1 << 20;  // body and attributes, as AWS's
  static constexpr std::size_t trace_bytes_max = 512;         // AWSTraceHeader, which that does not count
  static constexpr std::size_t redrive_allow_bytes_max = 4U << 10;  // ten ARNs and their frame
  static constexpr std::int64_t visibility_seconds_max = 43'200;
  static constexpr std::int64_t delay_seconds_max = 900;
  static constexpr std::int64_t wait_seconds_max = 20;
  static constexpr std::int64_t retention_seconds_least = 60;
  static constexpr std::int64_t retention_seconds_max = 1'209'600;
  static constexpr std::int64_t receives_max = 1000;  // maxReceiveCount
};

using Tags = std::vector<std::pair<std::string, std::string>>;

// What SetQueueAttributes sets. Times are seconds.
struct Settings {
  std::int64_t visibility = 30;
  std::int64_t delay = 0;
  std::int64_t wait = 0;
  std::int64_t retention = 345'600;
  std::int64_t message_bytes = Limits::message_bytes_max;
  std::string policy{};
  std::string dead_letters{};      // the ARN of the queue for messages that were received too often
  std::int64_t receives_most = 0;  // and how often that is; 0: there is no such queue
  std::string dead_letters_of{};   // RedriveAllowPolicy as it was given
  bool sealed = true;              // SqsManagedSseEnabled: messages are sealed under the master key

  friend bool operator==(const Settings&, const Settings&) = default;
};

struct Queue {
  std::string id{};
  std::string account{};
  std::string region{};
  std::string name{};
  Time created{};
  Time modified{};
  Settings settings{};
  Tags tags{};
  std::string purged{};  // messages up to this number are gone
  Time purged_at{};
  bool gone = false;

  std::string arn() const;
  friend bool operator==(const Queue&, const Queue&) = default;
};

std::string queue_arn(std::string_view account, std::string_view region, std::string_view name);
inline constexpr std::string_view kQueuesPrefix = "sqs/queue/";
inline constexpr std::string_view kGonePrefix = "sqs/gone/";
std::string queue_prefix(std::string_view account, std::string_view region);
std::string queue_key(std::string_view account, std::string_view region, std::string_view name);
std::string gone_key(std::string_view id);

std::string encode(const Queue& queue);
Result<Queue> decode_queue(const catalog::Document& document);

struct StoredQueue {
  Queue value{};
  catalog::Version version = 0;
};
// None: there was never one. One that is gone is found: see Queue::gone.
Task<Result<std::optional<StoredQueue>>> load_queue(catalog::Catalog& catalog, std::string account,
                                                    std::string region, std::string name);
// Holds only if the document is still as it was read; version 0: if there is none.
catalog::Write put(const Queue& queue, catalog::Version expected);
// That its messages are to be removed.
catalog::Write put_gone(const Queue& queue);
catalog::Expectation unchanged(const StoredQueue& queue);

}  // namespace cairn::queues
