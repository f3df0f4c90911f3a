// What an operator can see of a file journal, at /_cairn/metrics.
#pragma once

#include "base/metrics.h"

namespace cairn::journal {

struct Measures {
  explicit Measures(Metrics& metrics);

  Counter appended_entries;
  Counter appended_bytes;
  Counter syncs;
  Counter failures;
  Histogram group_entries;
  Histogram sync_seconds;
  Gauge pending_bytes;
  Gauge files;
  Gauge first_position;
  Gauge end_position;
};

}  // namespace cairn::journal
