// Bytes as text: base64 (RFC 4648, the standard alphabet, padded) and hexadecimal. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cairn::codec {

std::string base64_encode(ByteView bytes);
// Strict: whitespace, missing padding and stray bits under the padding are Errc::invalid, so that no two
// texts mean the same bytes.
Result<std::string> base64_decode(std::string_view text);

// Lower case.
std::string hex_encode(ByteView bytes);
// Either case.
Result<std::string> hex_decode(std::string_view text);

}  // namespace cairn::codec
