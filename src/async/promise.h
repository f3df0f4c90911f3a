// Promise<T>: one value handed from any thread to one waiting task. How a coroutine waits for a thread (the
// journal's writer, the catalog's committer, a pool).
//
//   auto promise = std::make_shared<Promise<Result<Position>>>();
//   queue.push({bytes, promise});                    // the thread calls promise->set(…) once
//   auto position = co_await promise->wait();        // resumes on the awaiting task's own loop
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "async/task.h"

namespace cairn::async {

// Thread-safe. set() exactly once; wait() at most once.
template <class T>
class Promise {
 public:
  void set(T value) {
    std::unique_ptr<Waiter> waiter;
    {
      const std::lock_guard lock(mutex_);
      if (!waiter_) {
        value_.emplace(std::move(value));
        return;
      }
      waiter = std::move(waiter_);
    }
    waiter->resume(std::move(value));
  }

  Task<T> wait() {
    const auto initiate = [this](auto handler) { this->park(std::move(handler)); };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
        initiate, boost::asio::use_awaitable);
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void resume(T value) = 0;
  };
  template <class Handler>
  struct HandlerWaiter final : Waiter {
    explicit HandlerWaiter(Handler h)
        : handler(std::move(h)), work(boost::asio::get_associated_executor(handler)) {}
    void resume(T value) override {
      auto executor = boost::asio::get_associated_executor(handler);
      boost::asio::post(
          executor, [h = std::move(handler), v = std::move(value)]() mutable { std::move(h)(std::move(v)); });
    }
    Handler handler;
    boost::asio::any_io_executor work;
  };

  template <class Handler>
  void park(Handler handler) {
    auto waiter = std::make_unique<HandlerWaiter<Handler>>(std::move(handler));
    std::unique_lock lock(mutex_);
    if (!value_) {
      waiter_ = std::move(waiter);
      return;
    }
    auto value = std::move(*value_);
    lock.unlock();
    waiter->resume(std::move(value));
  }

  std::mutex mutex_;
  std::optional<T> value_;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace cairn::async
