// What permission a call takes, and which queue it is about. Inside services/sqs only.
#pragma once

#include <vector>

#include "services/sqs/operations.h"

namespace cairn::services::sqs {

enum class About {
  own_queue,      // QueueUrl: of the caller's account alone, whatever a policy says
  any_queue,      // QueueUrl: of another account, too, where its policy allows
  queue_by_name,  // GetQueueUrl
  new_queue,      // CreateQueue
  queues,         // ListQueues
};

struct Question {
  std::vector<access::Ask> asks{};
  Asked asked{};
};

// QueueDoesNotExist where another account's queue is not there; whether one's own is, hears who may ask.
Task<Found<Question>> ask(const Dependencies& on, const Call& call, About about);

}  // namespace cairn::services::sqs
