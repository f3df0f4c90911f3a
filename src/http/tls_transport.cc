// TLS over a socket, the server's side: OpenSSL reads and writes the socket itself, so that an idle
// connection holds no buffers and bytes are copied once (Asio's stream holds four of 17 KiB each).
#include "http/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

namespace cairn::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kWaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr unsigned char kHandshakeRecord = 0x16;  // the first byte of every TLS client
constexpr std::size_t kJoinedMax = 16U << 10;     // a record's most

class TlsServerTransport final : public Transport {
 public:
  TlsServerTransport(Socket socket, const std::shared_ptr<SSL_CTX>& context)
      : socket_(std::move(socket)), session_(SSL_new(context.get()), SSL_free) {
    CAIRN_CHECK(session_ != nullptr);
    error_code ignored;
    socket_.native_non_blocking(true, ignored);
    SSL_set_fd(session_.get(), socket_.native_handle());
    SSL_set_accept_state(session_.get());
  }

  Task<Opened> open() override;
  Task<IoResult> read_some(asio::mutable_buffer into) override;
  Task<IoResult> write_some(const Pieces& from) override;
  void finish_sending() override;
  Socket& socket() override { return socket_; }
  bool is_plain() const override { return false; }
  bool must_open() const override { return state_ == State::before; }
  bool readable() override { return SSL_has_pending(session_.get()) == 1 || Transport::readable(); }
  std::optional<TlsFacts> tls() const override;

 private:
  enum class State { before, plain, open };
  // A socket that was closed meanwhile has given its number away: OpenSSL must not touch it any more.
  bool is_closed() const { return !socket_.is_open(); }
  // What the call that gave `result` waits for; an error if nothing can help it.
  Task<error_code> wait_for(int result);
  asio::const_buffer next_of(const Pieces& from);

  Socket socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> session_;
  State state_ = State::before;
  std::string joined_;  // small pieces, put together
};

Task<error_code> TlsServerTransport::wait_for(int result) {
  const int why = SSL_get_error(session_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    const auto what = why == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
    const auto [error] = co_await socket_.async_wait(what, kWaitTuple);
    co_return error;
  }
  ERR_clear_error();
  co_return why == SSL_ERROR_ZERO_RETURN ? error_code(asio::error::eof)
                                         : error_code(asio::error::connection_reset);
}

Task<Transport::Opened> TlsServerTransport::open() {
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, kWaitTuple);
  unsigned char first = 0;
  if (error || is_closed() || ::recv(socket_.native_handle(), &first, 1, MSG_PEEK) != 1) {
    co_return Opened::failed;
  }
  if (first != kHandshakeRecord) {
    state_ = State::plain;
    co_return Opened::plain;
  }
  while (!is_closed()) {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    if (result == 1) {
      state_ = State::open;
      co_return Opened::yes;
    }
    if (co_await wait_for(result)) {
      break;
    }
  }
  co_return Opened::failed;
}

Task<IoResult> TlsServerTransport::read_some(asio::mutable_buffer into) {
  if (state_ == State::plain) {
    co_return co_await socket_.async_read_some(into, kWaitTuple);
  }
  while (!is_closed()) {
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
    if (result == 1) {
      co_return IoResult(error_code(), count);
    }
    if (const auto error = co_await wait_for(result)) {
      co_return IoResult(error, 0);
    }
  }
  co_return IoResult(asio::error::operation_aborted, 0);
}

// A record takes one buffer: small messages are put together, so that they go out as one.
asio::const_buffer TlsServerTransport::next_of(const Pieces& from) {
  const auto first = std::ranges::find_if(from, [](const auto& piece) { return piece.size() > 0; });
  if (first == from.end()) {
    return {};
  }
  const auto all = asio::buffer_size(from);
  if (all > kJoinedMax || all == first->size()) {
    return *first;
  }
  joined_.resize(all);
  asio::buffer_copy(asio::buffer(joined_), from);
  return asio::buffer(std::as_const(joined_));
}

// As much as goes without waiting; waits only when nothing did. What could not be written is asked for again
// from the same byte on, or never.
Task<IoResult> TlsServerTransport::write_some(const Pieces& from) {
  if (state_ == State::plain) {
    co_return co_await socket_.async_write_some(from, kWaitTuple);
  }
  auto rest = next_of(from);
  std::size_t written = 0;
  while (rest.size() > 0) {
    if (is_closed()) {
      co_return IoResult(asio::error::operation_aborted, written);
    }
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(session_.get(), rest.data(), rest.size(), &count);
    if (result == 1) {
      written += count;
      rest += count;
      continue;
    }
    if (written > 0 && SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_WRITE) {
      break;
    }
    if (const auto error = co_await wait_for(result)) {
      co_return IoResult(error, written);
    }
  }
  co_return IoResult(error_code(), written);
}

// The goodbye is a few bytes; a socket that does not take them has a peer that is not reading.
void TlsServerTransport::finish_sending() {
  if (state_ == State::open && !is_closed()) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
    ERR_clear_error();
  }
  Transport::finish_sending();
}

std::optional<TlsFacts> TlsServerTransport::tls() const {
  if (state_ != State::open) {
    return std::nullopt;
  }
  return TlsFacts{.version = SSL_get_version(session_.get()), .cipher = SSL_get_cipher_name(session_.get())};
}

}  // namespace

std::unique_ptr<Transport> tls_server_transport(Socket socket, const TlsIdentity& identity) {
  return std::make_unique<TlsServerTransport>(std::move(socket), identity.context());
}

}  // namespace cairn::http
