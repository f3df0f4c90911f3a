// JSON text from trees. Ours and not Boost.JSON's, because that writes 1.7724465E9 for a time stamp, "NaN"
// for a NaN, and lets bytes through that are not UTF-8. Tested by json_test.cc.
#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>

#include "json/cursor.h"
#include "json/json.h"

namespace cairn::json {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// Integral doubles up to here are written out in full: time stamps, sizes.
constexpr double kFullDigitsMax = 1e15;

template <class Integer>
void append_integer(std::string& out, Integer number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const bool integral = std::trunc(number) == number;
  if (integral && std::abs(number) < kFullDigitsMax) {
    out += std::signbit(number) && number == 0 ? "-" : "";
    append_integer(out, static_cast<std::int64_t>(number));
    out += ".0";
    return;
  }
  std::array<char, 40> digits;  // the shortest text that reads back the same has at most 24
  char* const begin = digits.data();
  char* const limit = begin + digits.size();
  // Without a fraction it takes an exponent, or it would read back as an integer.
  const auto [end, error] = integral ? std::to_chars(begin, limit, number, std::chars_format::scientific)
                                     : std::to_chars(begin, limit, number);
  out.append(digits.data(), end);
}

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 15];
}

// What nearly every text is: ready to be written. Without a way out, so that the compiler takes many at once.
bool is_plain_ascii(std::string_view text) {
  bool plain = true;
  for (const char c : text) {
    plain &= c >= ' ' && c <= '~' && c != '"' && c != '\\';
  }
  return plain;
}

// The text's characters, each byte that belongs to none replaced. Rare, so a byte at a time.
std::string repaired(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size <= 4 && size <= text.size() && !simdjson::validate_utf8(text.data(), size)) {
      ++size;
    }
    const bool broken = size > 4 || size > text.size();
    out += broken ? kReplacement : text.substr(0, size);
    text.remove_prefix(broken ? 1 : size);
  }
  return out;
}

void append_members(std::string& out, const object& o) {
  char before = '{';
  for (const auto& member : o) {
    out += before;
    append_string(out, {member.key().data(), member.key().size()});
    out += ':';
    append(out, member.value());
    before = ',';
  }
  out += o.empty() ? "{}" : "}";
}

void append_elements(std::string& out, const array& a) {
  char before = '[';
  for (const auto& element : a) {
    out += before;
    append(out, element);
    before = ',';
  }
  out += a.empty() ? "[]" : "]";
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  if (is_plain_ascii(text)) {
    out.append("\"").append(text).append("\"");
    return;
  }
  std::string repair;
  if (!simdjson::validate_utf8(text)) {
    repair = repaired(text);
    text = repair;
  }
  out += '"';
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const plain = plain_end(at, end);
    out.append(at, plain);
    at = plain;
    if (at != end) {
      append_escaped(out, *at);
      ++at;
    }
  }
  out += '"';
}

void append(std::string& out, const object& v) {
  append_members(out, v);
}

void append(std::string& out, const value& v) {
  switch (v.kind()) {
    case kind::null:
      out += "null";
      return;
    case kind::bool_:
      out += v.get_bool() ? "true" : "false";
      return;
    case kind::int64:
      append_integer(out, v.get_int64());
      return;
    case kind::uint64:
      append_integer(out, v.get_uint64());
      return;
    case kind::double_:
      append_double(out, v.get_double());
      return;
    case kind::string:
      append_string(out, text_of(v.get_string()));
      return;
    case kind::array:
      append_elements(out, v.get_array());
      return;
    case kind::object:
      append_members(out, v.get_object());
      return;
  }
}

std::string serialize(const value& v) {
  std::string out;
  append(out, v);
  return out;
}

std::string serialize(const object& v) {
  std::string out;
  append_members(out, v);
  return out;
}

std::string serialize(const array& v) {
  std::string out;
  append_elements(out, v);
  return out;
}

std::string quote(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

}  // namespace cairn::json
