// Does an object of a JSON text have two members of one name? json::parse() takes such a text, and the last
// one counts: for documents of which a reader would believe that all of it counts.
#pragma once

#include <string_view>

namespace cairn::json {

// At any depth. Of a text that is no JSON: as far as it is.
bool has_repeated_member(std::string_view text);

}  // namespace cairn::json
