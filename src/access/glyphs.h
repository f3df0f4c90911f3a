// A pattern in code units, and whether it matches a text: the two ways. Tested by pattern_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace cairn::access {

// A byte, or one of those above all bytes.
using Glyphs = std::u16string;
inline constexpr char16_t kAny = 0x100;        // *
inline constexpr char16_t kOne = 0x101;        // ?
inline constexpr char16_t kAnyInPart = 0x102;  // * that stops at a colon
inline constexpr char16_t kOneInPart = 0x103;  // ? that is no colon

// Does the whole text match? ? takes a whole UTF-8 character. With fold_case, the pattern is in lower case
// already. Takes at most |pattern| x |text| / 64 steps, or a few thousand.
bool glyphs_match(std::u16string_view pattern, std::string_view text, bool fold_case = false);

// The same, as glyphs_match() does it for what is long, and for wildcards that stop at colons.
bool glyphs_match_by_places(std::u16string_view pattern, std::string_view text, bool fold_case = false);

}  // namespace cairn::access
