// What a server's sessions share: the handler, the limits, the counters, and for each loop the list of its
// sessions.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "http/behind_proxies.h"
#include "http/http.h"
#include "http/refusal.h"

namespace cairn::http {

class Session;

// Handles are copied once; a request touches counters, never the registry. Thread-safe.
class ServerMetrics {
 public:
  explicit ServerMetrics(Metrics& metrics);

  void answered(int status, double seconds);
  void refused(Reason reason) { refused_[static_cast<std::size_t>(reason)].add(); }
  void moved(std::uint64_t received, std::uint64_t sent);
  void connected(int change) { connections_.add(change); }

 private:
  Gauge connections_;
  Histogram seconds_;
  Counter received_;
  Counter sent_;
  std::vector<Counter> answered_;  // by status class
  std::vector<Counter> refused_;   // by reason
};

// One loop's part. Touched on that loop only.
class LoopSide {
 public:
  explicit LoopSide(boost::asio::io_context& c) : context(c) {}

  // Now, as the Date header has it; made once a second.
  std::string_view date();

  boost::asio::io_context& context;
  Session* sessions = nullptr;  // a list through the sessions

 private:
  std::string date_;
  std::int64_t date_second_ = -1;
};

enum class Role : std::uint8_t { acceptor, session, turned_away };

struct ServerCore {
  ServerCore(async::Loops& loops, ServerLimits l, Handler h, Metrics& m, std::shared_ptr<const TlsIdentity> t,
             IsProxy p);

  const ServerLimits limits;
  const Handler handler;
  const std::shared_ptr<const TlsIdentity> tls;  // none: plain
  const IsProxy is_proxy;                        // none: nobody is
  ServerMetrics metrics;
  std::vector<std::unique_ptr<LoopSide>> sides;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> handshakes{0};  // under way

  void enter(Role role);
  void leave(Role role);
  std::size_t inside(Role role) const { return count(role).load(std::memory_order_relaxed); }
  // Blocks until nothing is inside. False if the patience ran out first.
  bool wait_empty(Millis patience);

 private:
  std::atomic<std::size_t>& count(Role role) { return inside_[static_cast<std::size_t>(role)]; }
  const std::atomic<std::size_t>& count(Role role) const { return inside_[static_cast<std::size_t>(role)]; }

  std::array<std::atomic<std::size_t>, 3> inside_{};
  std::mutex mutex_;
  std::condition_variable left_;
};

// A coroutine's place in the server, from its start to its end, however it ends.
class Place {
 public:
  Place(std::shared_ptr<ServerCore> core, Role role) : core_(std::move(core)), role_(role) {
    core_->enter(role_);
  }
  ~Place() {
    if (core_) {
      core_->leave(role_);
    }
  }
  Place(Place&&) = default;
  Place& operator=(Place&&) = delete;
  const std::shared_ptr<ServerCore>& core() const { return core_; }

 private:
  std::shared_ptr<ServerCore> core_;
  Role role_;
};

}  // namespace cairn::http
