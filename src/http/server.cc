// One acceptor hands sockets to the loops in turn; each session lives and dies on its loop.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "http/behind_proxies.h"
#include "http/http.h"
#include "http/proxied_transport.h"
#include "http/session.h"
#include "http/tls_transport.h"

namespace cairn::http {
namespace {

using Acceptor = boost::asio::ip::tcp::acceptor;
using Endpoint = boost::asio::ip::tcp::endpoint;
using boost::system::error_code;

// Connections beyond connections_max that are told so at the same time; what comes beyond them is closed
// without a word.
constexpr std::size_t kTurnedAwayMax = 256;
// After a failed accept (no file descriptors left, mostly).
constexpr Millis kAcceptPause{50};
// For sessions to see that their socket is closed, and for handlers to end.
constexpr Millis kCutPatience{1'000};
constexpr Millis kClosePatience{5'000};

boost::asio::ip::address plain_address(const boost::asio::ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
             : address;
}

std::optional<Peer> peer_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::nullopt
               : std::optional(Peer{plain_address(endpoint.address()).to_string(), endpoint.port()});
}

Task<void> serve(Place place, LoopSide& side, Socket socket, Role role) {
  auto peer = peer_of(socket);
  if (!peer) {
    co_return;  // gone already; a request that he left behind would be nobody's
  }
  error_code ignored;
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  const auto& tls = place.core()->tls;
  auto transport = tls ? tls_server_transport(std::move(socket), *tls) : plain_transport(std::move(socket));
  if (const auto& is_proxy = place.core()->is_proxy; is_proxy && is_proxy(peer->address)) {
    transport = proxied_transport(std::move(transport));
  }
  Session session(place, side, std::move(transport), *std::move(peer));
  if (role == Role::turned_away) {
    co_await session.turn_away();
  } else {
    co_await session.run();
  }
}

void admit(const std::shared_ptr<ServerCore>& core, LoopSide& side, Socket socket) {
  const bool full = core->inside(Role::session) >= core->limits.connections_max;
  if (full && core->inside(Role::turned_away) >= kTurnedAwayMax) {
    core->metrics.refused(Reason::connections);
    return;
  }
  const auto role = full ? Role::turned_away : Role::session;
  async::spawn(side.context.get_executor(), serve(Place(core, role), side, std::move(socket), role));
}

Task<void> accept_all(Place place, std::shared_ptr<Acceptor> acceptor) {
  const auto core = place.core();
  constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
  bool failing = false;
  for (std::size_t turn = 0; !core->draining; ++turn) {
    LoopSide& side = *core->sides[turn % core->sides.size()];
    const async::Executor executor = side.context.get_executor();
    auto [error, socket] = co_await acceptor->async_accept(executor, kTuple);
    if (!error) {
      failing = false;
      admit(core, side, std::move(socket));
    } else if (!core->draining) {
      if (!std::exchange(failing, true)) {
        log::warn("cannot accept connections", {{"error", error.message()}});
      }
      co_await async::sleep(kAcceptPause);
    }
  }
  // Whom the kernel has welcomed already is not left at the door.
  error_code error;
  acceptor->non_blocking(true, error);
  for (std::size_t turn = 0; !error; ++turn) {
    LoopSide& side = *core->sides[turn % core->sides.size()];
    Socket socket(side.context.get_executor());
    acceptor->accept(socket, error);
    if (!error) {
      admit(core, side, std::move(socket));
    }
  }
  acceptor->close(error);
}

class ServerImpl final : public Server {
 public:
  ServerImpl(std::shared_ptr<ServerCore> core, std::shared_ptr<Acceptor> acceptor, std::string address)
      : core_(std::move(core)), acceptor_(std::move(acceptor)), address_(std::move(address)) {
    async::spawn(acceptor_->get_executor(), accept_all(Place(core_, Role::acceptor), acceptor_));
  }

  ~ServerImpl() override {
    stop_accepting();
    on_each_session(&Session::cut);
    if (!core_->sides.front()->context.stopped() && !core_->wait_empty(kClosePatience)) {
      log::warn("handlers still run after the server is closed",
                {{"sessions", core_->inside(Role::session)}});
    }
  }

  std::string address() const override { return address_; }

  bool drain(Millis patience) override {
    stop_accepting();
    on_each_session(&Session::wake_if_idle);
    if (core_->wait_empty(patience)) {
      return true;
    }
    log::warn("requests cut off by the end of the drain", {{"sessions", core_->inside(Role::session)}});
    on_each_session(&Session::cut);
    return core_->wait_empty(kCutPatience);
  }

 private:
  void stop_accepting() {
    core_->draining = true;
    boost::asio::post(acceptor_->get_executor(), [acceptor = acceptor_] {
      error_code ignored;
      acceptor->cancel(ignored);
    });
  }

  void on_each_session(void (Session::*action)()) {
    for (const auto& side : core_->sides) {
      boost::asio::post(side->context, [core = core_, &side = *side, action] {
        for (auto* session = side.sessions; session != nullptr; session = session->next()) {
          (session->*action)();
        }
      });
    }
  }

  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<Acceptor> acceptor_;
  std::string address_;
};

Result<Endpoint> endpoint_of(boost::asio::io_context& context, const std::string& host_port) {
  const auto colon = host_port.rfind(':');
  if (colon == std::string::npos) {
    return Error{Errc::invalid, "listen: not host:port", host_port};
  }
  auto host = host_port.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  error_code error;
  boost::asio::ip::tcp::resolver resolver(context);
  const auto flags =
      boost::asio::ip::tcp::resolver::passive | boost::asio::ip::tcp::resolver::numeric_service;
  const auto found = resolver.resolve(host, host_port.substr(colon + 1), flags, error);
  if (error || found.empty()) {
    return Error{Errc::invalid, "listen: " + error.message(), host_port};
  }
  return found.begin()->endpoint();
}

Result<std::shared_ptr<Acceptor>> open_acceptor(boost::asio::io_context& context, const Endpoint& endpoint) {
  auto acceptor = std::make_shared<Acceptor>(context.get_executor());
  error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (!error) {
    acceptor->set_option(Acceptor::reuse_address(true), error);
  }
  if (!error && endpoint.address().is_v6()) {
    acceptor->set_option(boost::asio::ip::v6_only(false), error);
  }
  if (!error) {
    acceptor->bind(endpoint, error);
  }
  if (!error) {
    acceptor->listen(Acceptor::max_listen_connections, error);
  }
  if (error) {
    return Error{Errc::unavailable, "listen: " + error.message()};
  }
  return acceptor;
}

std::string text_of(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  const auto host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return host + ":" + std::to_string(endpoint.port());
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(async::Loops& loops, const std::string& host_port,
                                               ServerLimits limits, Handler handler, Metrics& metrics,
                                               std::shared_ptr<const TlsIdentity> tls) {
  return listen_behind_proxies(loops, host_port, limits, std::move(handler), metrics, std::move(tls),
                               nullptr);
}

Result<std::unique_ptr<Server>> listen_behind_proxies(async::Loops& loops, const std::string& host_port,
                                                      ServerLimits limits, Handler handler, Metrics& metrics,
                                                      std::shared_ptr<const TlsIdentity> tls,
                                                      IsProxy is_proxy) {
  CAIRN_CHECK(handler && loops.size() > 0);
  CAIRN_TRY(const auto endpoint, endpoint_of(loops.at(0), host_port));
  CAIRN_TRY(auto acceptor, open_acceptor(loops.at(0), endpoint).transform_error([&](Error error) {
    error.subject = host_port;
    return error;
  }));
  error_code ignored;
  auto address = text_of(acceptor->local_endpoint(ignored));
  auto core = std::make_shared<ServerCore>(loops, limits, std::move(handler), metrics, std::move(tls),
                                           std::move(is_proxy));
  return std::unique_ptr<Server>(
      std::make_unique<ServerImpl>(std::move(core), std::move(acceptor), std::move(address)));
}

}  // namespace cairn::http
