// Wire: one connection as both the server's session and the client use it: a transport, what has arrived on
// it, and its time-outs.
//
// One loop, one task at a time. Errors are Errc::unavailable: the peer went away, or was too slow
// (timed_out() says which).
#pragma once

#include <memory>
#include <string_view>

#include "async/task.h"
#include "http/input_buffer.h"
#include "http/transport.h"

namespace cairn::http {

inline constexpr std::size_t kHeadBuffer = 8U << 10;   // held by every connection, idle ones too
inline constexpr std::size_t kBodyBuffer = 64U << 10;  // while a body arrives

class Wire {
 public:
  explicit Wire(std::unique_ptr<Transport> transport);

  std::string_view pending() const { return input_.pending(); }
  void consume(std::size_t count) { input_.consume(count); }
  void shrink() { input_.shrink(kHeadBuffer); }

  // No operation goes on beyond this, whatever its own deadline.
  void set_end(Instant end) { end_ = end; }
  // The transport's opening, at most until then; what is pending must be nothing.
  Task<Transport::Opened> open(Instant until);
  // Waits for more bytes, at most until then, and appends them to what is pending, which may become
  // `capacity` bytes. How many; 0: the peer sends no more. REQUIRES: less than capacity is pending.
  Task<Result<std::size_t>> fill(Instant until, std::size_t capacity);
  // Writes everything. `stall`: how long it may take until some more of it is gone.
  Task<Result<void>> send(Pieces pieces, Millis stall);

  // Writes until something arrives. What is left of the pieces stays in them: nothing, or the peer said
  // something (or went away) meanwhile. REQUIRES: a plain transport.
  Task<Result<void>> send_until_heard(Pieces& pieces, Millis stall);

  // The last error was the deadline's.
  bool timed_out() const { return deadline_.fired(); }
  std::uint64_t received() const { return received_; }
  std::uint64_t sent() const { return sent_; }

  Transport& transport() { return *transport_; }
  Socket& socket() { return transport_->socket(); }
  // Bytes wait in the socket.
  bool readable() { return transport_->readable(); }
  void shut_down_sending() { transport_->finish_sending(); }
  void close();

 private:
  Error failure(const boost::system::error_code& error, std::string_view what) const;

  std::unique_ptr<Transport> transport_;
  Deadline deadline_;
  InputBuffer input_;
  Instant end_ = Instant::max();
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace cairn::http
