#include "http/client_pool.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cairn::http {
namespace {

// Which loop something belongs to.
const void* context_of(const async::Executor& executor) {
  return &boost::asio::query(executor, boost::asio::execution::context);
}

// Closed by the peer, or saying something nobody asked for. A TLS connection may well have bytes waiting
// (session tickets).
bool is_stale(Wire& wire) {
  char byte = 0;
  const auto count = ::recv(wire.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0) {
    return wire.transport().is_plain();
  }
  return count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

constexpr Millis kSweepEvery{1'000};

}  // namespace

Lease::Lease(std::shared_ptr<ClientPool> pool, std::string key, std::unique_ptr<Wire> wire)
    : pool_(std::move(pool)), key_(std::move(key)), wire_(std::move(wire)) {}

Lease::~Lease() {
  wire_.reset();
  keep();
}

void Lease::keep() {
  if (const auto pool = std::exchange(pool_, nullptr)) {
    pool->give_back(key_, std::move(wire_));
  }
}

// A waiter's place in the line. Leaves it however the wait ends, and passes on what was granted but not
// taken.
class ClientPool::InLine {
 public:
  InLine(std::shared_ptr<ClientPool> pool, std::string key, std::shared_ptr<Waiter> waiter)
      : pool_(std::move(pool)), key_(std::move(key)), waiter_(std::move(waiter)) {}
  InLine(const InLine&) = delete;
  InLine& operator=(const InLine&) = delete;
  ~InLine() {
    std::unique_lock lock(pool_->mutex_);
    if (waiter_->granted) {
      auto wire = std::move(waiter_->wire);
      lock.unlock();
      pool_->give_back(key_, std::move(wire));
    } else if (const auto host = pool_->hosts_.find(key_); host != pool_->hosts_.end()) {
      std::erase(host->second.waiters, waiter_);
      pool_->erase_if_unused(host);
    }
  }

  std::optional<Granted> taken() {
    const std::lock_guard lock(pool_->mutex_);
    if (!std::exchange(waiter_->granted, false)) {
      return std::nullopt;
    }
    return Granted{std::move(waiter_->wire)};
  }

 private:
  std::shared_ptr<ClientPool> pool_;
  std::string key_;
  std::shared_ptr<Waiter> waiter_;
};

Task<Result<Lease>> ClientPool::take(std::string key, bool fresh) {
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  std::shared_ptr<Waiter> waiter;
  {
    Wires doomed;  // closed once the lock is gone
    const std::lock_guard lock(mutex_);
    sweep(doomed);
    auto& host = hosts_[key];
    if (fresh) {
      drop_kept(host, doomed);
    }
    if (auto granted = try_take(host, context_of(executor), doomed)) {
      co_return Lease(shared_from_this(), std::move(key), std::move(granted->wire));
    }
    if (host.waiters.size() >= limits_.waiting_per_host_max) {
      co_return Error{Errc::limit, "too many calls wait for a connection", key};
    }
    waiter = host.waiters.emplace_back(std::make_shared<Waiter>(executor));
  }
  InLine place(shared_from_this(), key, waiter);
  constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
  waiter->timer.expires_after(limits_.connect);
  co_await waiter->timer.async_wait(kTuple);
  auto granted = place.taken();
  if (!granted) {
    co_return Error{Errc::unavailable, "no connection became free in time", key};
  }
  co_return Lease(shared_from_this(), std::move(key), std::move(granted->wire));
}

std::optional<ClientPool::Granted> ClientPool::try_take(Host& host, const void* context, Wires& doomed) {
  for (auto kept = host.kept.rbegin(); kept != host.kept.rend(); ++kept) {
    if (context_of(kept->wire->socket().get_executor()) == context) {
      Granted granted{std::move(kept->wire)};
      host.kept.erase(std::next(kept).base());
      --kept_;
      if (is_stale(*granted.wire)) {
        doomed.push_back(std::move(granted.wire));
      }
      return granted;
    }
  }
  if (host.open < limits_.connections_per_host_max) {
    ++host.open;
    return Granted{};
  }
  if (!host.kept.empty()) {
    doomed.push_back(std::move(host.kept.front().wire));
    host.kept.pop_front();
    --kept_;
    return Granted{};
  }
  return std::nullopt;
}

void ClientPool::give_back(const std::string& key, std::unique_ptr<Wire> wire) {
  Wires doomed;
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(key);
  CAIRN_CHECK(found != hosts_.end() && found->second.open > 0);
  auto& host = found->second;
  if (!host.waiters.empty()) {
    const auto waiter = std::move(host.waiters.front());
    host.waiters.pop_front();
    waiter->granted = true;
    if (wire && context_of(wire->socket().get_executor()) == context_of(waiter->executor)) {
      waiter->wire = std::move(wire);
    }
    boost::asio::post(waiter->executor, [waiter] { waiter->timer.cancel(); });
  } else if (wire && kept_ < limits_.idle_max) {
    wire->shrink();
    host.kept.push_back(Kept{std::move(wire), instant_after(limits_.idle)});
    ++kept_;
  } else {
    --host.open;
    erase_if_unused(found);
  }
  doomed.push_back(std::move(wire));
  sweep(doomed);
}

void ClientPool::drop_kept(Host& host, Wires& doomed) {
  host.open -= host.kept.size();
  kept_ -= host.kept.size();
  for (auto& kept : host.kept) {
    doomed.push_back(std::move(kept.wire));
  }
  host.kept.clear();
}

void ClientPool::sweep(Wires& doomed) {
  const auto now = std::chrono::steady_clock::now();
  if (now - swept_ < kSweepEvery) {
    return;
  }
  swept_ = now;
  for (auto host = hosts_.begin(); host != hosts_.end();) {
    auto& kept = host->second.kept;
    while (!kept.empty() && kept.front().until <= now) {
      doomed.push_back(std::move(kept.front().wire));
      kept.pop_front();
      --kept_;
      --host->second.open;
    }
    erase_if_unused(host++);
  }
}

void ClientPool::erase_if_unused(Hosts::iterator host) {
  if (host->second.open == 0 && host->second.waiters.empty()) {
    hosts_.erase(host);
  }
}

}  // namespace cairn::http
