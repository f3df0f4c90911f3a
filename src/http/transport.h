// Transport: a connected stream of bytes, plain or TLS. What is above it does not know which.
//
// One loop; one operation at a time. Operations are Asio's own, so that a virtual call costs no further
// coroutine frame.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <memory>
#include <optional>
#include <tuple>

#include "async/task.h"
#include "http/deadlines.h"
#include "http/http.h"

namespace cairn::http {

using IoResult = std::tuple<boost::system::error_code, std::size_t>;
// A message's head, a body's piece, a chunk's end: written by one system call. Unused ones are empty.
using Pieces = std::array<boost::asio::const_buffer, 3>;

class Transport {
 public:
  virtual ~Transport() = default;

  // What must be agreed on before the first byte: a proxy's header, a TLS server's handshake. `plain`: the
  // peer speaks no TLS, and what is written from now on goes out as it is. Once, before everything else.
  enum class Opened { yes, plain, failed };
  virtual bool must_open() const { return false; }
  virtual Task<Opened> open();
  virtual Task<IoResult> read_some(boost::asio::mutable_buffer into) = 0;
  virtual Task<IoResult> write_some(const Pieces& from) = 0;
  // The TCP socket below: for cancelling, closing and asking about.
  virtual Socket& socket() = 0;
  // Bytes between the socket and the reader would make a look at the socket meaningless.
  virtual bool is_plain() const = 0;
  // Bytes have arrived that nobody has read.
  virtual bool readable();
  // Tells the peer that no more comes. Reading goes on.
  virtual void finish_sending();
  virtual std::optional<TlsFacts> tls() const { return std::nullopt; }
  // Whom the peer speaks for, once it is open; none: for itself.
  virtual std::optional<Peer> source() const { return std::nullopt; }
};

std::unique_ptr<Transport> plain_transport(Socket socket);

}  // namespace cairn::http
