// Pool: threads for work that blocks (file reads and writes, compression), so that loops never do.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <type_traits>

#include "async/promise.h"

namespace cairn::async {

class Pool {
 public:
  explicit Pool(std::size_t threads) : pool_(threads) {}
  ~Pool() { pool_.join(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs work() on a thread of the pool and resumes the caller on its own loop with what it returned.
  // REQUIRES: work returns a value and does not throw; it outlives nothing it captured by reference across
  // the await.
  template <class F>
  Task<std::invoke_result_t<F&>> run(F work) {
    const auto promise = start(std::move(work));
    co_return co_await promise->wait();
  }

  // The same for who has something to do meanwhile, and waits for the promise later, or never.
  template <class F>
  std::shared_ptr<Promise<std::invoke_result_t<F&>>> start(F work) {
    auto promise = std::make_shared<Promise<std::invoke_result_t<F&>>>();
    boost::asio::post(pool_, [promise, work = std::move(work)]() mutable { promise->set(work()); });
    return promise;
  }

  // Runs work() on a thread of the pool and tells nobody: for what must go on when the task that wanted it is
  // gone.
  template <class F>
  void post(F work) {
    boost::asio::post(pool_, std::move(work));
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace cairn::async
