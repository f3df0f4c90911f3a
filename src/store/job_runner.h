// JobRunner: how the store has a job done. A port with adapters: in this process, on a thread of its own
// (here; tests and benchmarks), and a child process with limits (worker/).
#pragma once

#include <functional>
#include <memory>

#include "store/job.h"

namespace cairn::store {

class JobRunner {
 public:
  // What came of it. Errc::cancelled: the far end never had the job; Errc::unavailable: it died; else the code of
  // what it said.
  using Done = std::function<void(Result<JobResult>)>;

  // Waits until the last job's `done` has returned; a job that runs is given up (Errc::cancelled).
  virtual ~JobRunner() = default;

  // Returns at once. `done` is called exactly once, on a thread of the runner's, at the latest soon after the
  // job's deadline, whatever becomes of the job; it does not block and may start the next job. REQUIRES: no
  // other job runs: the one before has called its `done`. Called from any thread.
  virtual void start(Job job, Done done) = 0;
};

// Does jobs on a thread of this process: without a limit on memory but DuckDB's, and a deadline that is only
// looked at between rows.
std::unique_ptr<JobRunner> in_process_runner(JobPorts ports);

}  // namespace cairn::store
