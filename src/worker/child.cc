// Tested by worker_test.cc, with the child of worker_child_test.cc.
#include "worker/child.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/log.h"
#include "worker/frame.h"

namespace cairn::worker {
namespace {

constexpr int kFailed = 1;
constexpr std::size_t kReceiveBytes = 64U << 10;

Result<void> limit(int resource, std::uint64_t most, std::string_view name) {
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &both) != 0) {
    return system_error(errno, "limit a worker", name);
  }
  return {};
}

bool send_all(int channel, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(channel, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  return true;
}

// An answer that is too long for a frame is a failure.
bool send_frame(int channel, FrameKind kind, JobNumber number, std::string_view text) {
  auto bytes = encode(kind, number, text);
  if (!bytes) {
    bytes = encode(FrameKind::failure, number, failure_text(bytes.error()));
  }
  return send_all(channel, *bytes);
}

bool answer(int channel, JobNumber number, const Result<std::string>& result) {
  return result ? send_frame(channel, FrameKind::answer, number, *result)
                : send_frame(channel, FrameKind::failure, number, failure_text(result.error()));
}

Result<std::string> guarded(const std::function<Result<std::string>(std::string_view)>& work,
                            std::string_view job) {
  try {
    return work(job);
  } catch (const std::bad_alloc&) {
    return Error{Errc::limit, "do a job: out of memory"};
  } catch (const std::exception& e) {
    return Error{Errc::unavailable, "do a job", e.what()};
  }
}

}  // namespace

Result<void> confine(const Confinement& confinement) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return system_error(errno, "confine a worker");
  }
  ::prctl(PR_SET_NAME, "cairn-worker");
  CAIRN_TRY_VOID(limit(RLIMIT_CORE, 0, "core"));
  if (confinement.data_bytes_max > 0) {
    CAIRN_TRY_VOID(limit(RLIMIT_DATA, confinement.data_bytes_max, "data"));
  }
  // Good to have; where the system forbids it, the worker works all the same.
  const sched_param none{};
  errno = 0;
  if ((::nice(confinement.nice) == -1 && errno != 0) ||
      ::sched_setscheduler(0, SCHED_BATCH, &none) != 0) {
    log::debug("a worker runs with usual priority", {{"errno", errno}});
  }
  return {};
}

int serve_jobs(int channel, const std::function<Result<std::string>(std::string_view job)>& work) {
  if (!send_frame(channel, FrameKind::ready, 0, "")) {
    return kFailed;
  }
  FrameBuffer buffer;
  std::string piece(kReceiveBytes, '\0');
  while (true) {
    const auto got = ::recv(channel, piece.data(), piece.size(), 0);
    if (got == 0) {
      return 0;
    }
    if (got < 0 && errno != EINTR) {
      return kFailed;
    }
    buffer.feed(std::string_view(piece).substr(0, got < 0 ? 0 : static_cast<std::size_t>(got)));
    const auto frame = buffer.take();
    if (!frame || (*frame && (*frame)->kind != FrameKind::job)) {
      log::error("a worker was sent what is no job");
      return kFailed;
    }
    if (*frame && !answer(channel, (*frame)->number, guarded(work, (*frame)->text))) {
      return kFailed;
    }
  }
}

}  // namespace cairn::worker
