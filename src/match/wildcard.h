// Wildcards: '*' stands for any run of characters, "\*" for itself, "\\" for a backslash.
//
// A wildcard is kept as its segments, what stands between the stars: "a*b*" is {"a", "b", ""}. To match, the
// first must be the text's beginning, the last its end, and each of the others is looked for after the one
// before: the earliest place is always good enough, so there is no going back, and the cost is the text's
// length times the segments' at the very worst.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cairn::match {

// Errc::invalid in AWS's words: two stars side by side, a backslash before anything else.
// Errc::limit: more than Limits::stars_max.
Result<std::vector<std::string>> parse_wildcard(std::string_view text);

bool wildcard_matches(std::span<const std::string> segments, std::string_view text);

}  // namespace cairn::match
