#include "http/server_core.h"

#include <algorithm>

#include "base/time.h"

namespace cairn::http {
namespace {

constexpr std::array<std::string_view, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};

}  // namespace

ServerMetrics::ServerMetrics(Metrics& metrics)
    : connections_(metrics.gauge("cairn_http_connections", "open connections of the server")),
      seconds_(metrics.histogram(
          "cairn_http_request_seconds", "from a request's head to its answer's last byte",
          {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60})),
      received_(metrics.counter("cairn_http_received_bytes_total", "bytes read from clients")),
      sent_(metrics.counter("cairn_http_sent_bytes_total", "bytes written to clients")) {
  for (const auto name : kClasses) {
    answered_.push_back(
        metrics.counter("cairn_http_requests_total", "requests answered, by status", {{"status", name}}));
  }
  for (const auto name : kReasonNames) {
    refused_.push_back(metrics.counter("cairn_http_refused_total",
                                       "requests and connections refused, by reason", {{"reason", name}}));
  }
}

void ServerMetrics::answered(int status, double seconds) {
  answered_[static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1)].add();
  seconds_.observe(seconds);
}

void ServerMetrics::moved(std::uint64_t received, std::uint64_t sent) {
  received_.add(static_cast<double>(received));
  sent_.add(static_cast<double>(sent));
}

std::string_view LoopSide::date() {
  const auto now = system_clock().now();
  const auto second = now.time_since_epoch().count() / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

ServerCore::ServerCore(async::Loops& loops, ServerLimits l, Handler h, Metrics& m,
                       std::shared_ptr<const TlsIdentity> t, IsProxy p)
    : limits(l), handler(std::move(h)), tls(std::move(t)), is_proxy(std::move(p)), metrics(m) {
  m.limit("cairn_http_connections", static_cast<double>(l.connections_max));
  for (std::size_t i = 0; i < loops.size(); ++i) {
    sides.push_back(std::make_unique<LoopSide>(loops.at(i)));
  }
}

void ServerCore::enter(Role role) {
  count(role).fetch_add(1, std::memory_order_relaxed);
  if (role != Role::acceptor) {
    metrics.connected(1);
  }
}

void ServerCore::leave(Role role) {
  if (role != Role::acceptor) {
    metrics.connected(-1);
  }
  // Under the lock, so that the waiter cannot look between the count and the call.
  const std::lock_guard lock(mutex_);
  count(role).fetch_sub(1, std::memory_order_release);
  left_.notify_all();
}

bool ServerCore::wait_empty(Millis patience) {
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, patience, [this] {
    return std::ranges::all_of(inside_,
                               [](const auto& count) { return count.load(std::memory_order_acquire) == 0; });
  });
}

}  // namespace cairn::http
