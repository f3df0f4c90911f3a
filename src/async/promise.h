// Promise<T>: one value handed from any thread to one waiting task. How a coroutine waits for a thread (the
// journal's writer, the catalog's committer, a pool).
//
//   auto promise = std::make_shared<Promise<Result<Position>>>();
//   queue.push({bytes, promise});                    // the thread calls promise->set(…) once
//   auto position = co_await promise->wait();        // resumes on the awaiting task's own loop
//
// A thread that answers many at once does it by a PromiseBatch: one wake for each loop, not one for each
// task.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/task.h"

namespace cairn::async {

template <class T>
class PromiseBatch;

// Thread-safe. set() exactly once; wait() at most once.
template <class T>
class Promise {
 public:
  void set(T value) {
    if (auto waiter = put_or_take(value)) {
      waiter->resume(std::move(value));
    }
  }

  Task<T> wait() {
    const auto initiate = [this](auto handler) { this->park(std::move(handler)); };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
        initiate, boost::asio::use_awaitable);
  }

 private:
  friend class PromiseBatch<T>;

  struct Waiter {
    virtual ~Waiter() = default;
    virtual boost::asio::any_io_executor executor() const = 0;
    virtual void resume(T value) = 0;
    virtual void resume_here(T value) = 0;  // REQUIRES: on the executor, and called once
  };
  template <class Handler>
  struct HandlerWaiter final : Waiter {
    explicit HandlerWaiter(Handler h)
        : handler(std::move(h)), work(boost::asio::get_associated_executor(handler)) {}
    boost::asio::any_io_executor executor() const override { return work; }
    void resume(T value) override {
      boost::asio::post(
          work, [h = std::move(handler), v = std::move(value)]() mutable { std::move(h)(std::move(v)); });
    }
    void resume_here(T value) override { std::move(handler)(std::move(value)); }
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

  // Who waits; nobody yet: the value is kept for who comes.
  std::unique_ptr<Waiter> put_or_take(T& value) {
    const std::lock_guard lock(mutex_);
    if (!waiter_) {
      value_.emplace(std::move(value));
    }
    return std::move(waiter_);
  }

  std::mutex mutex_;
  std::optional<T> value_;
  std::unique_ptr<Waiter> waiter_;
};

// Values for many promises, given when send() is called or the batch goes. One thread's.
template <class T>
class PromiseBatch {
 public:
  PromiseBatch() = default;
  ~PromiseBatch() { send(); }
  PromiseBatch(const PromiseBatch&) = delete;
  PromiseBatch& operator=(const PromiseBatch&) = delete;

  void set(Promise<T>& promise, T value) {
    if (auto waiter = promise.put_or_take(value)) {
      on(waiter->executor()).tasks.push_back({std::move(waiter), std::move(value)});
    }
  }

  void send() {
    for (auto& loop : std::exchange(loops_, {})) {
      boost::asio::post(loop.executor, [tasks = std::move(loop.tasks)]() mutable {
        for (auto& task : tasks) {
          std::exchange(task.waiter, nullptr)->resume_here(std::move(task.value));
        }
      });
    }
  }

 private:
  struct Resumption {
    std::unique_ptr<typename Promise<T>::Waiter> waiter;
    T value;
  };
  struct Loop {
    boost::asio::any_io_executor executor;
    std::vector<Resumption> tasks;
  };

  Loop& on(const boost::asio::any_io_executor& executor) {
    for (auto& loop : loops_) {
      if (loop.executor == executor) {
        return loop;
      }
    }
    return loops_.emplace_back(executor);
  }

  std::vector<Loop> loops_;  // few: as many as there are loops
};

}  // namespace cairn::async
