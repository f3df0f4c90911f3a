// Loops: the threads that run tasks. Each loop is one thread, so what lives on one loop needs no lock;
// objects shared between loops say in their header that they are thread-safe.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "async/task.h"
#include "base/time.h"

namespace cairn::async {

using Executor = boost::asio::any_io_executor;

class Loops {
 public:
  explicit Loops(std::size_t count);
  ~Loops();  // stop() and join
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  std::size_t size() const { return loops_.size(); }
  boost::asio::io_context& at(std::size_t index);
  // The loops in turn. Thread-safe.
  boost::asio::io_context& next();

  // Ends every loop after the handler it runs now; tasks that wait are destroyed with the loops.
  void stop();

 private:
  struct Loop;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<std::size_t> turn_{0};
};

// Starts a task on a loop and lets it go. An exception that leaves it is logged: tasks handle their own
// errors.
void spawn(Executor executor, Task<void> task);

// Runs a task on a loop and blocks this thread until it is done. REQUIRES: not called on a loop's own thread.
template <class T>
T run(Executor executor, Task<T> task);

// Suspends for a while.
Task<void> sleep(Millis duration);

}  // namespace cairn::async

#include "async/run_impl.h"
