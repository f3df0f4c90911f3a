// Proved by conformance/test_soak_load.py, whose memory must be flat.
#include "node/allocator.h"

#include <malloc.h>

#include <algorithm>
#include <thread>

namespace cairn::node {

namespace {

constexpr unsigned kArenasACore = 2;
constexpr unsigned kArenasMin = 4;

}  // namespace

void limit_arenas() {
  const auto arenas = std::max(kArenasMin, kArenasACore * std::thread::hardware_concurrency());
  ::mallopt(M_ARENA_MAX, static_cast<int>(arenas));
}

void Trimmer::run() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ >= kEvery) {
    last_ = now;
    ::malloc_trim(0);
  }
}

}  // namespace cairn::node
