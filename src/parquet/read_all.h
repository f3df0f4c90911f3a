// Reads everything that a Parquet file of foreign bytes can be asked for, and believes nothing: for damaged
// files, in the test and the fuzzer.
#pragma once

#include "parquet/parquet.h"

namespace cairn::parquet::testing {

inline constexpr std::size_t kRowsRead = 10'000;  // a damaged footer may promise any number

// The texts of column t in order; what it ended with.
inline Result<std::string> read_all(const Input& file) {
  std::string texts;
  CAIRN_TRY(auto cursor, RowCursor::open(file, "t", "n"));
  for (std::size_t i = 0; i < kRowsRead; ++i) {
    CAIRN_TRY(const auto more, cursor.next());
    if (!more) {
      break;
    }
    texts += cursor.text();
    texts += std::to_string(cursor.number());
  }
  return texts;
}

// Some rows by number, through a stored directory.
inline Result<std::string> read_some(const Input& file) {
  std::string texts;
  CAIRN_TRY(const auto found, find_column(file, "t"));
  CAIRN_TRY(const auto column, decode(encode(found)));
  CAIRN_CHECK(column == found);
  RowReader reader;
  for (std::uint64_t row = 0; row < std::min<std::uint64_t>(column.rows(), kRowsRead); row = row * 2 + 1) {
    const std::uint64_t rows[] = {row};
    CAIRN_TRY_VOID(reader.read(file, column, rows, [&](auto, std::optional<std::string_view> text) {
      texts += text.value_or("NULL");
      return Result<void>();
    }));
  }
  return texts;
}

}  // namespace cairn::parquet::testing
