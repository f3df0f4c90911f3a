// Tested by program_test.cc.
#include "worker/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>

#include "base/file.h"
#include "worker/spawn.h"

namespace cairn::worker {
namespace {

constexpr int kLookEveryMillis = 20;       // at the child, and whether we end
constexpr std::size_t kLastReadsMax = 64;  // of what it left in the pipe
constexpr std::size_t kPieceBytes = 4096;

// A file that nobody else sees, from which the child reads.
Result<File> input_file(std::string_view text) {
  File file(::memfd_create("input", MFD_CLOEXEC));
  if (!file.is_open()) {
    return system_error(errno, "make a program's input");
  }
  for (auto left = text; !left.empty();) {
    const auto written = ::write(file.descriptor(), left.data(), left.size());
    if (written < 0 && errno != EINTR) {
      return system_error(errno, "write a program's input");
    }
    left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  if (::lseek(file.descriptor(), 0, SEEK_SET) != 0) {
    return system_error(errno, "write a program's input");
  }
  return file;
}

// A child that is killed with its group, and waited for, when this goes.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  ~Running() { end(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // It is a zombie then: its number is still its own, and its group's.
  bool has_ended() const {
    siginfo_t seen{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &seen, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           seen.si_pid == pid_;
  }
  // Its status. Once.
  int end() {
    if (pid_ == 0) {
      return 0;
    }
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
};

// False: there is nothing to read now.
bool read_some(const File& from, std::size_t most, std::string& kept) {
  std::array<char, kPieceBytes> bytes;
  const auto read = ::read(from.descriptor(), bytes.data(), bytes.size());
  if (read <= 0) {
    return false;
  }
  kept.append(bytes.data(), std::min(static_cast<std::size_t>(read), most - kept.size()));
  return true;
}

void wait_for_output(const File& output) {
  pollfd on{.fd = output.descriptor(), .events = POLLIN, .revents = 0};
  const bool closed = ::poll(&on, 1, kLookEveryMillis) > 0 && (on.revents & POLLIN) == 0;
  if (closed) {  // nothing will come any more, but it runs on
    ::poll(nullptr, 0, kLookEveryMillis);
  }
}

}  // namespace

Result<ProgramEnd> run_program(const std::vector<std::string>& command, std::string_view input,
                               const ProgramLimits& limits, const std::atomic<bool>& stopping) {
  CAIRN_TRY(const auto in, input_file(input));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return system_error(errno, "make a program's output");
  }
  const File output(ends[0]);
  auto theirs = std::make_unique<File>(ends[1]);
  if (::fcntl(output.descriptor(), F_SETFL, O_NONBLOCK) != 0) {
    return system_error(errno, "make a program's output");
  }
  const std::array wires = {Wire{.ours = in.descriptor(), .theirs = STDIN_FILENO},
                            Wire{.ours = theirs->descriptor(), .theirs = STDOUT_FILENO},
                            Wire{.ours = theirs->descriptor(), .theirs = STDERR_FILENO}};
  const auto until = std::chrono::steady_clock::now() + limits.deadline;
  CAIRN_TRY(const auto pid, spawn("start a program", command, wires));
  Running child(pid);
  theirs.reset();
  ProgramEnd end;
  while (!child.has_ended()) {
    if (stopping || std::chrono::steady_clock::now() >= until) {
      end.how = stopping ? "ended with us" : "did not end in time";
      break;
    }
    if (!read_some(output, limits.output_bytes_max, end.output)) {
      wait_for_output(output);
    }
  }
  const int status = child.end();
  for (std::size_t i = 0; i < kLastReadsMax && read_some(output, limits.output_bytes_max, end.output); ++i) {
  }
  if (end.how.empty()) {
    end.how = in_words(status);
    end.well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return end;
}

}  // namespace cairn::worker
