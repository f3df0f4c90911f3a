// ClientPool: the connections a client keeps, by origin. At most so many of one origin are open; who finds
// none free waits in line.
//
// Thread-safe. A connection stays on the loop that opened it: a caller on another loop gets its place, not
// the connection.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "async/loops.h"
#include "http/http.h"
#include "http/wire.h"

namespace cairn::http {

class ClientPool;

// A place among an origin's connections, with the connection once there is one. Gives both up when it goes.
class Lease {
 public:
  Lease(std::shared_ptr<ClientPool> pool, std::string key, std::unique_ptr<Wire> wire);
  ~Lease();
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;

  bool connected() const { return wire_ != nullptr; }
  void attach(std::unique_ptr<Wire> wire) { wire_ = std::move(wire); }
  Wire& wire() const { return *wire_; }
  // The connection may carry another request: it goes back to the pool, now.
  void keep();

 private:
  std::shared_ptr<ClientPool> pool_;
  std::string key_;
  std::unique_ptr<Wire> wire_;
};

class ClientPool : public std::enable_shared_from_this<ClientPool> {
 public:
  explicit ClientPool(const ClientLimits& limits) : limits_(limits) {}

  // `fresh`: what is kept of that origin has gone stale and is dropped.
  // Errc::limit: too many wait; Errc::unavailable: none became free in time.
  Task<Result<Lease>> take(std::string key, bool fresh);

 private:
  friend class Lease;
  using Wires = std::vector<std::unique_ptr<Wire>>;
  struct Kept {
    std::unique_ptr<Wire> wire;
    Instant until;
  };
  struct Waiter {
    explicit Waiter(const async::Executor& e) : executor(e), timer(e) {}
    async::Executor executor;
    boost::asio::steady_timer timer;  // touched on the waiter's loop only
    bool granted = false;             // these two under the pool's lock
    std::unique_ptr<Wire> wire;
  };
  struct Host {
    std::size_t open = 0;  // leases and kept connections
    std::deque<Kept> kept;
    std::deque<std::shared_ptr<Waiter>> waiters;
  };
  using Hosts = std::map<std::string, Host, std::less<>>;
  struct Granted {
    std::unique_ptr<Wire> wire;
  };
  class InLine;

  std::optional<Granted> try_take(Host& host, const void* context, Wires& doomed);
  void give_back(const std::string& key, std::unique_ptr<Wire> wire);
  void drop_kept(Host& host, Wires& doomed);
  void sweep(Wires& doomed);
  void erase_if_unused(Hosts::iterator host);

  const ClientLimits limits_;
  std::mutex mutex_;
  Hosts hosts_;
  std::size_t kept_ = 0;
  Instant swept_{};
};

}  // namespace cairn::http
