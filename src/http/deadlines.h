// Deadlines of socket operations. Setting one costs a link in a list: one timer a loop looks through the list
// every kTick and cancels what is late. (A timer for each operation costs a twentieth of a small request,
// measured.)
//
// A Deadline and its socket belong to one loop.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "base/time.h"

namespace cairn::http {

using Socket = boost::asio::ip::tcp::socket;
using Instant = std::chrono::steady_clock::time_point;

inline Instant instant_after(Millis duration) {
  return std::chrono::steady_clock::now() + duration;
}

class Deadlines;

// Cancels the socket's operations once armed and late. Disarms itself when destroyed.
class Deadline {
 public:
  explicit Deadline(Socket& socket);
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void arm(Instant at);
  void disarm();
  // Since it was last armed.
  bool fired() const { return fired_; }

 private:
  friend class Deadlines;
  Deadlines& owner_;
  Socket& socket_;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Instant at_{};
  bool linked_ = false;
  bool fired_ = false;
};

// One a loop; Asio keeps it as a service of the io_context.
class Deadlines final : public boost::asio::execution_context::service {
 public:
  using key_type = Deadlines;
  static inline boost::asio::execution_context::id id;
  static constexpr Millis kTick{100};

  explicit Deadlines(boost::asio::execution_context& context);

 private:
  friend class Deadline;
  void shutdown() override;
  void link(Deadline& deadline);
  void unlink(Deadline& deadline);
  void tick();
  void look();

  boost::asio::steady_timer timer_;
  Deadline* first_ = nullptr;
  bool ticking_ = false;
};

}  // namespace cairn::http
