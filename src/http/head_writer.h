// Heads as bytes, for both sides. Written by hand into a string that is reused: the server's hottest lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/headers.h"

namespace cairn::http {

// How the receiver finds the end of what follows the head.
struct OutFraming {
  std::optional<std::uint64_t> length;
  bool chunked = false;
  bool close = false;
  bool expect_continue = false;
};

// Appends the head. Of `headers` those are left out which are the server's to write. Errc::invalid for a name
// or value that would break the head, or a status that is no final one. An empty `date`: Date and Server
// stand as they are given.
Result<void> append_response_head(std::string& out, int status, const codec::Headers& headers,
                                  const OutFraming& framing, std::string_view date);

// The same for a request. `host` is written where the headers have none.
Result<void> append_request_head(std::string& out, const codec::RequestHead& head, const OutFraming& framing,
                                 std::string_view host);

// "1f40\r\n"
void append_chunk_size(std::string& out, std::size_t size);
// What ends a body in chunks, with the fields behind it that a decoder found.
void append_last_chunk(std::string& out, const codec::Headers* trailers);

// "Bad Request"
std::string_view reason_phrase(int status);

}  // namespace cairn::http
