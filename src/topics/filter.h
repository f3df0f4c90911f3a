// Filter policies: which messages a subscription wants. Their language is EventBridge's, over the message's
// attributes or over its body. Any thread; pure, but for what FilterCache keeps. Tested by filter_test.cc.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
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

// The same, with each topic's policies compiled once until its subscriptions change.
class FilterCache {
 public:
  static constexpr std::size_t kTopicsMax = 256;  // any more and others are compiled anew

  std::vector<const Subscription*> takers(const std::vector<Stored<Subscription>>& subscriptions,
                                          const Message& message);

 private:
  struct Compiled;
  using Versions = std::vector<std::pair<std::string, catalog::Version>>;  // subscriptions, by their ids

  std::mutex mutex_;
  std::map<std::string, std::pair<Versions, std::shared_ptr<const Compiled>>> topics_;  // by ARN; guarded
};

}  // namespace cairn::topics
