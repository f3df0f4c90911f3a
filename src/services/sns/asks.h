// What permission a call takes, and which topic it is about. Inside services/sns only.
#pragma once

#include <vector>

#include "services/sns/operations.h"

namespace cairn::services::sns {

enum class About {
  nothing,       // "*"
  new_topic,     // CreateTopic: by its name
  topic,         // TopicArn
  target,        // Publish: TopicArn, or TargetArn
  resource,      // ResourceArn
  subscription,  // SubscriptionArn
  token,         // ConfirmSubscription: whoever has the token
};

struct Question {
  std::vector<access::Ask> asks{};
  Asked asked{};
};

// NotFound and the like, where what is named is not there. Another account's topic that is not there is
// refused like one that is not for the caller.
Task<Found<Question>> ask(const Dependencies& on, Call& call, About about);

}  // namespace cairn::services::sns
