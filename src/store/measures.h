// The store's metrics. Internal to store/.
#pragma once

#include <chrono>

#include "base/metrics.h"
#include "store/store.h"

namespace cairn::store {

struct Measures {
  Measures(Metrics& metrics, const std::string& store)
      : head_rows(
            metrics.gauge("cairn_store_head_rows", "rows that are in no segment yet", {{"store", store}})),
        head_bytes(metrics.gauge("cairn_store_head_bytes", "memory of the rows that are in no segment yet",
                                 {{"store", store}})),
        aside(metrics.gauge("cairn_store_rows_aside", "rows that no job could seal, kept in the catalog",
                            {{"store", store}})),
        segments(metrics.gauge("cairn_store_segments", "sealed segments", {{"store", store}})),
        segments_unreadable(metrics.gauge("cairn_history_segments_unreadable",
                                          "segments whose files are missing or of another size: lookups that "
                                          "need them fail",
                                          {{"store", store}})),
        segment_rows(
            metrics.gauge("cairn_store_segment_rows", "rows in sealed segments", {{"store", store}})),
        segment_bytes(metrics.gauge("cairn_store_segment_bytes", "size of the segments' Parquet files",
                                    {{"store", store}})),
        postings_bytes(metrics.gauge("cairn_store_postings_bytes", "size of the segments' postings files",
                                     {{"store", store}})),
        dropped_old(dropped(metrics, store, "retention")),
        dropped_damaged(dropped(metrics, store, "damaged")),
        dropped_repeats(dropped(metrics, store, "repeat")),
        seal_failures(metrics.counter("cairn_store_seal_failures", "seals that failed and are tried again",
                                      {{"store", store}})),
        merge_failures(metrics.counter("cairn_store_merge_failures", "merges that failed and are tried again",
                                       {{"store", store}})),
        seal_seconds(metrics.histogram("cairn_store_seal_seconds", "time from a seal's start to its commit",
                                       kSeconds, {{"store", store}})),
        merge_seconds(metrics.histogram("cairn_store_merge_seconds",
                                        "time from a merge's start to its commit", kSeconds,
                                        {{"store", store}})),
        cache_bytes(metrics.gauge("cairn_store_cache_bytes", "memory of what lookups keep of segments' files",
                                  {{"store", store}})),
        lookup_segments(metrics.histogram("cairn_store_lookup_segments", "segments that a lookup searched",
                                          {0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023}, {{"store", store}})),
        lookup_seconds(metrics.histogram("cairn_store_lookup_seconds",
                                         "time of a lookup's work, without waiting for its turn", kSeconds,
                                         {{"store", store}})) {}

  Gauge head_rows;
  Gauge head_bytes;
  Gauge aside;
  Gauge segments;
  Gauge segments_unreadable;
  Gauge segment_rows;
  Gauge segment_bytes;
  Gauge postings_bytes;
  Counter dropped_old;
  Counter dropped_damaged;
  Counter dropped_repeats;
  Counter seal_failures;
  Counter merge_failures;
  Histogram seal_seconds;
  Histogram merge_seconds;
  Gauge cache_bytes;
  Histogram lookup_segments;
  Histogram lookup_seconds;

 private:
  static Counter dropped(Metrics& metrics, const std::string& store, std::string_view reason) {
    return metrics.counter("cairn_store_dropped_rows",
                           "rows left out: past the retention, no valid UTF-8, or repeats of an event",
                           {{"store", store}, {"reason", reason}});
  }

  static inline const std::vector<double> kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                   0.1,    0.25,  0.5,    1,     2.5,  5};
};

// Observes the time until it goes out of scope.
class Stopwatch {
 public:
  explicit Stopwatch(Histogram& histogram) : histogram_(histogram) {}
  ~Stopwatch() {
    histogram_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Histogram& histogram_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace cairn::store
