// Tested by receive_test.cc.
#include "services/sqs/waiting.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cairn::services::sqs {
namespace {

std::uint64_t next_waiter() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

// Touched on the waiting task's loop only.
struct Waiting::State {
  explicit State(const async::Executor& executor) : timer(executor) {}

  boost::asio::steady_timer timer;
  bool woken = false;
};

Waiting::Waiting(std::shared_ptr<queues::Mailbox> mailbox, async::Executor executor)
    : mailbox_(std::move(mailbox)),
      state_(std::make_shared<State>(executor)),
      number_(next_waiter()),
      on_(mailbox_->wait(number_, [state = state_, executor] {
        boost::asio::post(executor, [state] {
          state->woken = true;
          state->timer.cancel();
        });
      })) {}

Waiting::~Waiting() {
  mailbox_->stop_waiting(number_);
}

Task<void> Waiting::wait(Millis patience) {
  if (!state_->woken) {
    state_->timer.expires_after(patience);
    co_await state_->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

}  // namespace cairn::services::sqs
