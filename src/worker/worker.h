// Worker: one child process that does jobs, one at a time, so that work which needs much memory or might
// crash cannot take this process along. A job is a text, its answer is a text.
//
// Whatever becomes of the child (it dies, hangs, answers nonsense, takes too much memory), the job that it
// had fails with an error, and the next one gets a new child. A child that dies before its first answer is
// followed by the next one only after a while. An idle child is ended.
//
// Thread-safe. A thread of its own starts the child, watches it and calls what jobs are followed by.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"

namespace cairn::worker {

struct Options {
  // A program and its arguments; it calls confine() and serve_jobs(kChannel, …). "/proc/self/exe" is this
  // one.
  std::vector<std::string> command;
  std::uint64_t memory_bytes_max = 384ULL << 20;  // resident; beyond it the child is killed
  Millis start_patience{20'000};                  // for the child to say that it is ready
  Millis idle_max{60'000};                        // without a job for so long, it is ended
  Millis watch_every{50};                         // its memory
  Millis restart_delay_min{100};                  // after a child that never answered; doubles each time
  Millis restart_delay_max{30'000};
  std::size_t waiting_max = 16;  // jobs; beyond them: Errc::limit
};

class Worker {
 public:
  // Errc::limit: too much memory, the job's deadline passed while it ran, or too many jobs wait;
  // Errc::cancelled: no child had the job, because none could be started in time or the worker is being closed;
  // Errc::unavailable: the child died or spoke nonsense; any other is what the job itself failed with.
  using Done = std::function<void(Result<std::string>)>;

  Worker(Options options, Metrics& metrics);
  // Ends the child; jobs that run or wait are done with Errc::cancelled first. REQUIRES: not called by a
  // Done.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Returns at once. `done` is called once, on the worker's thread (on this one if the job is refused), soon
  // after the deadline at the latest, which counts from now; if others are before it, then when they are
  // done. It does not block, and may call run().
  void run(std::string job, Millis deadline, Done done);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace cairn::worker
