#include "async/loops.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace cairn::async {

struct Loops::Loop {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread;
};

Loops::Loops(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<Loop>());
    auto* loop = loops_.back().get();
    loop->thread = std::thread([loop] { loop->context.run(); });
  }
}

Loops::~Loops() {
  stop();
  for (auto& loop : loops_) {
    loop->thread.join();
  }
}

boost::asio::io_context& Loops::at(std::size_t index) {
  return loops_[index]->context;
}

boost::asio::io_context& Loops::next() {
  return at(turn_.fetch_add(1, std::memory_order_relaxed) % loops_.size());
}

void Loops::stop() {
  for (auto& loop : loops_) {
    loop->context.stop();
  }
}

void spawn(Executor executor, Task<void> task) {
  boost::asio::co_spawn(std::move(executor), std::move(task), [](std::exception_ptr failure) {
    if (!failure) {
      return;
    }
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error("task ended by an exception", {{"what", e.what()}});
    }
  });
}

Task<void> sleep(Millis duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace cairn::async
