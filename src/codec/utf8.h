// UTF-8: is it, and where may it be cut. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::codec {

// As the Unicode standard has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

// The longest beginning of a valid text that has at most `bytes_max` bytes and cuts no character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

// How many characters (code points) a valid text has.
std::size_t utf8_length(std::string_view text);

}  // namespace cairn::codec
