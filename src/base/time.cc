#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second, millis;
};

Civil civil(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{time - days};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

void append_padded(std::string& out, int number, std::size_t width) {
  std::array<char, 12> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  out.append(width - std::min(size, width), '0').append(digits.data(), size);
}

// By a pattern: Y is the year, M, D, h, m, s and u (milliseconds) what one thinks. By hand, for each call's
// signature and record have one, and fmt takes a microsecond.
std::string written(std::string_view pattern, Time time) {
  const auto c = civil(time);
  std::string out;
  out.reserve(sizeof("2026-03-02T10:15:00.123Z"));
  for (const char field : pattern) {
    switch (field) {
      case 'Y':
        append_padded(out, c.year, 4);
        break;
      case 'M':
        append_padded(out, static_cast<int>(c.month), 2);
        break;
      case 'D':
        append_padded(out, static_cast<int>(c.day), 2);
        break;
      case 'h':
        append_padded(out, c.hour, 2);
        break;
      case 'm':
        append_padded(out, c.minute, 2);
        break;
      case 's':
        append_padded(out, c.second, 2);
        break;
      case 'u':
        append_padded(out, c.millis, 3);
        break;
      default:
        out += field;
    }
  }
  return out;
}

Error bad_time(std::string_view text) {
  return Error{Errc::invalid, "not a time", std::string(text)};
}

// Reads fixed-width digits and literals from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) {
      return fail();
    }
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') {
        return fail();
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) { ok_ = take(c) && ok_; }
  int fraction_millis() {
    int value = 0;
    int scale = 100;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value += (rest_.front() - '0') * scale;
      scale /= 10;
      any = true;
      rest_.remove_prefix(1);
    }
    ok_ = ok_ && any;
    return value;
  }
  template <std::size_t N>
  unsigned one_of(const std::array<std::string_view, N>& names) {
    for (unsigned i = 0; i < N; ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return i;
      }
    }
    ok_ = false;
    return 0;
  }
  void skip(std::string_view literal) {
    ok_ = ok_ && rest_.starts_with(literal);
    rest_.remove_prefix(ok_ ? literal.size() : 0);
  }
  bool done() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

Result<Time> assemble(const Civil& c, int offset_minutes, std::string_view text) {
  const std::chrono::year_month_day date{std::chrono::year{c.year}, std::chrono::month{c.month},
                                         std::chrono::day{c.day}};
  if (!date.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) {
    return bad_time(text);
  }
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{c.hour} +
         std::chrono::minutes{c.minute - offset_minutes} + std::chrono::seconds{c.second} + Millis{c.millis};
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

template <std::size_t N>
Result<std::uint64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return Error{Errc::invalid, "not a number with a unit", std::string(text)};
  }
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& u : units) {
    if (unit == u.name) {
      if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / u.factor) {
        return Error{Errc::invalid, "too large", std::string(text)};
      }
      return number * u.factor;
    }
  }
  return Error{Errc::invalid, "unknown unit", std::string(text)};
}

constexpr std::array<Unit, 5> kDurations = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 5> kSizes = {
    {{"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string rfc3339(Time time) {
  return written("Y-M-DTh:m:sZ", time);
}

std::string rfc3339_millis(Time time) {
  return written("Y-M-DTh:m:s.uZ", time);
}

std::string basic(Time time) {
  return written("YMDThmsZ", time);
}

std::string basic_minutes(Time time) {
  return written("YMDThmZ", time);
}

std::string http_date(Time time) {
  const auto c = civil(time);
  const std::chrono::weekday weekday{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[weekday.c_encoding()], c.day,
                     kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

Result<Time> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  Civil c{};
  c.year = in.digits(4);
  in.need('-');
  c.month = static_cast<unsigned>(in.digits(2));
  in.need('-');
  c.day = static_cast<unsigned>(in.digits(2));
  if (!in.take(' ')) {
    in.need('T');
  }
  c.hour = in.digits(2);
  in.need(':');
  c.minute = in.digits(2);
  in.need(':');
  c.second = in.digits(2);
  if (in.take('.')) {
    c.millis = in.fraction_millis();
  }
  int offset_minutes = 0;
  if (!in.take('Z')) {
    const int sign = in.take('-') ? -1 : 1;
    if (sign == 1) {
      in.need('+');
    }
    offset_minutes = in.digits(2) * 60;
    in.need(':');
    offset_minutes = sign * (offset_minutes + in.digits(2));
  }
  if (!in.done()) {
    return bad_time(text);
  }
  return assemble(c, offset_minutes, text);
}

Result<Time> parse_basic(std::string_view text) {
  Scanner in(text);
  Civil c{};
  c.year = in.digits(4);
  c.month = static_cast<unsigned>(in.digits(2));
  c.day = static_cast<unsigned>(in.digits(2));
  in.need('T');
  c.hour = in.digits(2);
  c.minute = in.digits(2);
  c.second = in.digits(2);
  in.need('Z');
  if (!in.done()) {
    return bad_time(text);
  }
  return assemble(c, 0, text);
}

Result<Time> parse_http_date(std::string_view text) {
  Scanner in(text);
  Civil c{};
  in.one_of(kWeekdays);
  in.skip(", ");
  c.day = static_cast<unsigned>(in.digits(2));
  in.need(' ');
  c.month = in.one_of(kMonths) + 1;
  in.need(' ');
  c.year = in.digits(4);
  in.need(' ');
  c.hour = in.digits(2);
  in.need(':');
  c.minute = in.digits(2);
  in.need(':');
  c.second = in.digits(2);
  in.skip(" GMT");
  if (!in.done()) {
    return bad_time(text);
  }
  return assemble(c, 0, text);
}

Result<Millis> parse_duration(std::string_view text) {
  CAIRN_TRY(const auto millis, parse_quantity(text, kDurations));
  return Millis{static_cast<std::int64_t>(millis)};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, kSizes);
}

std::string format_duration(Millis duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  for (auto unit = kDurations.rbegin(); unit != kDurations.rend(); ++unit) {
    if (count % unit->factor == 0 && count != 0) {
      return fmt::format("{}{}", count / unit->factor, unit->name);
    }
  }
  return "0s";
}

}  // namespace cairn
