// A Parquet file's footer (FileMetaData), as far as columns of ours need it. Internal to parquet/. Pure.
#pragma once

#include <string_view>

#include "parquet/parquet.h"

namespace cairn::parquet {

inline constexpr std::size_t kTailBytes = 8;  // length of the footer, "PAR1"

// How long the footer is that ends in this tail. REQUIRES: kTailBytes.
Result<std::uint32_t> footer_bytes(std::string_view tail);
// `file_bytes`: chunks that reach beyond are refused.
Result<Column> parse_footer(std::string_view footer, std::string_view name, std::uint64_t file_bytes);

}  // namespace cairn::parquet
