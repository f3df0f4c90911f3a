// HTTP/1.1 over sockets: a server that streams bodies both ways, and a client. Beast is inside http/*.cc and
// nowhere else.
//
// Knows nothing of AWS. Heads are values of codec/headers.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "async/loops.h"
#include "base/metrics.h"
#include "base/time.h"
#include "codec/headers.h"
#include "http/tls.h"

namespace cairn::http {

// A body that comes in pieces. One task at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // The next bytes, valid until the next read(); empty at the end. Errors: Errc::limit (too long),
  // Errc::invalid (malformed chunk), Errc::unavailable (the peer went away or was too slow).
  virtual Task<Result<std::span<const std::byte>>> read() = 0;
  // Known in advance: Content-Length, or what was set for the answer.
  virtual std::optional<std::uint64_t> size() const = 0;
  // The read that failed did so because the peer was too slow, not because it went away.
  virtual bool too_slow() const { return false; }
  // Back to the first byte, where that is possible: what makes a request repeatable.
  virtual bool rewind() { return false; }
  // The fields behind a body in chunks, once it was read to its end; null: none came. What frames messages is
  // not among them.
  virtual const codec::Headers* fields_behind() const { return nullptr; }
};

// A source of bytes that are already here.
std::unique_ptr<BodySource> body_of(std::string bytes);
// Everything a source has; Errc::limit beyond `bytes_max`.
Task<Result<std::string>> read_all(BodySource& source, std::size_t bytes_max);
// The status for an error of a request body's read(): 413, 400 or 408.
int status_of(const Error& error);

// What a connection's handshake agreed on, by OpenSSL's names, which are CloudTrail's too. The views stand
// for ever.
struct TlsFacts {
  std::string_view version;  // "TLSv1.3"
  std::string_view cipher;   // "TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"
};

struct Peer {
  std::string address;  // "198.51.100.24", without port
  std::uint16_t port = 0;
  std::optional<TlsFacts> tls{};  // none: plain
};

// Stands, body included, until the answer's last byte is written: an answer may be made from the request's
// body as it arrives.
struct Request {
  codec::RequestHead head;
  Peer peer;
  BodySource& body;  // read at most once; what a handler leaves unread is drained or the connection closed
};

// A body of unknown size goes out in chunks, each when the source has it. A source that fails cuts the
// connection, so that the peer knows; before the first byte of a sized one it becomes a 500.
struct Response {
  int status = 200;
  // Content-Length, Date, Connection and Transfer-Encoding are the server's to write; it adds Server if there
  // is none. "Connection: close" is obeyed.
  codec::Headers headers;
  std::variant<std::string, std::unique_ptr<BodySource>> body;
  bool relayed = false;  // another server's answer: its Date and Server stand
};

// Answers one request. Runs on the session's loop; many run at once, on all loops. Does not throw: a throw
// closes the connection with 500. A HEAD's answer carries the headers (and a Content-Length set by the
// handler) but no body. When the peer goes away the handler runs to its end all the same; its answer is
// dropped.
using Handler = std::function<Task<Response>(Request&)>;

struct ServerLimits {
  std::size_t connections_max = 4096;  // one more is answered 503 and closed
  std::size_t header_bytes_max = 64U << 10;
  std::size_t headers_max = 200;
  std::uint64_t body_bytes_max = 6ULL << 30;  // per request; handlers set tighter ones by operation
  std::size_t handshakes_max = 512;           // of TLS, under way at once; one more is closed unanswered
  Millis handshake{10'000};                   // from accept to the handshake's end
  Millis idle{75'000};                        // between requests on a connection
  Millis head{20'000};                        // from the first byte of a head to its last
  Millis stall{60'000};                       // without a byte of body moving, either way
  Millis body{
      60'000};  // waited in all for a request's body, but for what bytes that come give back (patience.h)
  std::uint64_t body_bytes_a_second = 1U << 10;  // that many give back a second: slower senders are cut off
  Millis total{7'200'000};  // a request's body and its answer, handler included: then no waiting for the peer
};

// Listens, reads requests, calls the handler. Expect: 100-continue is answered when the handler first reads
// the body. REQUIRES: the loops, the metrics and what the handler uses outlive the server, and the loops stop
// before the latter two go.
class Server {
 public:
  // "127.0.0.1:4586", "[::1]:4586", ":4586" for every address; port 0 picks one. With `tls` every connection
  // speaks it (REQUIRES then: the process ignores SIGPIPE).
  // Errors: Errc::invalid (address), Errc::unavailable (in use).
  static Result<std::unique_ptr<Server>> listen(async::Loops& loops, const std::string& host_port,
                                                ServerLimits limits, Handler handler, Metrics& metrics,
                                                std::shared_ptr<const TlsIdentity> tls = nullptr);
  // Closes every connection at once, then gives handlers a few seconds to see it. REQUIRES: not on a loop's
  // thread.
  virtual ~Server() = default;

  virtual std::string address() const = 0;  // "127.0.0.1:4586"
  // No new connections or requests; running requests get until the deadline, then are cut off. Blocks. False:
  // a handler runs all the same, so nothing that it uses may be destroyed. Once more waits once more.
  // REQUIRES: not on a loop's thread.
  virtual bool drain(Millis patience) = 0;
};

struct ClientLimits {
  std::size_t connections_per_host_max = 16;
  std::size_t waiting_per_host_max = 1024;  // calls that wait for one of them; one more is Errc::limit
  std::size_t idle_max = 256;               // connections kept for later, all hosts together
  std::size_t header_bytes_max = 64U << 10;
  std::size_t headers_max = 200;
  Millis connect{10'000};   // for a free connection, and again for name, TCP and TLS
  Millis stall{60'000};     // without a byte moving
  Millis answer{0};         // the wait for an answer's head, once all is sent; 0: as `stall`
  Millis idle{20'000};      // how long a connection is kept for later
  Millis total{7'200'000};  // one exchange
  // False: not to addresses of this link alone (169.254.…, fe80:…), where clouds keep what is nobody else's
  // business. For who goes where strangers say.
  bool link_local = true;
};

struct ClientRequest {
  std::string url;          // "http://host:port" or "https://host"; the target is in the head
  codec::RequestHead head;  // Host is set from the url when absent; Content-Length and Expect are left out
  std::unique_ptr<BodySource> body;  // none: empty
  // A kept connection may have been closed by the peer just now. If nothing came back the request is sent
  // once more, over a new connection, provided its body can be. False for calls that must not happen twice,
  // whatever the odds.
  bool repeatable = true;
  // Longer than 0: the far end is asked first whether it wants the body ("Expect: 100-continue"), and so long
  // is waited for its word; an answer instead of it is the answer. No byte of the body is read before.
  Millis expect_continue{0};
  // Set once the far end may have seen a byte of the request. Outlives the call; null: nobody asks.
  bool* began = nullptr;
};

struct ClientResponse {
  codec::ResponseHead head;
  // Read it to its end (the connection is kept) or drop it (closed), on the loop that called send().
  std::unique_ptr<BodySource> body;
};

// A pool of keep-alive connections. Thread-safe. TLS peers are verified, name included, against the system's
// certificates (OpenSSL's: SSL_CERT_FILE and SSL_CERT_DIR name others). Follows no redirect, decodes no
// content. An answer that comes while the request is still being sent ends the sending: over plain TCP as
// soon as it is there, over TLS when the peer closes. REQUIRES: goes before the loops it was used on.
class Client {
 public:
  static std::unique_ptr<Client> make(ClientLimits limits);
  virtual ~Client() = default;
  // Errors: Errc::invalid (url or head), Errc::limit (too many wait), Errc::unavailable (everything about the
  // far end), and whatever the body's source says.
  virtual Task<Result<ClientResponse>> send(ClientRequest request) = 0;
};

}  // namespace cairn::http
