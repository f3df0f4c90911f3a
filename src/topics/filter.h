// Filter policies: which messages a subscription wants. Their language is EventBridge's, over the message's
// attributes or over its body. Pure; any thread. Tested by filter_test.cc.
#pragma once

#include <string_view>
#include <vector>

#include "topics/message.h"

namespace cairn::topics {

struct FilterLimits {
  static constexpr std::size_t keys_max = 5;  // names with values, as AWS's
  static constexpr std::size_t combinations_max =
      150;  // values of all names multiplied, each times its depth
};

// Errc::invalid: what is wrong, in AWS's words where it has them.
Result<void> check_filter(std::string_view policy, FilterScope scope);

// Which of them want the message, in their order. What was stored and cannot be read any more takes nothing.
std::vector<const Subscription*> takers(const std::vector<Stored<Subscription>>& subscriptions,
                                        const Message& message);

}  // namespace cairn::topics
