// Smtp: hands a mail to one server, over SMTP (libcurl). Blocks, for as long as its patience at most; ends
// sooner when it is stopped. Thread-safe: each mail has a connection of its own. Tested by smtp_test.cc.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/secret.h"

namespace cairn::mail {

struct Server {
  std::string url{};   // "smtp://host:port", "smtps://host:port"
  std::string user{};  // empty: nobody says who he is
  crypto::Secret password{};
  std::string ca_file{};   // certificates to trust, PEM; empty: those that this host trusts
  Millis connect{10'000};  // at most
  Millis total{60'000};    // of one mail
};

// "smtp://" or "smtps://", a host, and a port or none.
bool is_server_url(std::string_view url);
// Of a server's URL: "localhost", 127.0.0.0/8 or ::1, as it is written.
bool is_on_this_host(std::string_view url);

struct Sent {
  enum class End { accepted, refused, later };
  End end = End::later;
  std::string said{};  // what went wrong
};

class Smtp {
 public:
  explicit Smtp(Server server);

  // REQUIRES: addresses that are some (mail.h); a text as encode() makes it.
  Sent send(const std::string& from, const std::string& to, std::string_view text);
  // What is under way ends within a second or so, and nothing is sent any more. Any thread.
  void stop() { stopping_ = true; }

 private:
  const Server server_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::mail
