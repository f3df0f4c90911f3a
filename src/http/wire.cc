#include "http/wire.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
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

// Ends the writing when something arrives. Its handler may come after everything else is gone.
struct Watch {
  boost::asio::cancellation_signal stop;
  bool heard = false;
  bool over = false;
};

std::shared_ptr<Watch> watch_for_bytes(Socket& socket) {
  auto watch = std::make_shared<Watch>();
  const auto heard = [watch, &socket](const boost::system::error_code& error) {
    if (!error && !watch->over) {
      watch->heard = true;
      boost::system::error_code ignored;
      socket.cancel(ignored);
    }
  };
  socket.async_wait(Socket::wait_read, boost::asio::bind_cancellation_slot(watch->stop.slot(), heard));
  return watch;
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

Task<Result<void>> Wire::send_until_heard(Pieces& pieces, Millis stall) {
  const auto watch = watch_for_bytes(socket());
  boost::system::error_code failed;
  while (!failed && !watch->heard && boost::asio::buffer_size(pieces) > 0) {
    deadline_.arm(std::min(instant_after(stall), end_));
    const auto [error, count] = co_await transport_->write_some(pieces);
    deadline_.disarm();
    sent_ += count;
    drop_front(pieces, count);
    failed = error;
  }
  watch->over = true;
  watch->stop.emit(boost::asio::cancellation_type::terminal);
  if (failed && !watch->heard) {
    co_return failure(failed, "write to peer");
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
