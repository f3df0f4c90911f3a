// The operations, and what they share. Inside services/sqs only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "queues/mailbox.h"
#include "queues/message.h"
#include "queues/queue.h"
#include "services/sqs/faults.h"
#include "services/sqs/sqs.h"

namespace cairn::services::sqs {

using front::Answer;
using front::Call;
using front::Outcome;

template <class T>
using Found = Result<T, aws::Fault>;

// What permission was asked for, as it was read then: the operation works on just that.
struct Asked final : front::Staged {
  std::optional<queues::StoredQueue>
      queue{};  // CreateQueue: of this name, gone ones too. Else: there, and not gone
  std::vector<event::Resource> resources{};
};

// REQUIRES: permission was asked for this call. But for create_queue and list_queues the queue is there.
Task<Answer> add_permission(const Dependencies& on, Call& call, Asked asked);
Task<Answer> change_message_visibility(const Dependencies& on, Call& call, Asked asked);
Task<Answer> change_message_visibility_batch(const Dependencies& on, Call& call, Asked asked);
Task<Answer> create_queue(const Dependencies& on, Call& call, Asked asked);
Task<Answer> delete_message(const Dependencies& on, Call& call, Asked asked);
Task<Answer> delete_message_batch(const Dependencies& on, Call& call, Asked asked);
Task<Answer> delete_queue(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_queue_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_queue_url(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_dead_letter_source_queues(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_queue_tags(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_queues(const Dependencies& on, Call& call, Asked asked);
Task<Answer> purge_queue(const Dependencies& on, Call& call, Asked asked);
Task<Answer> receive_message(const Dependencies& on, Call& call, Asked asked);
Task<Answer> remove_permission(const Dependencies& on, Call& call, Asked asked);
Task<Answer> send_message(const Dependencies& on, Call& call, Asked asked);
Task<Answer> send_message_batch(const Dependencies& on, Call& call, Asked asked);
Task<Answer> set_queue_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> tag_queue(const Dependencies& on, Call& call, Asked asked);
Task<Answer> untag_queue(const Dependencies& on, Call& call, Asked asked);

std::string text(const boost::json::object& from, std::string_view member);
inline std::string text(const Call& call, std::string_view member) {
  return text(call.input, member);
}

// "http://HOST/ACCOUNT/NAME", by the Host that the caller asked, or as the configuration has it.
std::string url_of(const Dependencies& on, const Call& call, const queues::Queue& queue);
// Account and name of a queue's URL. InvalidAddress.
struct Address {
  std::string account{};
  std::string name{};
};
// InvalidParameterValue; FIFO queues are refused by name.
Found<void> check_name(std::string_view name);
Found<Address> address_of(const Call& call, std::string_view url);

// The queue's new state, if it is still as it was read.
Outcome changed(const queues::StoredQueue& queue);
Task<Found<std::shared_ptr<queues::Mailbox>>> mailbox_of(const Dependencies& on, const queues::Queue& queue);
// Within [least, most], or what is usual where it is not there. InvalidParameterValue.
struct Range {
  std::int64_t usual = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;
};
Found<std::int64_t> number_in(const boost::json::object& from, std::string_view member, const Range& range);

// Attributes of the input into settings: InvalidAttributeName, InvalidAttributeValue; and that a queue for
// dead letters is there and takes them.
Task<Found<void>> apply_attributes(const Dependencies& on, const Call& call, queues::Queue& queue);
// A resource policy of SQS's actions, or empty: none. InvalidAttributeValue.
Found<void> apply_policy(std::string_view value, queues::Settings& settings);
// What a queue's attribute is; none: it has no such thing.
std::optional<std::string> attribute_of(const queues::Queue& queue, std::string_view name);

// A page of queues' URLs that begins where the token says.
struct Listing {
  std::string member{};                 // of the output
  std::vector<queues::Queue> queues{};  // by name
};
Found<Outcome> page_of(const Dependencies& on, const Call& call, const Listing& listing);
// All queues of an account in a Region, by name.
Task<Found<std::vector<queues::Queue>>> queues_of(const Dependencies& on, std::string account,
                                                  std::string region);

// A batch's entries: EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId,
// BatchEntryIdsNotDistinct.
Found<std::vector<const boost::json::object*>> entries_of(const Call& call);
boost::json::object failed(std::string_view id, const aws::Fault& fault);

}  // namespace cairn::services::sqs
