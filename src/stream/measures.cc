#include "stream/measures.h"

#include <string>

namespace cairn::stream {
namespace {

std::string number(journal::Partition partition) {
  return std::to_string(partition.raw());
}

}  // namespace

ReaderMeasures::ReaderMeasures(Metrics& metrics, journal::Partition partition)
    : errors(metrics.counter("cairn_stream_read_errors_total", "reads of the journal that failed",
                             {{"partition", number(partition)}})),
      failing(metrics.gauge("cairn_stream_reader_failing", "1 while the journal cannot be read on",
                            {{"partition", number(partition)}})),
      unreadable(metrics.counter("cairn_stream_unreadable_records_total",
                                 "records left out because they cannot be parsed",
                                 {{"partition", number(partition)}})),
      unmatched(metrics.counter("cairn_stream_unmatched_records_total",
                                "records that could not be matched with patterns",
                                {{"partition", number(partition)}})) {}

FollowerMeasures::FollowerMeasures(Metrics& metrics, std::string_view follower, journal::Partition partition)
    : position(metrics.gauge("cairn_stream_position", "the next entry that the follower takes",
                             {{"follower", follower}, {"partition", number(partition)}})),
      lag(metrics.gauge("cairn_stream_lag_entries", "entries that the follower has not taken yet",
                        {{"follower", follower}, {"partition", number(partition)}})) {}

Counter follower_errors(Metrics& metrics, std::string_view follower) {
  return metrics.counter("cairn_stream_follower_errors_total", "times that a follower failed",
                         {{"follower", follower}});
}

Gauge ring_bytes(Metrics& metrics) {
  return metrics.gauge("cairn_stream_ring_bytes", "memory of the recent batches that followers share");
}

}  // namespace cairn::stream
