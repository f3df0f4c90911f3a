// Spawn: a program started beside threads (posix_spawn), set apart from this one. Inside worker/ only.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cairn::worker {

// Which of our descriptors is which of the child's; 0, 1 and 2 that are not named lead nowhere, standard
// error to ours. Those above the last one named are closed.
struct Wire {
  int ours = -1;
  int theirs = -1;
};

// A process group of its own, no signal blocked or ignored, the few variables that a child may know and
// `more`. Errc::unavailable and others: it cannot be started (a program that cannot be executed shows here,
// too).
Result<pid_t> spawn(std::string_view what, const std::vector<std::string>& command,
                    std::span<const Wire> wires);

// How it ended, in words: "killed by signal 9", "exited with 1".
std::string in_words(int status);

}  // namespace cairn::worker
