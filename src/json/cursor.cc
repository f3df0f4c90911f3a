#include "json/cursor.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cairn::json {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool ends_plain(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

constexpr std::ptrdiff_t kNumberCharsMax = 300;
constexpr std::size_t kExponentDigitsMax = 9;
constexpr long kZeroExponentMax = 300;
// Nearly a double's largest: Boost.JSON rounds what is nearer to it to infinity.
constexpr double kNumberMax = 1e308;

// The digits after 'e', as a number; nothing when there are too many for any parser.
std::optional<long> exponent_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  if (text.size() > kExponentDigitsMax) {
    return std::nullopt;
  }
  long exponent = 0;
  std::from_chars(text.data(), text.data() + text.size(), exponent);
  return negative ? -exponent : exponent;
}

// Of a number with an exponent. What is too small becomes zero wherever it is read; what is too large becomes
// an error, an infinity, or (zero times a huge power) no number at all.
bool fits_double(std::string_view number) {
  const auto mark = number.find_first_of("eE");
  const auto exponent = exponent_of(number.substr(mark + 1));
  const bool zero = number.substr(0, mark).find_first_of("123456789") == std::string_view::npos;
  if (!exponent.has_value() || zero) {
    return exponent.has_value() && *exponent <= kZeroExponentMax;
  }
  double value = 0;
  const auto error = std::from_chars(number.data(), number.data() + number.size(), value).ec;
  // Out of range is too large or too small: with so few digits the exponent's sign says which.
  return error == std::errc{} ? std::abs(value) <= kNumberMax : *exponent < 0;
}

}  // namespace

const char* plain_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    if (const int mask = _mm_movemask_epi8(special); mask != 0) {
      return at + __builtin_ctz(static_cast<unsigned>(mask));
    }
  }
#endif
  while (at != end && !ends_plain(*at)) {
    ++at;
  }
  return at;
}

bool Cursor::fail(const char* problem) {
  problem_ = problem;
  return false;
}

void Cursor::skip_space() {
  if (at_ == end_ || !is_space(*at_)) {
    return;
  }
  spaced_ = true;
  do {
    ++at_;
  } while (at_ != end_ && is_space(*at_));
}

bool Cursor::take(char c) {
  if (!at(c)) {
    return fail(at_end() ? "text ends early" : "unexpected character");
  }
  ++at_;
  return true;
}

bool Cursor::string() {
  if (!take('"')) {
    return false;
  }
  while (true) {
    at_ = plain_end(at_, end_);
    if (at_ == end_) {
      return fail("string is not closed");
    }
    if (*at_ == '"') {
      ++at_;
      return true;
    }
    if (*at_ != '\\') {
      return fail("control character in string");
    }
    if (!escape()) {
      return false;
    }
  }
}

bool Cursor::escape() {
  if (end_ - at_ < 2) {
    return fail("string is not closed");
  }
  if (at_[1] == 'u') {
    return unicode_escape();
  }
  if (at_[1] == '\0' || std::strchr("\"\\/bfnrt", at_[1]) == nullptr) {
    return fail("unknown escape in string");
  }
  at_ += 2;
  return true;
}

bool Cursor::unicode_escape() {
  const int first = hex4();
  if (first < 0 || (first >= 0xdc00 && first <= 0xdfff)) {
    return fail(first < 0 ? "broken \\u escape in string" : "half of a surrogate pair in string");
  }
  if (first < 0xd800 || first > 0xdbff) {
    return true;
  }
  const int second = hex4();
  return (second >= 0xdc00 && second <= 0xdfff) || fail("half of a surrogate pair in string");
}

// Steps over "\uXXXX" and returns its value; -1 if it is not there.
int Cursor::hex4() {
  if (end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') {
    return -1;
  }
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(at_ + 2, at_ + 6, value, 16);
  if (error != std::errc{} || stop != at_ + 6) {
    return -1;
  }
  at_ += 6;
  return static_cast<int>(value);
}

bool Cursor::digits() {
  if (at_ == end_ || !is_digit(*at_)) {
    return fail("number without a digit where one must be");
  }
  while (at_ != end_ && is_digit(*at_)) {
    ++at_;
  }
  return true;
}

bool Cursor::number() {
  const char* const start = at_;
  at_ += *at_ == '-' ? 1 : 0;
  const bool zero = at('0');
  if (!digits()) {
    return false;
  }
  if (zero && at_ - start > (*start == '-' ? 2 : 1)) {
    return fail("number begins with zero");
  }
  if (at('.')) {
    ++at_;
    if (!digits()) {
      return false;
    }
  }
  const bool exponent = at('e') || at('E');
  if (exponent) {
    ++at_;
    at_ += at('+') || at('-') ? 1 : 0;
    if (!digits()) {
      return false;
    }
  }
  if (at_ - start > kNumberCharsMax) {
    return fail("number is too long");
  }
  if (exponent && !fits_double({start, static_cast<std::size_t>(at_ - start)})) {
    return fail("number is too large");
  }
  return true;
}

bool Cursor::literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0) {
    return fail("unexpected character");
  }
  at_ += word.size();
  return true;
}

bool Cursor::object(std::size_t depth_left) {
  ++at_;
  skip_space();
  if (at('}')) {
    ++at_;
    return true;
  }
  while (true) {
    if (!string()) {
      return false;
    }
    skip_space();
    if (!take(':') || !value(depth_left)) {
      return false;
    }
    if (at(',')) {
      ++at_;
      skip_space();
    } else {
      return take('}');
    }
  }
}

bool Cursor::array(std::size_t depth_left) {
  ++at_;
  skip_space();
  if (at(']')) {
    ++at_;
    return true;
  }
  while (true) {
    if (!value(depth_left)) {
      return false;
    }
    if (at(',')) {
      ++at_;
    } else {
      return take(']');
    }
  }
}

bool Cursor::value_here(std::size_t depth_left) {
  if (at_ == end_) {
    return fail("text ends early");
  }
  switch (*at_) {
    case '"':
      return string();
    case '{':
      return depth_left > 0 ? object(depth_left - 1) : fail("nested too deep");
    case '[':
      return depth_left > 0 ? array(depth_left - 1) : fail("nested too deep");
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return *at_ == '-' || is_digit(*at_) ? number() : fail("unexpected character");
  }
}

bool Cursor::value(std::size_t depth_max) {
  skip_space();
  if (!value_here(depth_max)) {
    return false;
  }
  skip_space();
  return true;
}

}  // namespace cairn::json
