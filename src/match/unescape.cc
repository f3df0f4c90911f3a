#include "match/unescape.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace cairn::match {
namespace {

// Four hexadecimal digits at the text's beginning.
std::optional<std::uint32_t> hex4(std::string_view text) {
  std::uint32_t code = 0;
  if (text.size() < 4) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, code, 16);
  return error == std::errc() && end == text.data() + 4 ? std::optional(code) : std::nullopt;
}

void put_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  }
}

// `text` is at "XXXX" of "\uXXXX"; how much of it was read, or 0.
std::size_t unicode_escape(std::string_view text, std::string& out) {
  const auto first = hex4(text);
  if (!first || (*first >= 0xdc00 && *first < 0xe000)) {
    return 0;
  }
  if (*first < 0xd800 || *first >= 0xe000) {
    put_utf8(*first, out);
    return 4;
  }
  const auto second = text.substr(4).starts_with("\\u") ? hex4(text.substr(6)) : std::nullopt;
  if (!second || *second < 0xdc00 || *second >= 0xe000) {
    return 0;
  }
  put_utf8(0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00), out);
  return 10;
}

}  // namespace

bool unescape(std::string_view raw, std::string& out) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  out.clear();
  while (!raw.empty()) {
    const auto plain = std::min(raw.find('\\'), raw.size());
    out += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) {
      break;
    }
    if (raw.size() < 2) {
      return false;
    }
    const char escape = raw[1];
    raw.remove_prefix(2);
    if (escape == 'u') {
      const auto read = unicode_escape(raw, out);
      if (read == 0) {
        return false;
      }
      raw.remove_prefix(read);
    } else if (const auto which = kEscapes.find(escape); which != std::string_view::npos) {
      out += kMeant[which];
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace cairn::match
