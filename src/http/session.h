// Session: one connection of the server, from accept to close. Reads a request, calls the handler, writes the
// answer, again.
//
// Lives on one loop, in one coroutine. Knows a Transport, not what carries it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/answer.h"
#include "http/head.h"
#include "http/server_core.h"
#include "http/wire.h"
#include "http/wire_body.h"

namespace cairn::http {

// A handler's unread body up to this size is read and dropped, so that the connection can go on.
inline constexpr std::size_t kDrainBytesMax = 64U << 10;
// How long a closed connection is read on, so that the peer sees the answer rather than a reset: without a
// byte, and in all.
inline constexpr Millis kLingerStall{2'000};
inline constexpr Millis kLingerTotal{10'000};
inline constexpr Millis kLingerStallDraining{300};

class Session {
 public:
  Session(const Place& place, LoopSide& side, std::unique_ptr<Transport> transport, Peer peer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<void> run();
  // Answers 503 and closes.
  Task<void> turn_away();

  // On the session's loop: ends it if it waits for a request, …
  void wake_if_idle();
  // … or whatever it does. A handler runs on; its answer is dropped.
  void cut();
  Session* next() const { return next_; }

 private:
  struct Arrival {
    std::size_t size = 0;            // of the head
    std::optional<Refusal> refusal;  // neither: nobody is there any more
  };

  Task<bool> open();
  Task<Transport::Opened> shake_hands();
  Task<bool> serve_next();
  Task<Arrival> await_head();
  Task<bool> await_first_byte();
  Task<bool> answer(RequestFacts facts);
  Task<Response> call_handler(Request& request);
  Task<void> refuse(Refusal refusal);
  Task<bool> drain(WireBody& body);
  Task<void> linger();

  bool must_close(const RequestFacts& facts, const WireBody& body, const Response& response) const;
  void count_bytes();
  const ServerLimits& limits() const { return core_.limits; }

  ServerCore& core_;
  LoopSide& side_;
  Wire wire_;
  Peer peer_;
  std::string out_;  // heads are written here
  bool idle_ = false;
  bool cut_ = false;
  bool lingers_ = false;
  std::uint64_t received_counted_ = 0;
  std::uint64_t sent_counted_ = 0;
  Session* previous_ = nullptr;
  Session* next_ = nullptr;
};

}  // namespace cairn::http
