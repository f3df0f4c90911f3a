// What an operator can see of the worker process, at /_cairn/metrics.
#pragma once

#include "base/metrics.h"

namespace cairn::worker {

struct Measures {
  explicit Measures(Metrics& metrics)
      : starts(metrics.counter("cairn_worker_starts_total", "Worker processes started")),
        died(deaths(metrics, "died")),
        hung(deaths(metrics, "deadline")),
        too_large(deaths(metrics, "memory")),
        nonsense(deaths(metrics, "nonsense")),
        failed_starts(deaths(metrics, "start")),
        answered(jobs(metrics, "answered")),
        failed(jobs(metrics, "failed")),
        job_seconds(metrics.histogram("cairn_worker_job_seconds", "Time a job took, from its start",
                                      {0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120})),
        resident_bytes(metrics.gauge("cairn_worker_resident_bytes",
                                     "Memory of the worker process, as last seen; 0: there is none")) {}

  Counter starts;
  Counter died;
  Counter hung;
  Counter too_large;
  Counter nonsense;
  Counter failed_starts;
  Counter answered;
  Counter failed;
  Histogram job_seconds;
  Gauge resident_bytes;

 private:
  static Counter deaths(Metrics& metrics, std::string_view reason) {
    return metrics.counter("cairn_worker_deaths_total", "Worker processes that did not end well, by reason",
                           {{"reason", reason}});
  }
  static Counter jobs(Metrics& metrics, std::string_view outcome) {
    return metrics.counter("cairn_worker_jobs_total", "Jobs, by outcome", {{"outcome", outcome}});
  }
};

}  // namespace cairn::worker
