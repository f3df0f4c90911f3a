// EventBridge's event patterns, read into match::Pattern.
#pragma once

#include <string_view>

#include "match/pattern.h"

namespace cairn::match {

// Errc::invalid: what is wrong, in AWS's words for it (without "Event pattern is not valid. Reason: "); for
// text that is no JSON, in ours. Errc::limit: larger or more complex than Limits allow. A path that occurs
// twice holds what is said last.
Result<Pattern> parse_event_pattern(std::string_view text);

}  // namespace cairn::match
