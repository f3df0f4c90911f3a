// Mail: the text of a mail (RFC 5322, MIME) of its parts, as a server takes it over SMTP.
//
// Nothing in a part adds a header field: controls in subjects and names become spaces, what is not ASCII
// becomes encoded words (RFC 2047). Lines end in CR LF; none is longer than 998 bytes. Pure; any thread.
// Tested by mail_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace cairn::mail {

inline constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321's path, without its brackets

// "name@host": letters, digits and the usual signs; nothing quoted, nothing beyond ASCII.
bool is_address(std::string_view text);

struct Mail {
  std::string id{};         // before the '@' of Message-ID; of letters, digits and '-'
  std::string from{};       // addresses
  std::string from_name{};  // empty: none
  std::string to{};
  std::string subject{};
  std::string text{};
  std::string unsubscribe{};  // a link; empty: none
  Time time{};
};

// REQUIRES: is_address() of `from` and `to`.
std::string encode(const Mail& mail);

// A header's text: as it is, or as encoded words of which each is on a line of its own.
std::string header_text(std::string_view text);

}  // namespace cairn::mail
