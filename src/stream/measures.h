// The stream's metrics. Handles are cheap and thread-safe.
#pragma once

#include <string_view>

#include "base/metrics.h"
#include "journal/journal.h"

namespace cairn::stream {

struct ReaderMeasures {
  ReaderMeasures(Metrics& metrics, journal::Partition partition);

  Counter errors;      // reads that failed
  Gauge failing;       // 1 while the ring's reader cannot go on
  Counter unreadable;  // records left out, each time that one is read
  Counter unmatched;   // records that could not be matched with patterns, likewise
};

struct FollowerMeasures {
  FollowerMeasures(Metrics& metrics, std::string_view follower, journal::Partition partition);

  Gauge position;  // the next entry that the follower takes
  Gauge lag;       // entries in the journal that it has not taken
};

Counter follower_errors(Metrics& metrics, std::string_view follower);
Gauge ring_bytes(Metrics& metrics);

}  // namespace cairn::stream
