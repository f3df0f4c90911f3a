// What the configuration says of the followers, as they take it.
#pragma once

#include "delivery/delivery.h"
#include "node/config.h"

namespace cairn::node {

inline delivery::Options delivery_of(const Config& config) {
  delivery::Options options;
  options.interval = config.delivery.interval;
  options.digest_interval = config.delivery.digest_interval;
  options.file_bytes_max = config.delivery.file_bytes_max;
  options.spool_bytes_max = config.delivery.spool_bytes_max;
  return options;
}

}  // namespace cairn::node
