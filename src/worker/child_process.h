// ChildProcess: one child with a channel to it. It gets three descriptors that lead nowhere or to our
// standard error, the channel as descriptor 3, no other; a few variables of the environment; no signal of
// our terminal.
//
// Started by posix_spawn, so it may be done beside threads. The thread that starts a child must live as long
// as it: confine() (child.h) ties the child to that thread. Used by one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace cairn::worker {

inline constexpr int kChannel = 3;  // the child's end

class ChildProcess {
 public:
  // `command`: a path and arguments. Errc::unavailable and others: it cannot be started (a program that
  // cannot be executed shows here, too).
  static Result<ChildProcess> start(const std::vector<std::string>& command);
  ~ChildProcess() { end(); }
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), channel_(std::move(other.channel_)) {}
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Our end; reads and writes on it do not block.
  int channel() const { return channel_.descriptor(); }
  // Memory that it has now; 0 when that cannot be said.
  std::uint64_t resident_bytes() const;

  // Kills it if it is still there, and waits until it is gone. How it ended, in words: "killed by signal 9",
  // "exited with 1". Once; afterwards "ended before".
  std::string end();

 private:
  ChildProcess(pid_t pid, File channel) : pid_(pid), channel_(std::move(channel)) {}

  pid_t pid_;  // 0: gone
  File channel_;
};

}  // namespace cairn::worker
