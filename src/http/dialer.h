// Dialer: a new connection to an origin: name, TCP, TLS. Peers are verified against the system's certificates
// and by name.
#pragma once

#include <memory>

#include "async/task.h"
#include "http/origin.h"
#include "http/wire.h"

namespace cairn::http {

// Thread-safe.
class Dialer {
 public:
  // `public_only`: as reach.h says.
  explicit Dialer(Millis patience, bool link_local = true, bool public_only = false);
  ~Dialer();

  // On the caller's loop. Errc::unavailable: no such name, refused, too slow, not who it should be, or on
  // this link alone where that is not allowed. Errc::denied: not public, where only that is.
  Task<Result<std::unique_ptr<Wire>>> dial(const Origin& origin);

 private:
  struct Tls;
  Task<Result<std::unique_ptr<Transport>>> secure(Socket socket, const Origin& origin, Instant until);

  Millis patience_;
  bool link_local_;
  bool public_only_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace cairn::http
