#include "aws/scalars.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/time.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/utf8.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

// The years 1 to 9999: what the text formats can hold.
constexpr double kSecondsMin = -62'135'596'800.0;
constexpr double kSecondsMax = 253'402'300'799.0;

Time time_of(double seconds) {
  const double kept = std::isfinite(seconds) ? std::clamp(seconds, kSecondsMin, kSecondsMax) : 0.0;
  return Time(Millis(std::llround(kept * 1000.0)));
}

bool is_whole(double number) {
  return std::isfinite(number) && std::floor(number) == number && std::abs(number) < 9e15;
}

template <class Number>
std::optional<Number> parsed_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string_view trimmed_scalar(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  return from == std::string_view::npos ? std::string_view{}
                                        : text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::optional<boost::json::value> integer_value(std::string_view text, Kind kind) {
  const auto number = parsed_number<std::int64_t>(text);
  if (!number || (kind == Kind::integer && *number != static_cast<std::int32_t>(*number))) {
    return std::nullopt;
  }
  return *number;
}

std::optional<boost::json::value> floating_value(std::string_view text) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    return boost::json::value(boost::json::string(text));
  }
  const auto number = parsed_number<double>(text);
  return number && std::isfinite(*number) ? std::optional<boost::json::value>(*number) : std::nullopt;
}

}  // namespace

boost::json::value timestamp_value(double seconds) {
  return is_whole(seconds) ? boost::json::value(static_cast<std::int64_t>(seconds))
                           : boost::json::value(seconds);
}

TimestampFormat timestamp_format(const Member& member, TimestampFormat otherwise) {
  return member.timestamp == TimestampFormat::by_protocol ? otherwise : member.timestamp;
}

std::optional<double> parse_timestamp(std::string_view text) {
  if (const auto number = parsed_number<double>(text)) {
    return std::isfinite(*number) ? number : std::nullopt;
  }
  if (auto time = parse_rfc3339(text)) {
    return seconds_since_epoch(*time);
  }
  if (auto time = parse_http_date(text)) {
    return seconds_since_epoch(*time);
  }
  return std::nullopt;
}

std::string timestamp_text(double seconds, TimestampFormat format, bool always_millis) {
  switch (format) {
    case TimestampFormat::by_protocol:
    case TimestampFormat::iso8601:
      return always_millis || !is_whole(seconds) ? rfc3339_millis(time_of(seconds))
                                                 : rfc3339(time_of(seconds));
    case TimestampFormat::rfc822:
      return http_date(time_of(std::floor(seconds)));
    case TimestampFormat::unix_seconds:
      return floating_text(seconds);
  }
  return {};
}

std::string floating_text(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "Infinity" : "-Infinity";
  }
  return is_whole(number) ? fmt::format("{:.0f}", number) : fmt::format("{}", number);
}

std::optional<std::string> scalar_text(const Member& member, const boost::json::value& value,
                                       TimestampFormat otherwise, bool always_millis) {
  switch (value.kind()) {
    case boost::json::kind::string:
      return std::string(std::string_view(value.get_string()));
    case boost::json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      break;
    default:
      return std::nullopt;
  }
  const double number = value.to_number<double>();
  if (member.shape->kind == Kind::timestamp) {
    return timestamp_text(number, timestamp_format(member, otherwise), always_millis);
  }
  return value.is_double() ? floating_text(number) : json::serialize(value);
}

std::optional<boost::json::value> scalar_value(const Member& member, std::string_view text) {
  switch (member.shape->kind) {
    case Kind::string:
      return codec::valid_utf8(text) ? std::optional<boost::json::value>(boost::json::string(text))
                                     : std::nullopt;
    case Kind::blob:
      return codec::base64_decode(trimmed_scalar(text))
                 ? std::optional<boost::json::value>(boost::json::string(trimmed_scalar(text)))
                 : std::nullopt;
    case Kind::boolean:
      return codec::equals_ignore_case(text, "true")    ? std::optional<boost::json::value>(true)
             : codec::equals_ignore_case(text, "false") ? std::optional<boost::json::value>(false)
                                                        : std::nullopt;
    case Kind::integer:
    case Kind::long_integer:
      return integer_value(trimmed_scalar(text), member.shape->kind);
    case Kind::floating:
      return floating_value(trimmed_scalar(text));
    case Kind::timestamp: {
      const auto seconds = parse_timestamp(trimmed_scalar(text));
      return seconds ? std::optional(timestamp_value(*seconds)) : std::nullopt;
    }
    case Kind::structure:
    case Kind::list:
    case Kind::map:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace cairn::aws
