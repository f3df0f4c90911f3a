#include "catalog/outbox_bell.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <mutex>

namespace cairn::catalog {

using Timer = boost::asio::steady_timer;

struct OutboxBell::State {
  struct Waiter {
    std::uint64_t after;
    std::shared_ptr<Timer> timer;
  };

  // REQUIRES: the mutex is held.
  bool has_row(std::uint64_t after) const { return last > std::max(after, gone); }

  std::mutex mutex;
  std::uint64_t last = 0;
  std::uint64_t gone = 0;
  std::list<Waiter> waiters;
};

namespace {

// A waiter's place in the list, for as long as its coroutine's frame lives.
class Place {
 public:
  Place(OutboxBell::State& state, std::uint64_t after, const std::shared_ptr<Timer>& timer) : state_(state) {
    const std::lock_guard lock(state_.mutex);
    must_wait_ = !state_.has_row(after);
    at_ = state_.waiters.insert(state_.waiters.end(), {after, timer});
  }
  ~Place() {
    const std::lock_guard lock(state_.mutex);
    state_.waiters.erase(at_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool must_wait() const { return must_wait_; }

 private:
  OutboxBell::State& state_;
  std::list<OutboxBell::State::Waiter>::iterator at_;
  bool must_wait_ = false;
};

// A timer belongs to its loop, so it is moved to the past there; that also ends a wait which begins only
// then.
void wake(const std::shared_ptr<Timer>& timer) {
  boost::asio::post(timer->get_executor(), [timer] { timer->expires_at(Timer::time_point::min()); });
}

Task<void> wait_for_row(std::shared_ptr<OutboxBell::State> state, std::uint64_t after, Millis patience) {
  const auto timer = std::make_shared<Timer>(co_await boost::asio::this_coro::executor, patience);
  const Place place(*state, after, timer);
  if (place.must_wait()) {
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

}  // namespace

OutboxBell::OutboxBell() : state_(std::make_shared<State>()) {}

void OutboxBell::appended(std::uint64_t last) {
  const std::lock_guard lock(state_->mutex);
  state_->last = std::max(state_->last, last);
  for (const auto& waiter : state_->waiters) {
    if (state_->has_row(waiter.after)) {
      wake(waiter.timer);
    }
  }
}

void OutboxBell::deleted(std::uint64_t through) {
  const std::lock_guard lock(state_->mutex);
  state_->gone = std::max(state_->gone, std::min(through, state_->last));
}

Task<void> OutboxBell::wait(std::uint64_t after, Millis patience) const {
  return wait_for_row(state_, after, patience);
}

}  // namespace cairn::catalog
