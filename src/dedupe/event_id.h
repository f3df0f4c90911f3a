// An event id as the index keeps it: 16 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace cairn::dedupe {

using Id = std::array<std::byte, 16>;

// A UUID in its usual form, lower case: its bytes. Anything else: the first half of its SHA-256. (Upper case
// is another text, so it is another id: an event too many is better than one lost.)
Id to_id(std::string_view event_id);

}  // namespace cairn::dedupe
