// Percent-encoding and query strings.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cairn::codec {

// RFC 3986 as SigV4 wants it: everything but A-Za-z0-9-._~ becomes %XX, upper case. With keep_slash, '/'
// stays.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// %XX to bytes. With plus_is_space, '+' becomes ' ' (forms). Errc::invalid for a broken escape.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// "https://user:****@host/" of "https://user:secret@host/", whatever is behind the scheme and however broken
// the rest is; text without a password in a URL is as it was.
std::string hide_password(std::string_view url);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

// "a=1&b&c=%20" in order, decoded; a name without '=' has an empty value. Used for query strings and form
// bodies.
Result<QueryPairs> parse_query(std::string_view text, bool plus_is_space = false);

}  // namespace cairn::codec
