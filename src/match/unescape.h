// A JSON string's content with its escapes replaced.
#pragma once

#include <string>
#include <string_view>

namespace cairn::match {

// Writes to `out`; false if an escape is none, or half of a surrogate pair.
bool unescape(std::string_view raw, std::string& out);

}  // namespace cairn::match
