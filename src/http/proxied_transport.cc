// Tested by proxy_header_test.cc.
#include "http/proxied_transport.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <string>

#include "base/log.h"
#include "http/proxy_header.h"

namespace cairn::http {
namespace {

constexpr std::size_t kPeekBytes = 256;

class ProxiedTransport final : public Transport {
 public:
  explicit ProxiedTransport(std::unique_ptr<Transport> below) : below_(std::move(below)) {
    boost::system::error_code ignored;
    below_->socket().native_non_blocking(true, ignored);
  }

  bool must_open() const override { return !is_open_ || below_->must_open(); }
  Task<Opened> open() override {
    is_open_ = co_await take_header();
    if (!is_open_) {
      co_return Opened::failed;
    }
    co_return below_->must_open() ? co_await below_->open() : Opened::yes;
  }
  Task<IoResult> read_some(boost::asio::mutable_buffer into) override { return below_->read_some(into); }
  Task<IoResult> write_some(const Pieces& from) override { return below_->write_some(from); }
  Socket& socket() override { return below_->socket(); }
  bool is_plain() const override { return below_->is_plain(); }
  bool readable() override { return below_->readable(); }
  void finish_sending() override { below_->finish_sending(); }
  std::optional<TlsFacts> tls() const override { return below_->tls(); }
  std::optional<Peer> source() const override { return source_; }

 private:
  Task<bool> take_header();
  ssize_t peek();
  bool take(std::size_t count);

  std::unique_ptr<Transport> below_;
  std::string begun_;  // of the header
  std::optional<Peer> source_;
  bool is_open_ = false;
};

// Looks at what waits in the socket, behind what has begun; how much, 0: no more comes, less: nothing yet.
// What is behind the header stays there, for TLS reads the socket itself.
ssize_t ProxiedTransport::peek() {
  const auto before = begun_.size();
  begun_.resize(before + kPeekBytes);
  const auto count = ::recv(socket().native_handle(), begun_.data() + before, kPeekBytes, MSG_PEEK);
  begun_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return count < 0 && errno != EAGAIN && errno != EINTR ? 0 : count;
}

bool ProxiedTransport::take(std::size_t count) {
  std::string taken(count, '\0');
  return ::recv(socket().native_handle(), taken.data(), count, 0) == static_cast<ssize_t>(count);
}

Task<bool> ProxiedTransport::take_header() {
  constexpr auto kWhen = boost::asio::as_tuple(boost::asio::use_awaitable);
  while (true) {
    const auto [error] = co_await socket().async_wait(Socket::wait_read, kWhen);
    if (error || !socket().is_open()) {
      co_return false;
    }
    const auto before = begun_.size();
    const auto count = peek();
    if (count == 0) {
      co_return false;
    }
    if (count < 0) {
      continue;
    }
    auto parsed = parse_proxy_header(begun_);
    if (!parsed) {
      log::warn("a proxy's connection is closed: it begins with no PROXY header",
                {{"why", parsed.error().subject}});
      co_return false;
    }
    if (!take(*parsed ? (*parsed)->size - before : static_cast<std::size_t>(count))) {
      co_return false;
    }
    if (*parsed) {
      source_ = std::move((*parsed)->source);
      begun_ = std::string();
      co_return true;
    }
  }
}

}  // namespace

std::unique_ptr<Transport> proxied_transport(std::unique_ptr<Transport> below) {
  return std::make_unique<ProxiedTransport>(std::move(below));
}

}  // namespace cairn::http
