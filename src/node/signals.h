// The signals that a server is asked by: SIGTERM and SIGINT to stop, SIGHUP to read its configuration again.
//
// They are blocked in every thread (so make it before any other), so that none is lost. Who asks to stop
// while Cairn starts, or asks again while it stops, does not want to wait: what is acknowledged survives kill
// -9, so it survives the end at once.
#pragma once

#include <signal.h>

#include <memory>

#include "base/time.h"

namespace cairn::node {

class Signals {
 public:
  enum class Asked { nothing, reload, stop };

  Signals();
  // Waits so long for one. From the first call on, a signal to stop only makes this return.
  Asked wait(Millis patience);

 private:
  struct State;
  static void watch(const sigset_t& set, State& state);

  std::shared_ptr<State> state_;
};

}  // namespace cairn::node
