// The head of an HTTP/1.1 message: where it ends, and what it says. Pure functions over bytes, so that they
// can be fuzzed.
//
// Strict on purpose: whatever two implementations might read in two ways (bare CR or LF, folded lines, a
// space before the colon, both or several lengths, unknown encodings) is refused, because that is how
// requests are smuggled past a proxy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/headers.h"
#include "http/framing.h"
#include "http/refusal.h"

namespace cairn::http {

// Finds the end of a head while its bytes arrive. Each byte is looked at once.
class HeadScan {
 public:
  explicit HeadScan(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // `bytes` begins where the head begins and grows from call to call. The head's size, blank line included; 0
  // while it is not all there.
  Result<std::size_t, Refusal> look(std::string_view bytes);

 private:
  Result<bool, Refusal> begin(std::string_view bytes);

  std::size_t bytes_max_;
  std::size_t first_ =
      0;  // where the first line begins: behind an empty line, which clients may send between requests
  std::size_t line_ = 0;  // where the line under way begins
  std::size_t seen_ = 0;  // no line end before here
  bool begun_ = false;
};

struct RequestFacts {
  codec::RequestHead head;
  BodyFraming body;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool expects_continue = false;
};

// REQUIRES: `bytes` is what HeadScan found.
Result<RequestFacts, Refusal> parse_request_head(std::string_view bytes, std::size_t fields_max);

struct ResponseFacts {
  codec::ResponseHead head;
  BodyFraming body;
  bool keep_alive = false;
};

// `to_head`: it answers a HEAD, so it has no body whatever its fields say.
Result<ResponseFacts, Refusal> parse_response_head(std::string_view bytes, std::size_t fields_max,
                                                   bool to_head);

// A token of RFC 9110: what methods and field names are made of.
bool is_token(std::string_view text);
// Framing and hop-by-hop fields: of the connection, not of the message.
bool belongs_to_connection(std::string_view name);
// May stand as a field's value: no control character but tab.
bool is_field_value(std::string_view text);

}  // namespace cairn::http
