// What stands before a page's bytes. Internal to parquet/. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace cairn::parquet {

enum class PageType : std::uint8_t { data = 0, index = 1, dictionary = 2, data_v2 = 3 };
enum class Encoding : std::uint8_t { plain = 0, plain_dictionary = 2, rle = 3, rle_dictionary = 8 };

struct PageHeader {
  PageType type{};
  Encoding encoding{};
  std::uint32_t values = 0;
  std::uint32_t uncompressed_bytes = 0;
  std::uint32_t compressed_bytes = 0;
  std::size_t header_bytes = 0;
};

// From the front of these bytes. Errc::invalid: pages of a kind that is not known here.
Result<PageHeader> parse_page_header(std::string_view bytes);

}  // namespace cairn::parquet
