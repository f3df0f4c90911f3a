#include "codec/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cairn::codec {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

bool is_continuation(unsigned char c) {
  return (c & 0xc0) == 0x80;
}

struct Lead {
  std::size_t bytes;  // of the whole character; 0: no character begins so
  unsigned char second_min,
      second_max;  // what rules out overlong forms, surrogates and what is above U+10FFFF
};

Lead lead_of(unsigned char c) {
  if (c >= 0xc2 && c <= 0xdf) {
    return {2, 0x80, 0xbf};
  }
  if (c >= 0xe0 && c <= 0xef) {
    return {3, static_cast<unsigned char>(c == 0xe0 ? 0xa0 : 0x80),
            static_cast<unsigned char>(c == 0xed ? 0x9f : 0xbf)};
  }
  if (c >= 0xf0 && c <= 0xf4) {
    return {4, static_cast<unsigned char>(c == 0xf0 ? 0x90 : 0x80),
            static_cast<unsigned char>(c == 0xf4 ? 0x8f : 0xbf)};
  }
  return {0, 0, 0};
}

// How many bytes the character at the front has; 0 if it is broken. Not for ASCII.
std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead lead = lead_of(at(0));
  if (lead.bytes == 0 || text.size() < lead.bytes || at(1) < lead.second_min || at(1) > lead.second_max) {
    return 0;
  }
  for (std::size_t i = 2; i < lead.bytes; ++i) {
    if (!is_continuation(at(i))) {
      return 0;
    }
  }
  return lead.bytes;
}

std::size_t ascii_run(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & kHighBits) != 0) {
      break;
    }
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) {
    ++i;
  }
  return i;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(ascii_run(text));
    if (text.empty()) {
      return true;
    }
    const std::size_t bytes = character(text);
    if (bytes == 0) {
      return false;
    }
    text.remove_prefix(bytes);
  }
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  std::size_t end = bytes_max;
  while (end > 0 && is_continuation(static_cast<unsigned char>(text[end]))) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace cairn::codec
