// Numbers, booleans, blobs and timestamps as text, both ways: what XML, forms, headers and query strings have
// in common.
//
// In the objects that decode and encode functions take and give, a timestamp is a number of seconds since
// 1970 (an integer where it is whole), a blob is base64 text, and a float that JSON cannot hold is "NaN",
// "Infinity" or "-Infinity".
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "aws/model.h"

namespace cairn::aws {

using DecodedValue = Result<boost::json::value, Fault>;
using DecodedObject = Result<boost::json::object, Fault>;

// A number of seconds as a JSON number: an integer if it is whole.
boost::json::value timestamp_value(double seconds);

// By the member's own format, or else by `otherwise`.
TimestampFormat timestamp_format(const Member& member, TimestampFormat otherwise);

// Any of the three formats, whatever was announced: clients are not strict. Nothing if it is none of them.
std::optional<double> parse_timestamp(std::string_view text);

// With fractions only where there are any, to the millisecond; S3's answers always have them
// (`always_millis`).
std::string timestamp_text(double seconds, TimestampFormat format, bool always_millis = false);

// "1.5", "3", "NaN".
std::string floating_text(double number);

// A scalar as text; nothing for structures, lists and maps. A value of another kind than the member's is
// written as what it is.
std::optional<std::string> scalar_text(const Member& member, const boost::json::value& value,
                                       TimestampFormat otherwise, bool always_millis = false);

// A scalar from text; nothing if it is not of the member's kind, or not UTF-8.
std::optional<boost::json::value> scalar_value(const Member& member, std::string_view text);

}  // namespace cairn::aws
