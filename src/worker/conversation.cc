// Tested by worker_test.cc.
#include "worker/conversation.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/log.h"

namespace cairn::worker {
namespace {

constexpr std::size_t kReadBytes = 64U << 10;
constexpr Millis kPollMax{1'000};

int poll_millis(Moment until) {
  const auto left = std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp(left, Millis{0}, kPollMax).count());
}

}  // namespace

Conversation::Conversation(Watch watch, ChildProcess child) : watch_(watch), child_(std::move(child)) {}

Conversation::~Conversation() {
  child_.end();
  watch_.measures.resident_bytes.set(0);
}

Result<std::unique_ptr<Conversation>> Conversation::begin(Watch watch, Moment deadline) {
  auto child = ChildProcess::start(watch.options.command);
  if (!child) {
    watch.measures.failed_starts.add();
    return Error{Errc::unavailable, child.error().what, child.error().subject};
  }
  watch.measures.starts.add();
  std::unique_ptr<Conversation> made(new Conversation(watch, std::move(*child)));
  CAIRN_TRY(const auto first, made->exchange({}, deadline));
  if (first.kind != FrameKind::ready) {
    return made->give_up(Errc::unavailable, watch.measures.nonsense, "it did not begin by being ready");
  }
  log::debug("a worker is ready", {{"pid", made->child_.pid()}});
  return made;
}

Result<std::string> Conversation::ask(std::string_view job, Moment deadline) {
  job_ = job_ == std::numeric_limits<JobNumber>::max() ? JobNumber{1} : static_cast<JobNumber>(job_ + 1);
  CAIRN_TRY(const auto bytes, encode(FrameKind::job, job_, job));
  CAIRN_TRY(auto frame, exchange(bytes, deadline));
  if (frame.number != job_ || frame.kind == FrameKind::ready || frame.kind == FrameKind::job ||
      !received_.is_empty()) {
    return give_up(Errc::unavailable, watch_.measures.nonsense, "it answered more than it was asked");
  }
  answered_ = true;
  if (frame.kind == FrameKind::failure) {
    return parse_failure(frame.text);
  }
  return std::move(frame.text);
}

bool Conversation::is_well() {
  pollfd channel{child_.channel(), POLLIN, 0};
  if (::poll(&channel, 1, 0) == 0) {
    return true;
  }
  give_up(Errc::unavailable, watch_.measures.died, "it ended, or spoke unasked, while it had nothing to do");
  return false;
}

// Sends everything, and waits for one frame.
Result<Frame> Conversation::exchange(std::string_view unsent, Moment deadline) {
  while (true) {
    CAIRN_TRY_VOID(wait(!unsent.empty(), deadline));
    CAIRN_TRY(unsent, send(unsent));
    CAIRN_TRY_VOID(receive());
    auto taken = received_.take();
    if (!taken) {
      return give_up(Errc::unavailable, watch_.measures.nonsense, taken.error().what);
    }
    if (*taken && !unsent.empty()) {
      return give_up(Errc::unavailable, watch_.measures.nonsense, "it answered before it was asked");
    }
    if (*taken) {
      return std::move(**taken);
    }
  }
}

// Until the channel can be used; looks at everything else on the way.
Result<void> Conversation::wait(bool to_send, Moment deadline) {
  const auto events = static_cast<short>(to_send ? POLLIN | POLLOUT : POLLIN);
  while (true) {
    std::array<pollfd, 2> watched{{{child_.channel(), events, 0}, {watch_.stop, POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), poll_millis(std::min(deadline, next_look_)));
    if (ready > 0 && watched[1].revents != 0) {
      over_ = true;
      return Error{Errc::cancelled, "the worker is being closed"};
    }
    CAIRN_TRY_VOID(check_memory());
    if (std::chrono::steady_clock::now() >= deadline) {
      // Of a job: it was too much. Before any: it does not come up.
      return give_up(job_ > 0 ? Errc::limit : Errc::unavailable, watch_.measures.hung, "it passed the deadline");
    }
    if (ready > 0) {
      return {};
    }
  }
}

Result<void> Conversation::check_memory() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) {
    return {};
  }
  next_look_ = now + watch_.options.watch_every;
  const auto resident = child_.resident_bytes();
  watch_.measures.resident_bytes.set(static_cast<double>(resident));
  if (resident > watch_.options.memory_bytes_max) {
    return give_up(Errc::limit, watch_.measures.too_large,
                   fmt::format("it took {} bytes of memory, the limit is {}", resident,
                               watch_.options.memory_bytes_max));
  }
  return {};
}

Result<std::string_view> Conversation::send(std::string_view unsent) {
  if (unsent.empty()) {
    return unsent;
  }
  const auto sent = ::send(child_.channel(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    return died();
  }
  unsent.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  return unsent;
}

Result<void> Conversation::receive() {
  std::array<char, kReadBytes> piece;
  const auto got = ::recv(child_.channel(), piece.data(), piece.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    return died();
  }
  received_.feed({piece.data(), got < 0 ? 0 : static_cast<std::size_t>(got)});
  return {};
}

Error Conversation::died() {
  return give_up(Errc::unavailable, watch_.measures.died, "it died");
}

// Ends the child, says so once, and makes the job's error of it.
Error Conversation::give_up(Errc code, Counter& reason, std::string_view what) {
  over_ = true;
  reason.add();
  const auto pid = child_.pid();
  const auto how = child_.end();
  log::warn("gave up a worker", {{"pid", pid}, {"reason", what}, {"ended", how}});
  return Error{code, fmt::format("have a worker do a job: {}", what), how};
}

}  // namespace cairn::worker
