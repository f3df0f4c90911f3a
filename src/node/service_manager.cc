// Tested by service_manager_test.cc.
#include "node/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "base/log.h"

namespace cairn::node {
namespace {

constexpr int kAliveShare = 3;  // of systemd's patience: two may get lost

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

ServiceManager::ServiceManager() : socket_(variable("NOTIFY_SOCKET")) {
  const auto pid = variable("WATCHDOG_PID");
  if (pid.empty() || pid == std::to_string(::getpid())) {
    const auto micros = std::strtoull(variable("WATCHDOG_USEC").c_str(), nullptr, 10);
    alive_every_ = Millis{static_cast<std::int64_t>(micros / 1000 / kAliveShare)};
  }
}

void ServiceManager::reloading() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                   std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void ServiceManager::send(std::string_view text) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_name = socket_.starts_with('/') || socket_.starts_with('@');
  if (!is_name || socket_.size() >= sizeof address.sun_path) {
    return;
  }
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') {
    address.sun_path[0] = '\0';  // an abstract name
  }
  const File opened(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  if (!opened.is_open() ||
      ::sendto(opened.descriptor(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length) < 0) {
    log::warn("the service manager cannot be told", {{"text", text}, {"errno", errno}});
  }
}

}  // namespace cairn::node
