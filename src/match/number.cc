#include "match/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace cairn::match {
namespace {

constexpr int kDigitsAlwaysExact = 15;  // so many decimal digits survive a double and back

// A decimal number: digits without zeros at either end, times 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool operator==(const Decimal&) const = default;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(char c) {
    const bool there = !text_.empty() && text_.front() == c;
    text_.remove_prefix(there ? 1 : 0);
    return there;
  }
  std::string_view digits() {
    std::size_t size = 0;
    while (size < text_.size() && text_[size] >= '0' && text_[size] <= '9') {
      ++size;
    }
    const auto found = text_.substr(0, size);
    text_.remove_prefix(size);
    return found;
  }
  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

void trim(Decimal& decimal) {
  const auto last = decimal.digits.find_last_not_of('0');
  if (last == std::string::npos) {
    decimal = {};
    return;
  }
  decimal.exponent += static_cast<std::int64_t>(decimal.digits.size() - last - 1);
  decimal.digits.erase(last + 1);
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
}

// RFC 8259's grammar, and the exponent within an int.
std::optional<Decimal> parse_decimal(std::string_view text) {
  Reader reader(text);
  Decimal decimal;
  decimal.negative = reader.take('-');
  const auto whole = reader.digits();
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) {
    return std::nullopt;
  }
  decimal.digits = whole;
  if (reader.take('.')) {
    const auto fraction = reader.digits();
    if (fraction.empty()) {
      return std::nullopt;
    }
    decimal.digits += fraction;
    decimal.exponent = -static_cast<std::int64_t>(fraction.size());
  }
  if (reader.take('e') || reader.take('E')) {
    const bool negative = reader.take('-') || (reader.take('+'), false);
    const auto exponent = reader.digits();
    int value = 0;
    if (exponent.empty() ||
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), value).ec != std::errc()) {
      return std::nullopt;
    }
    decimal.exponent += negative ? -value : value;
  }
  if (!reader.at_end()) {
    return std::nullopt;
  }
  trim(decimal);
  return decimal;
}

// 0 to 999,999,999 without sign, point or exponent: most numbers there are.
std::optional<double> small_integer(std::string_view text) {
  if (text.empty() || text.size() > 9 || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<double> comparable_number(std::string_view text) {
  if (const auto quick = small_integer(text)) {
    return quick;
  }
  const auto decimal = parse_decimal(text);
  if (!decimal) {
    return std::nullopt;
  }
  if (decimal->digits.empty()) {
    return 0.0;
  }
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc() ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  if (decimal->digits.size() <= kDigitsAlwaysExact && std::fabs(value) > 1e-300) {
    return value;
  }
  std::array<char, 32> shortest;
  const auto written =
      std::to_chars(shortest.data(), shortest.data() + shortest.size(), value, std::chars_format::scientific);
  const auto again =
      parse_decimal({shortest.data(), static_cast<std::size_t>(written.ptr - shortest.data())});
  return again == decimal ? std::optional(value) : std::nullopt;
}

}  // namespace cairn::match
