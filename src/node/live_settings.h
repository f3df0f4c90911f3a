// What a reload changes at once (kAtOnce in reload.cc), as those see it who were given it.
#pragma once

#include "base/live.h"
#include "node/config.h"

namespace cairn::node {

struct LiveSettings {
  Live<Millis> retention = Millis{0};
  Live<bool> require_bucket_policy = true;
  Live<bool> trust_services = false;
  Live<std::uint64_t> trails_per_region = std::uint64_t{0};
  Live<bool> aws_rates = false;
  Live<std::uint64_t> failures_a_minute = std::uint64_t{0};

  void set(const Config& config) const {
    retention.set(config.history.retention);
    require_bucket_policy.set(config.trails.require_bucket_policy);
    trust_services.set(!config.trails.require_bucket_policy);
    trails_per_region.set(config.limits.trails_per_region);
    aws_rates.set(config.limits.aws_rates);
    failures_a_minute.set(config.limits.failures_a_minute);
  }
};

}  // namespace cairn::node
