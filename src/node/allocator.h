// The C library's allocator in a server that runs for months: what was freed goes back to the system. Without
// it each thread's arena keeps its high-water mark, with holes in it, and memory creeps up for hours.
#pragma once

#include <chrono>

#include "base/time.h"

namespace cairn::node {

// Once, before there are threads: a few arenas a core, not eight.
void limit_arenas();

// Gives back what is free, if that was long ago. Takes some milliseconds then, in which other threads may wait
// for an arena. One thread.
class Trimmer {
 public:
  static constexpr Millis kEvery{30'000};

  void run();

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace cairn::node
