// Gate: "no new work, and tell me when the old is done". A server's sessions and a follower's uploads pass
// through one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "async/loops.h"

namespace cairn::async {

// Thread-safe. Destroying a gate with work inside is a programmer's error.
class Gate {
 public:
  ~Gate();

  // Runs the task on the executor and counts it until it ends. False, and the task is dropped, once the gate
  // is closed.
  bool spawn(Executor executor, Task<void> task);
  void close();
  // Blocks until nothing is inside, or the patience runs out: false then. REQUIRES: not called on a loop's
  // thread.
  bool wait_empty(Millis patience);
  std::size_t inside() const;

 private:
  Task<void> counted(Task<void> task);
  void leave();

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace cairn::async
