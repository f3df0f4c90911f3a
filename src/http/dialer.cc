#include "http/dialer.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/loops.h"
#include "base/log.h"
#include "http/reach.h"

namespace cairn::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kRecordBytesMax = 16U << 10;

using Endpoints = std::vector<tcp::endpoint>;

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, ssl::context& context) : stream_(std::move(socket), context) {}

  ssl::stream<Socket>& stream() { return stream_; }
  Task<IoResult> read_some(asio::mutable_buffer into) override {
    return stream_.async_read_some(into, kAwaitTuple);
  }
  Task<IoResult> write_some(const Pieces& from) override {
    const auto size = asio::buffer_size(from);
    if (size > kRecordBytesMax || size == from[0].size()) {
      return stream_.async_write_some(from, kAwaitTuple);
    }
    // A record takes one buffer: small messages are put together, so that they go out as one.
    joined_.resize(size);
    asio::buffer_copy(asio::buffer(joined_), from);
    return stream_.async_write_some(asio::buffer(std::as_const(joined_)), kAwaitTuple);
  }
  Socket& socket() override { return stream_.next_layer(); }
  bool is_plain() const override { return false; }

 private:
  ssl::stream<Socket> stream_;
  std::string joined_;
};

Error unreachable(const Origin& origin, std::string_view step, std::string_view why) {
  return Error{Errc::unavailable, std::string(step) + ": " + std::string(why), origin.key};
}

// The system's resolver cannot be interrupted, so the wait for it is what ends.
struct Lookup {
  explicit Lookup(const async::Executor& executor) : resolver(executor), timer(executor) {}
  tcp::resolver resolver;
  asio::steady_timer timer;
  Endpoints endpoints;
  error_code error = asio::error::timed_out;
};

void start(const std::shared_ptr<Lookup>& lookup, const Origin& origin) {
  lookup->resolver.async_resolve(origin.host, origin.port, [lookup](error_code error, const auto& results) {
    lookup->error = error;
    for (const auto& result : results) {
      lookup->endpoints.push_back(result.endpoint());
    }
    lookup->timer.cancel();
  });
}

Task<Result<Endpoints>> look_up(const Origin& origin, Instant until) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(origin.host, not_an_address);
  if (!not_an_address) {
    Endpoints one{tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(origin.port)))};
    co_return one;
  }
  const async::Executor executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  start(lookup, origin);
  lookup->timer.expires_at(until);
  co_await lookup->timer.async_wait(kAwaitTuple);
  if (lookup->error || lookup->endpoints.empty()) {
    lookup->resolver.cancel();
    co_return unreachable(origin, "look up host", lookup->error.message());
  }
  co_return std::move(lookup->endpoints);
}

// Whatever name led there.
bool is_link_local(const tcp::endpoint& endpoint) {
  constexpr unsigned char kFirst = 169;
  constexpr unsigned char kSecond = 254;
  const auto address = endpoint.address();
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    return address.to_v6().is_link_local();
  }
  const auto bytes =
      (address.is_v4() ? address.to_v4() : asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()))
          .to_bytes();
  return bytes[0] == kFirst && bytes[1] == kSecond;
}

Task<Result<Socket>> connect(const Origin& origin, Endpoints endpoints, Instant until) {
  const async::Executor executor = co_await asio::this_coro::executor;
  auto failure = unreachable(origin, "connect", "no address");
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // An address that does not answer leaves time for the others.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (until - now) / static_cast<std::int64_t>(endpoints.size() - i);
    Socket socket(executor);
    Deadline deadline(socket);
    deadline.arm(now + share);
    const auto [error] = co_await socket.async_connect(endpoints[i], kAwaitTuple);
    deadline.disarm();
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      co_return std::move(socket);
    }
    failure = unreachable(origin, "connect", deadline.fired() ? "timed out" : error.message());
  }
  co_return failure;
}

}  // namespace

struct Dialer::Tls {
  Tls() {
    error_code error;
    context.set_default_verify_paths(error);
    if (error) {
      log::warn("cannot read the system's certificates", {{"error", error.message()}});
    }
    context.set_verify_mode(ssl::verify_peer);
    ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  }
  ssl::context context{ssl::context::tls_client};
};

Dialer::Dialer(Millis patience, bool link_local, bool public_only)
    : patience_(patience),
      link_local_(link_local),
      public_only_(public_only),
      tls_(std::make_unique<Tls>()) {}
Dialer::~Dialer() = default;

Task<Result<std::unique_ptr<Wire>>> Dialer::dial(const Origin& origin) {
  const auto until = instant_after(patience_);
  CAIRN_CO_TRY(auto endpoints, co_await look_up(origin, until));
  if (!link_local_ && std::ranges::any_of(endpoints, is_link_local)) {
    co_return unreachable(origin, "connect", "an address of this link alone");
  }
  const auto is_closed = [](const tcp::endpoint& endpoint) { return !is_public(endpoint.address()); };
  if (public_only_ && std::ranges::any_of(endpoints, is_closed)) {
    co_return Error{Errc::denied, "connect: not a public address", origin.key};
  }
  CAIRN_CO_TRY(auto socket, co_await connect(origin, std::move(endpoints), until));
  if (!origin.tls) {
    co_return std::make_unique<Wire>(plain_transport(std::move(socket)));
  }
  CAIRN_CO_TRY(auto transport, co_await secure(std::move(socket), origin, until));
  co_return std::make_unique<Wire>(std::move(transport));
}

Task<Result<std::unique_ptr<Transport>>> Dialer::secure(Socket socket, const Origin& origin, Instant until) {
  auto transport = std::make_unique<TlsTransport>(std::move(socket), tls_->context);
  auto& stream = transport->stream();
  error_code not_an_address;
  asio::ip::make_address(origin.host, not_an_address);
  if (not_an_address) {
    ::SSL_set_tlsext_host_name(stream.native_handle(), origin.host.c_str());
  }
  stream.set_verify_callback(ssl::host_name_verification(origin.host));
  Deadline deadline(transport->socket());
  deadline.arm(until);
  const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, kAwaitTuple);
  deadline.disarm();
  if (error) {
    co_return unreachable(origin, "TLS handshake", deadline.fired() ? "timed out" : error.message());
  }
  co_return std::unique_ptr<Transport>(std::move(transport));
}

}  // namespace cairn::http
