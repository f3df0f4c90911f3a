// Any bytes: our grammar and Boost.JSON accept the same texts; what was read is written and read again,
// alike.
#include "json/json.h"

#include "json/records.h"

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
  }
  CAIRN_CHECK(json::parse(json::quote(text)).has_value());
  return 0;
}
