// JSON documents as trees: what APIs, policies and patterns are read into and answers are written from.
// Boost.JSON's types; objects keep the order of their members. (An event on the hot path is not read into a
// tree: see json/scan.h and json/records.h.)
//
// Pure and thread-safe. object::erase() moves the last member into the gap: to keep the order, use
// stable_erase().
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::json {

using boost::json::array;
using boost::json::kind;
using boost::json::object;
using boost::json::string;
using boost::json::value;

struct Limits {
  std::size_t bytes_max = 8U << 20;
  std::size_t depth_max = 64;
};

// Errc::invalid: not well-formed, not UTF-8, too deep, a number beyond a double; the subject names the byte.
// Errc::limit: too many bytes. Of members with the same name the last one counts.
Result<value> parse(std::string_view text, const Limits& limits = {});
// Errc::invalid also when the text is no object.
Result<object> parse_object(std::string_view text, const Limits& limits = {});

// Compact. Always well-formed: bytes in strings that are not UTF-8 become U+FFFD, numbers that JSON does not
// have (NaN, infinities) null. Doubles are written so that they read back the same: 1772446500.0, 0.25,
// 1e+300.
std::string serialize(const value& v);
std::string serialize(const object& v);
std::string serialize(const array& v);
void append(std::string& out, const value& v);
void append(std::string& out, const object& v);
// As a JSON string, with its quotes.
void append_string(std::string& out, std::string_view text);
std::string quote(std::string_view text);

// The member, or nullptr when it is absent or null: AWS's APIs make no difference between the two.
const value* find(const object& o, std::string_view key);
// The member, or nothing when it is absent, null or of another type.
std::optional<std::string_view> find_string(const object& o, std::string_view key);
std::optional<bool> find_bool(const object& o, std::string_view key);
std::optional<std::int64_t> find_int(const object& o,
                                     std::string_view key);                // a double is no integer, even 5.0
std::optional<double> find_number(const object& o, std::string_view key);  // any number
const object* find_object(const object& o, std::string_view key);
const array* find_array(const object& o, std::string_view key);

// Boost's strings as ours.
inline std::string_view text_of(const string& s) {
  return {s.data(), s.size()};
}

}  // namespace cairn::json
