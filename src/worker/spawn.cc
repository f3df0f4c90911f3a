// Tested by worker_test.cc and program_test.cc.
#include "worker/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "base/file.h"

namespace cairn::worker {
namespace {

// What a child may know of our environment: where libraries lie, and how times are written.
constexpr std::array<std::string_view, 3> kPassedOn = {"LD_LIBRARY_PATH", "TZ", "LANG"};

// posix_spawn's two structures, which free themselves. Each step is 0, or an error number.
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

  int give(std::span<const Wire> wires) {
    int last = STDERR_FILENO;
    for (const auto& wire : wires) {
      if (const int error = posix_spawn_file_actions_adddup2(&files_, wire.ours, wire.theirs)) {
        return error;
      }
      last = std::max(last, wire.theirs);
    }
    for (const int nowhere : {STDIN_FILENO, STDOUT_FILENO}) {
      const bool wired = std::ranges::find(wires, nowhere, &Wire::theirs) != wires.end();
      const int mode = nowhere == STDIN_FILENO ? O_RDONLY : O_WRONLY;
      const int error = wired ? 0 : posix_spawn_file_actions_addopen(&files_, nowhere, "/dev/null", mode, 0);
      if (error != 0) {
        return error;
      }
    }
    return posix_spawn_file_actions_addclosefrom_np(&files_, last + 1);
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
    const auto* const bad = std::ranges::find_if(done, [](int error) { return error != 0; });
    return bad == done.end() ? 0 : *bad;
  }
  int start(pid_t& pid, char* const* arguments, char* const* environment) const {
    return posix_spawn(&pid, arguments[0], &files_, &attributes_, arguments, environment);
  }

 private:
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

}  // namespace

Result<pid_t> spawn(std::string_view what, const std::vector<std::string>& command,
                    std::span<const Wire> wires) {
  CAIRN_CHECK(!command.empty());
  auto texts = command;
  auto variables = clean_environment();
  Plan plan;
  pid_t pid = 0;
  int failed = plan.give(wires);
  failed = failed != 0 ? failed : plan.set_apart();
  failed = failed != 0 ? failed : plan.start(pid, pointers(texts).data(), pointers(variables).data());
  if (failed != 0) {
    return system_error(failed, what, command.front());
  }
  return pid;
}

std::string in_words(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("killed by signal {}", WTERMSIG(status));
  }
  return fmt::format("exited with {}", WEXITSTATUS(status));
}

}  // namespace cairn::worker
