// The worker process's own side: what it does to itself first, and its loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::worker {

struct Confinement {
  std::uint64_t data_bytes_max = 0;  // RLIMIT_DATA: the heap, not what is mapped of files. 0: none
  int nice = 5;
};

// Ties this process to the thread that started it (it is killed when that one ends), steps behind others for
// the processor, can gain no privileges, leaves no core. REQUIRES: before it starts a thread.
Result<void> confine(const Confinement& confinement);

// Says it is ready, then does one job after the other. Returns when the parent closes the channel or ends:
// the exit status (0; 1: the channel failed or held something else). What `work` throws fails that job alone.
int serve_jobs(int channel, const std::function<Result<std::string>(std::string_view job)>& work);

}  // namespace cairn::worker
