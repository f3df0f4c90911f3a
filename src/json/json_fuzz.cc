// Any bytes: our grammar and Boost.JSON accept the same texts; what was read is written and read again,
// alike; a member is there twice where a text has more of them than its tree.
#include "json/json.h"

#include "json/records.h"
#include "json/repeats.h"

namespace {

using cairn::json::value;

std::size_t members_in(const value& tree) {
  std::size_t count = 0;
  if (const auto* object = tree.if_object()) {
    for (const auto& member : *object) {
      count += 1 + members_in(member.value());
    }
  } else if (const auto* array = tree.if_array()) {
    for (const auto& one : *array) {
      count += members_in(one);
    }
  }
  return count;
}

// Each has a colon, outside of strings.
std::size_t members_in(std::string_view text) {
  std::size_t count = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_string && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      in_string = !in_string;
    } else if (!in_string && text[at] == ':') {
      ++count;
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tree = json::parse(text);
  CAIRN_CHECK(tree.has_value() == json::check_text(text, json::Limits{}.depth_max).has_value());
  if (tree.has_value()) {
    const auto written = json::serialize(*tree);
    const auto again = json::parse(written);
    CAIRN_CHECK(again.has_value());
    CAIRN_CHECK(*again == *tree);
    CAIRN_CHECK(json::minify(written) == written);
    CAIRN_CHECK(json::has_repeated_member(text) == (members_in(text) != members_in(*tree)));
  }
  CAIRN_CHECK(json::parse(json::quote(text)).has_value());
  return 0;
}
