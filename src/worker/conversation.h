// Conversation: one child from its start to its end, as the worker's thread sees it: send a job, wait for the
// answer, and watch clock, memory and whoever wants it to stop meanwhile. Internal to worker/.
//
// After any of its own failures the child is gone. A failure of the job (a `failure` frame) is none of those.
#pragma once

#include <chrono>

#include "worker/child_process.h"
#include "worker/frame.h"
#include "worker/measures.h"
#include "worker/worker.h"

namespace cairn::worker {

using Moment = std::chrono::steady_clock::time_point;

class Conversation {
 public:
  struct Watch {
    const Options& options;
    Measures& measures;
    int stop;  // a descriptor: readable once everything shall end
  };

  // Starts a child and waits until it is ready.
  static Result<std::unique_ptr<Conversation>> begin(Watch watch, Moment deadline);
  ~Conversation();

  // What the job came to. If is_over() afterwards, it was the child that failed.
  Result<std::string> ask(std::string_view job, Moment deadline);

  // Between two jobs: it is there, and silent. False: it is gone now.
  bool is_well();
  bool is_over() const { return over_; }
  bool has_answered() const { return answered_; }

 private:
  Conversation(Watch watch, ChildProcess child);

  Result<Frame> exchange(std::string_view unsent, Moment deadline);
  Result<void> wait(bool to_send, Moment deadline);
  Result<void> check_memory();
  Result<std::string_view> send(std::string_view unsent);
  Result<void> receive();
  Error give_up(Errc code, Counter& reason, std::string_view what);
  Error died();

  Watch watch_;
  ChildProcess child_;
  FrameBuffer received_;
  Moment next_look_{};
  JobNumber job_ = 0;  // the last one asked; 0: none yet
  bool over_ = false;
  bool answered_ = false;
};

}  // namespace cairn::worker
