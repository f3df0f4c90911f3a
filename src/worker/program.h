// A program of the operator's: run once, with a text on its standard input.
//
// It is a process group of its own, knows nothing of our environment but a few harmless variables, has no
// descriptor of ours, and is gone when this returns, with all that it started in its group. What it prints,
// on standard output or error, is kept up to a limit, and read on beyond it. Blocks. Thread-safe. Tested by
// program_test.cc.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cairn::worker {

struct ProgramLimits {
  Millis deadline{30'000};
  std::size_t output_bytes_max = 4096;
};

struct ProgramEnd {
  bool well = false;     // it exited with 0, in time
  std::string how{};     // "exited with 1", "killed by signal 9", "did not end in time", "ended with us"
  std::string output{};  // its beginning
};

// `stopping` turns true: it is killed within a moment. Errors: it cannot be started.
Result<ProgramEnd> run_program(const std::vector<std::string>& command, std::string_view input,
                               const ProgramLimits& limits, const std::atomic<bool>& stopping);

}  // namespace cairn::worker
