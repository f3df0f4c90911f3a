// Tested by worker_test.cc.
#include "worker/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/check.h"
#include "worker/spawn.h"

namespace cairn::worker {

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command) {
  CAIRN_CHECK(!command.empty());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error(errno, "make a channel to a worker");
  }
  File ours(ends[0]);
  const File theirs(ends[1]);
  const std::array wires = {Wire{.ours = theirs.descriptor(), .theirs = kChannel}};
  CAIRN_TRY(const auto pid, spawn("start a worker", command, wires));
  ChildProcess child(pid, std::move(ours));
  if (::fcntl(child.channel(), F_SETFL, O_NONBLOCK) != 0) {
    return system_error(errno, "set up a worker's channel");
  }
  return child;
}

std::uint64_t ChildProcess::resident_bytes() const {
  // "size resident shared …" in pages.
  const File statm(::open(fmt::format("/proc/{}/statm", pid_).c_str(), O_RDONLY | O_CLOEXEC));
  char text[128] = {};
  if (!statm.is_open() || ::read(statm.descriptor(), text, sizeof text - 1) <= 0) {
    return 0;
  }
  char* resident = nullptr;
  std::strtoull(text, &resident, 10);
  return std::strtoull(resident, nullptr, 10) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string ChildProcess::end() {
  if (pid_ == 0) {
    return "ended before";
  }
  // It cannot be another process: the number is ours until it was waited for.
  ::kill(pid_, SIGKILL);
  int status = 0;
  pid_t waited = 0;
  do {
    waited = ::waitpid(pid_, &status, 0);
  } while (waited < 0 && errno == EINTR);
  pid_ = 0;
  return waited < 0 ? "gone" : in_words(status);
}

}  // namespace cairn::worker
