// Transport: a connected stream of bytes, plain or TLS. What is above it does not know which.
//
// One loop; one operation at a time. Operations are Asio's own, so that a virtual call costs no further
// coroutine frame.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <memory>
#include <tuple>

#include "async/task.h"
#include "http/deadlines.h"

namespace cairn::http {

using IoResult = std::tuple<boost::system::error_code, std::size_t>;
// A message's head, a body's piece, a chunk's end: written by one system call. Unused ones are empty.
using Pieces = std::array<boost::asio::const_buffer, 3>;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Task<IoResult> read_some(boost::asio::mutable_buffer into) = 0;
  virtual Task<IoResult> write_some(const Pieces& from) = 0;
  // The TCP socket below: for cancelling, closing and asking about.
  virtual Socket& socket() = 0;
  // Bytes between the socket and the reader would make a look at the socket meaningless.
  virtual bool is_plain() const = 0;
};

std::unique_ptr<Transport> plain_transport(Socket socket);

}  // namespace cairn::http
