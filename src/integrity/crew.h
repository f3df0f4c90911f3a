// Many like tasks at once. Blocks; not for use on a loop's thread.
#pragma once

#include <atomic>
#include <functional>

#include "async/loops.h"

namespace cairn::integrity {

class Crew {
 public:
  Crew(async::Loops& loops, std::size_t at_once) : loops_(loops), at_once_(at_once) {}

  // Runs work(0) to work(count - 1), so many at once, spread over the loops.
  void each(std::size_t count, const std::function<Task<void>(std::size_t)>& work);

  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.next().get_executor()), std::move(task));
  }

 private:
  async::Loops& loops_;
  const std::size_t at_once_;
};

}  // namespace cairn::integrity
