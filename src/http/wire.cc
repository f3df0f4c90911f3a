#include "http/wire.h"

#include <algorithm>
#include <boost/asio/error.hpp>

namespace cairn::http {
namespace {

void drop_front(Pieces& pieces, std::size_t count) {
  for (auto& piece : pieces) {
    const auto here = std::min(count, piece.size());
    piece += here;
    count -= here;
  }
}

}  // namespace

Wire::Wire(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)), deadline_(transport_->socket()) {}

Task<Transport::Opened> Wire::open(Instant until) {
  deadline_.arm(until);
  const auto opened = co_await transport_->open();
  deadline_.disarm();
  co_return opened;
}

Task<Result<std::size_t>> Wire::fill(Instant until, std::size_t capacity) {
  const auto room = input_.room(capacity);
  CAIRN_CHECK(room.size > 0);
  deadline_.arm(std::min(until, end_));
  const boost::asio::mutable_buffer into(room.data, room.size);
  const auto [error, count] = co_await transport_->read_some(into);
  deadline_.disarm();
  input_.arrived(count);
  received_ += count;
  if (error && error != boost::asio::error::eof) {
    co_return failure(error, "read from peer");
  }
  co_return count;
}

Task<Result<void>> Wire::send(Pieces pieces, Millis stall) {
  auto left = boost::asio::buffer_size(pieces);
  while (left > 0) {
    deadline_.arm(std::min(instant_after(stall), end_));
    const auto [error, count] = co_await transport_->write_some(pieces);
    deadline_.disarm();
    left -= count;
    sent_ += count;
    drop_front(pieces, count);
    if (error) {
      co_return failure(error, "write to peer");
    }
  }
  co_return Result<void>();
}

Error Wire::failure(const boost::system::error_code& error, std::string_view what) const {
  return Error{Errc::unavailable, std::string(what) + ": " + (timed_out() ? "timed out" : error.message())};
}

void Wire::close() {
  boost::system::error_code ignored;
  socket().close(ignored);
}

}  // namespace cairn::http
