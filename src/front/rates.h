// Rates: AWS's own request rates for CloudTrail (cloudtrail-reference 14.2), an account and Region each. Off
// unless limits.aws_rates is set: who tests against Cairn what AWS will throttle wants them, nobody else.
//
// A token bucket each: it holds one second's calls, or one where the rate is below one a second. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/time.h"

namespace cairn::front {

struct RateLimits {
  std::size_t buckets_max =
      100'000;  // beyond it the full ones, which say nothing, are forgotten; and if none is, all
};

class Rates {
 public:
  explicit Rates(RateLimits limits = {}) : limits_(limits) {}

  // May this call go on? `service` and `operation` are the model's names. Takes a token if so. What has no
  // rate always may.
  bool admit(std::string_view service, std::string_view operation, std::string_view account,
             std::string_view region, Time now);

  // In milliseconds between two calls of a steady caller, and how many come at once; nothing: no rate.
  struct Rate {
    Millis interval;
    int burst;
  };
  static std::optional<Rate> rate_of(std::string_view service, std::string_view operation);

 private:
  // When the bucket will be full again: the whole state of a token bucket.
  using Key = std::tuple<std::string, std::string, std::string>;  // account, region, operation

  void forget_full(Time now);

  const RateLimits limits_;
  std::mutex mutex_;
  std::map<Key, Time> full_at_;  // guarded
};

}  // namespace cairn::front
