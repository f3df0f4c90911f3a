#include "json/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <limits>

#include "json/cursor.h"

namespace cairn::json {
namespace {

Error invalid(const std::string& problem, std::size_t offset) {
  return Error{Errc::invalid, "JSON: " + problem, "byte " + std::to_string(offset)};
}

// Makes the tree, as Boost.JSON's own handler does, but reads doubles exactly: Boost's reader is off in the
// last place for some, so that they would not be written as they were read.
struct TreeMaker {
  using Text = boost::json::string_view;
  using Problem = boost::system::error_code;
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  bool on_document_begin(Problem&) { return true; }
  bool on_document_end(Problem&) { return true; }
  bool on_object_begin(Problem&) { return true; }
  bool on_object_end(std::size_t size, Problem&) { return stack.push_object(size), true; }
  bool on_array_begin(Problem&) { return true; }
  bool on_array_end(std::size_t size, Problem&) { return stack.push_array(size), true; }
  bool on_key_part(Text text, std::size_t, Problem&) { return stack.push_chars(text), true; }
  bool on_key(Text text, std::size_t, Problem&) { return stack.push_key(text), true; }
  bool on_string_part(Text text, std::size_t, Problem&) { return stack.push_chars(text), true; }
  bool on_string(Text text, std::size_t, Problem&) { return stack.push_string(text), true; }
  bool on_number_part(Text, Problem&) { return true; }
  bool on_int64(std::int64_t number, Text, Problem&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, Text, Problem&) { return stack.push_uint64(number), true; }
  bool on_double(double number, Text text, Problem&) {
    std::from_chars(text.data(), text.data() + text.size(),
                    number);  // too small for one: it stays what it is
    return stack.push_double(number), true;
  }
  bool on_bool(bool is_true, Problem&) { return stack.push_bool(is_true), true; }
  bool on_null(Problem&) { return stack.push_null(), true; }
  bool on_comment_part(Text, Problem&) { return true; }
  bool on_comment(Text, Problem&) { return true; }

  boost::json::value_stack stack{};
};

}  // namespace

Result<value> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error{Errc::limit, "JSON text is larger than " + std::to_string(limits.bytes_max) + " bytes"};
  }
  // First our own grammar, so that here and in records the same texts are refused, for the same reasons;
  // Boost.JSON then finds what is not UTF-8.
  Cursor cursor(text);
  if (!cursor.value(limits.depth_max) || (!cursor.at_end() && !cursor.fail("something follows the value"))) {
    return invalid(cursor.problem(), cursor.offset());
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<TreeMaker> parser(options);
  auto& stack = parser.handler().stack;
  stack.reset();
  boost::system::error_code error;
  const std::size_t read =
      parser.write_some(false, text.data(), text.size(), error);  // whole: no number is in parts
  if (error) {
    return invalid(error.message(), read);
  }
  return stack.release();
}

Result<object> parse_object(std::string_view text, const Limits& limits) {
  CAIRN_TRY(auto parsed, parse(text, limits));
  if (!parsed.is_object()) {
    return Error{Errc::invalid, "JSON: not an object", "byte 0"};
  }
  return std::move(parsed.get_object());
}

const value* find(const object& o, std::string_view key) {
  const value* const found = o.if_contains({key.data(), key.size()});
  return found != nullptr && !found->is_null() ? found : nullptr;
}

std::optional<std::string_view> find_string(const object& o, std::string_view key) {
  const value* const found = find(o, key);
  return found != nullptr && found->is_string() ? std::optional(text_of(found->get_string())) : std::nullopt;
}

std::optional<bool> find_bool(const object& o, std::string_view key) {
  const value* const found = find(o, key);
  return found != nullptr && found->is_bool() ? std::optional(found->get_bool()) : std::nullopt;
}

std::optional<std::int64_t> find_int(const object& o, std::string_view key) {
  // The parser makes an int64 of every integer that fits one.
  const value* const found = find(o, key);
  if (found != nullptr && found->is_uint64() &&
      found->get_uint64() <= std::numeric_limits<std::int64_t>::max()) {
    return static_cast<std::int64_t>(found->get_uint64());
  }
  return found != nullptr && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
}

std::optional<double> find_number(const object& o, std::string_view key) {
  const value* const found = find(o, key);
  if (found == nullptr || !found->is_number()) {
    return std::nullopt;
  }
  if (found->is_int64()) {
    return static_cast<double>(found->get_int64());
  }
  return found->is_uint64() ? static_cast<double>(found->get_uint64()) : found->get_double();
}

const object* find_object(const object& o, std::string_view key) {
  const value* const found = find(o, key);
  return found == nullptr ? nullptr : found->if_object();
}

const array* find_array(const object& o, std::string_view key) {
  const value* const found = find(o, key);
  return found == nullptr ? nullptr : found->if_array();
}

}  // namespace cairn::json
