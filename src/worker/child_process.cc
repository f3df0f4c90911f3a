// Tested by worker_test.cc.
#include "worker/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <span>
#include <string_view>

namespace cairn::worker {
namespace {

// What a child may know of our environment: where libraries lie, and how times are written.
constexpr std::array<std::string_view, 3> kPassedOn = {"LD_LIBRARY_PATH", "TZ", "LANG"};

// posix_spawn's two structures, which free themselves.
class Plan {
 public:
  Plan() {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
  }
  ~Plan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  // 0, or an error number.
  int give(int channel) {
    const std::array done = {
        posix_spawn_file_actions_adddup2(&files_, channel, kChannel),
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
        posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
        posix_spawn_file_actions_addclosefrom_np(&files_, kChannel + 1),
    };
    return first_error(done);
  }
  // No signal is blocked or ignored; a process group of its own, which a terminal's ^C does not reach.
  int set_apart() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    const std::array done = {
        posix_spawnattr_setsigmask(&attributes_, &none),
        posix_spawnattr_setsigdefault(&attributes_, &all),
        posix_spawnattr_setpgroup(&attributes_, 0),
        posix_spawnattr_setflags(&attributes_,
                                 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP),
    };
    return first_error(done);
  }
  int spawn(pid_t& pid, char* const* arguments, char* const* environment) const {
    return posix_spawn(&pid, arguments[0], &files_, &attributes_, arguments, environment);
  }

 private:
  static int first_error(std::span<const int> done) {
    for (const int error : done) {
      if (error != 0) {
        return error;
      }
    }
    return 0;
  }

  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> clean_environment() {
  std::vector<std::string> kept;
  for (const auto name : kPassedOn) {
    if (const char* const value = std::getenv(std::string(name).c_str())) {
      kept.push_back(fmt::format("{}={}", name, value));
    }
  }
  return kept;
}

// As the system call wants them. They point into `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

std::string in_words(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("killed by signal {}", WTERMSIG(status));
  }
  return fmt::format("exited with {}", WEXITSTATUS(status));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command) {
  CAIRN_CHECK(!command.empty());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error(errno, "make a channel to a worker");
  }
  File ours(ends[0]);
  const File theirs(ends[1]);
  auto texts = command;
  auto variables = clean_environment();
  Plan plan;
  pid_t pid = 0;
  int failed = plan.give(theirs.descriptor());
  failed = failed != 0 ? failed : plan.set_apart();
  failed = failed != 0 ? failed : plan.spawn(pid, pointers(texts).data(), pointers(variables).data());
  if (failed != 0) {
    return system_error(failed, "start a worker", command.front());
  }
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
