// The PROXY protocol's header, versions 1 and 2: what a proxy says of a connection before anything else: whom
// it speaks for. docs: haproxy's proxy-protocol.txt. Pure.
//
// What version 2 has behind the addresses (TLVs) is stepped over; a header that is no header, or says what
// the protocol does not know, is an error, never guessed at.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/http.h"

namespace cairn::http {

inline constexpr std::size_t kProxyLineBytesMax = 107;     // of version 1, by the protocol
inline constexpr std::size_t kProxyHeaderBytesMax = 4096;  // of version 2

struct ProxyHeader {
  std::size_t size = 0;          // in bytes; what follows is the connection's
  std::optional<Peer> source{};  // none: the proxy speaks for itself, or of something that has no TCP address
};

// Of what has come so far. Nothing: all of it belongs to a header that is not whole yet. Errc::invalid: it is
// none.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view begun);

}  // namespace cairn::http
