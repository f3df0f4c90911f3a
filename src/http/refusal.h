// Why a request is not served. Each reason is a label of cairn_http_refused_total, so that an operator sees
// what comes in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace cairn::http {

enum class Reason : std::uint8_t {
  malformed,    // not HTTP
  framing,      // it could be read in two ways: how requests are smuggled
  head_size,    // too many header fields, or bytes of them
  body_size,    // longer than allowed
  slow,         // head or body did not arrive in time
  version,      // not HTTP/1.0 or HTTP/1.1
  encoding,     // a Transfer-Encoding other than chunked
  expectation,  // an Expect other than 100-continue
  connections,  // too many at once
  handshake,  // no TLS or PROXY header where it must be, a handshake that failed or was too slow, or too many
};
inline constexpr std::array<std::string_view, 10> kReasonNames{
    "malformed", "framing",  "head_size",   "body_size",   "slow",
    "version",   "encoding", "expectation", "connections", "handshake"};

struct Refusal {
  int status;
  Reason reason;
  std::string_view what;  // a sentence for the peer; it never repeats what the peer sent
};

// The same for a caller of ours: a body too long is Errc::limit, everything else Errc::invalid.
inline Error to_error(const Refusal& refusal) {
  return Error{refusal.reason == Reason::body_size ? Errc::limit : Errc::invalid, std::string(refusal.what)};
}

}  // namespace cairn::http
