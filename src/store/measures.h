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
        segments(metrics.gauge("cairn_store_segments", "sealed segments", {{"store", store}})),
        segment_rows(
            metrics.gauge("cairn_store_segment_rows", "rows in sealed segments", {{"store", store}})),
        segment_bytes(
            metrics.gauge("cairn_store_segment_bytes", "size of the sealed segments", {{"store", store}})),
        dropped_old(metrics.counter("cairn_store_dropped_rows", kDroppedHelp,
                                    {{"store", store}, {"reason", "retention"}})),
        dropped_damaged(metrics.counter("cairn_store_dropped_rows", kDroppedHelp,
                                        {{"store", store}, {"reason", "damaged"}})),
        seal_failures(metrics.counter("cairn_store_seal_failures", "seals that failed and are tried again",
                                      {{"store", store}})),
        seal_seconds(
            metrics.histogram("cairn_store_seal_seconds", "time of a seal", kSeconds, {{"store", store}})),
        lookup_segments(metrics.histogram("cairn_store_lookup_segments", "segments that a lookup searched",
                                          {0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023}, {{"store", store}})),
        lookup_head_seconds(lookup(metrics, store, "head")),
        lookup_segments_seconds(lookup(metrics, store, "segments")),
        lookup_rows_seconds(lookup(metrics, store, "rows")) {}

  static Histogram lookup(Metrics& metrics, const std::string& store, std::string_view source) {
    return metrics.histogram(
        "cairn_store_lookup_seconds",
        "time of a lookup's step: searching the head, searching a group of segments, reading the page's rows",
        kSeconds, {{"store", store}, {"source", source}});
  }

  Gauge head_rows;
  Gauge segments;
  Gauge segment_rows;
  Gauge segment_bytes;
  Counter dropped_old;
  Counter dropped_damaged;
  Counter seal_failures;
  Histogram seal_seconds;
  Histogram lookup_segments;
  Histogram lookup_head_seconds;
  Histogram lookup_segments_seconds;
  Histogram lookup_rows_seconds;

 private:
  static constexpr std::string_view kDroppedHelp = "rows left out: past the retention, or no valid UTF-8";
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
