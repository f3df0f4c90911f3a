#include "node/signals.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.h"

namespace cairn::node {

struct Signals::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;  // guarded, as what follows
  bool stop = false;
  bool reload = false;
};

Signals::Signals() : state_(std::make_shared<State>()) {
  sigset_t set{};
  sigemptyset(&set);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, one);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread([set, state = state_] { watch(set, *state); }).detach();
}

Signals::Asked Signals::wait(Millis patience) {
  std::unique_lock lock(state_->mutex);
  state_->started = true;
  state_->changed.wait_for(lock, patience, [this] { return state_->stop || state_->reload; });
  if (state_->stop) {
    return Asked::stop;
  }
  return std::exchange(state_->reload, false) ? Asked::reload : Asked::nothing;
}

void Signals::watch(const sigset_t& set, State& state) {
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) {
      continue;
    }
    const std::lock_guard lock(state.mutex);
    if (signal == SIGHUP) {
      state.reload = true;
      state.changed.notify_all();
      continue;
    }
    if (!state.started || state.stop) {
      log::warn(state.started ? "asked to stop again, ending at once" : "asked to stop while starting",
                {{"signal", signal}});
      std::_Exit(state.started ? 1 : 0);
    }
    log::info("asked to stop", {{"signal", signal}});
    state.stop = true;
    state.changed.notify_all();
  }
}

}  // namespace cairn::node
