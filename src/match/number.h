// JSON numbers as AWS's engine compares them: as doubles, if a double has exactly the value that is written;
// 300 and 3.00e2 are alike then. Any other (1e400, or 20 digits) has no value and equals only its own text.
#pragma once

#include <optional>
#include <string_view>

namespace cairn::match {

// Nothing: no JSON number, or one that no double has exactly (to the shortest digits that name the double).
// Never -0, which is 0.
std::optional<double> comparable_number(std::string_view text);

}  // namespace cairn::match
