#include "http/transport.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cairn::http {
namespace {

constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  Task<IoResult> read_some(boost::asio::mutable_buffer into) override {
    return socket_.async_read_some(into, kTuple);
  }
  Task<IoResult> write_some(const Pieces& from) override { return socket_.async_write_some(from, kTuple); }
  Socket& socket() override { return socket_; }
  bool is_plain() const override { return true; }

 private:
  Socket socket_;
};

}  // namespace

Task<Transport::Opened> Transport::open() {
  co_return Opened::yes;
}

bool Transport::readable() {
  boost::system::error_code error;
  return socket().available(error) > 0 && !error;
}

void Transport::finish_sending() {
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
}

std::unique_ptr<Transport> plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace cairn::http
