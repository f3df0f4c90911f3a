#include "async/gate.h"

#include "base/check.h"
#include "base/log.h"

namespace cairn::async {

Gate::~Gate() {
  CAIRN_CHECK(inside() == 0);
}

bool Gate::spawn(Executor executor, Task<void> task) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return false;
    }
    ++inside_;
  }
  async::spawn(std::move(executor), counted(std::move(task)));
  return true;
}

void Gate::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool Gate::wait_empty(Millis patience) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, patience, [this] { return inside_ == 0; });
}

std::size_t Gate::inside() const {
  const std::lock_guard lock(mutex_);
  return inside_;
}

Task<void> Gate::counted(Task<void> task) {
  // Also leaves when the loop is destroyed with the task still waiting.
  const struct Leave {
    Gate& gate;
    ~Leave() { gate.leave(); }
  } leave{*this};
  co_await std::move(task);
}

void Gate::leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
  if (inside_ == 0) {
    empty_.notify_all();
  }
}

}  // namespace cairn::async
