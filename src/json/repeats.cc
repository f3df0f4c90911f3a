// Tested by repeats_test.cc.
#include "json/repeats.h"

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <string>
#include <unordered_set>
#include <vector>

namespace cairn::json {
namespace {

constexpr std::size_t kDepthMax = 64;

// Fails at the first name that its object has already.
struct NameKeeper {
  using Text = boost::json::string_view;
  using Problem = boost::system::error_code;
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  bool on_document_begin(Problem&) { return true; }
  bool on_document_end(Problem&) { return true; }
  bool on_object_begin(Problem&) { return open.emplace_back(), true; }
  bool on_object_end(std::size_t, Problem&) { return open.pop_back(), true; }
  bool on_array_begin(Problem&) { return true; }
  bool on_array_end(std::size_t, Problem&) { return true; }
  bool on_key_part(Text text, std::size_t, Problem&) { return name.append(text.data(), text.size()), true; }
  bool on_key(Text text, std::size_t, Problem& problem) {
    name.append(text.data(), text.size());
    is_repeated = !open.back().insert(std::exchange(name, {})).second;
    if (is_repeated) {
      problem = boost::json::make_error_code(boost::json::error::syntax);
    }
    return !is_repeated;
  }
  bool on_string_part(Text, std::size_t, Problem&) { return true; }
  bool on_string(Text, std::size_t, Problem&) { return true; }
  bool on_number_part(Text, Problem&) { return true; }
  bool on_int64(std::int64_t, Text, Problem&) { return true; }
  bool on_uint64(std::uint64_t, Text, Problem&) { return true; }
  bool on_double(double, Text, Problem&) { return true; }
  bool on_bool(bool, Problem&) { return true; }
  bool on_null(Problem&) { return true; }
  bool on_comment_part(Text, Problem&) { return true; }
  bool on_comment(Text, Problem&) { return true; }

  std::vector<std::unordered_set<std::string>> open{};  // objects, and their names so far
  std::string name{};
  bool is_repeated = false;
};

}  // namespace

bool has_repeated_member(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::basic_parser<NameKeeper> parser(options);
  boost::system::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().is_repeated;
}

}  // namespace cairn::json
