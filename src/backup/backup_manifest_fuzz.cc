// Any line: no crash; what was read is written and read again alike, and no path leaves the folder.
#include "backup/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::backup;
  const auto line = parse_line({reinterpret_cast<const char*>(data), size});
  if (!line) {
    return 0;
  }
  const auto text = std::visit([](const auto& one) { return to_line(one); }, *line);
  const auto again = parse_line(text);
  CAIRN_CHECK(again.has_value() && again->index() == line->index());
  if (const auto* const item = std::get_if<Item>(&*line)) {
    CAIRN_CHECK(item->path.find("..") == std::string::npos || item->path.find("/..") == std::string::npos);
    CAIRN_CHECK(!item->path.starts_with('/'));
    CAIRN_CHECK(std::get<Item>(*again).path == item->path);
  }
  return 0;
}
