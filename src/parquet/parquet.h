// Rows of a Parquet file without an engine: one flat column of texts, or of unsigned numbers, as DuckDB 1.4
// writes them (PLAIN or dictionary, data pages of version 1, zstd or not compressed). Anything else is
// refused: Errc::invalid for what other writers may do, Errc::corrupt for what cannot be.
//
//   CAIRN_TRY(const auto file, open_input(path));
//   CAIRN_TRY(auto column, parquet::find_column(*file, "eventJson"));  // once; reads the footer
//   const auto kept = parquet::encode(column);                         // small: for an index beside the file
//   parquet::RowReader reader;                                         // keeps its buffers
//   reader.read(*file, column, rows, [&](auto row, auto text) { … });
//
// Columns are values. A reader is used by one thread at a time; files are read with pread, so one descriptor
// serves all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/input.h"
#include "base/result.h"

namespace cairn::parquet {

inline constexpr std::size_t kFooterBytesMax = 64U << 20;
inline constexpr std::size_t kPageBytesMax = 1U << 30;  // uncompressed
inline constexpr std::size_t kChunksMax = 1U << 20;     // row groups of a file

enum class Type : std::uint8_t { text = 0, number = 1 };
enum class Codec : std::uint8_t { none = 0, zstd = 1 };

// A row group's part of a column.
struct Chunk {
  std::uint64_t offset = 0;     // in the file, of its first page
  std::uint64_t bytes = 0;      // in the file
  std::uint64_t first_row = 0;  // in the file
  std::uint32_t rows = 0;
  friend bool operator==(const Chunk&, const Chunk&) = default;
};

struct Column {
  Type type = Type::text;
  Codec codec = Codec::zstd;
  bool optional = true;  // may have NULLs
  std::vector<Chunk> chunks;

  std::uint64_t rows() const { return chunks.empty() ? 0 : chunks.back().first_row + chunks.back().rows; }
  friend bool operator==(const Column&, const Column&) = default;
};

// Reads the file's footer. Errc::not_found: no such column. Errc::invalid: it is nested, of another type, or
// compressed otherwise.
Result<Column> find_column(const Input& file, std::string_view name);

// A column in few bytes (about 6 a chunk), and back. Errc::corrupt; Errc::invalid for a newer form.
std::string encode(const Column& column);
Result<Column> decode(std::string_view bytes);

namespace detail {
class ChunkReader;
}

// Takes a row's text; NULL is nothing. The view is valid during the call. An error ends the reading.
using TextSink = std::function<Result<void>(std::uint64_t row, std::optional<std::string_view> text)>;

// Reads single rows. Costs a decompression up to the last row wanted of each chunk: on average half a row
// group for one row. Keeps the buffers of the largest page it has seen.
class RowReader {
 public:
  RowReader();
  ~RowReader();
  RowReader(RowReader&&) noexcept;

  // `rows`: numbers in the file, rising, in as many chunks as they like. REQUIRES: each < column.rows();
  // column.type is text; the file is the one that the column is of.
  Result<void> read(const Input& file, const Column& column, std::span<const std::uint64_t> rows,
                    const TextSink& sink);

 private:
  std::unique_ptr<detail::ChunkReader> chunk_;
};

// Reads a text and a number of every row in the file's order, for merges. Memory: one page of each column.
class RowCursor {
 public:
  // REQUIRES: the file outlives it. Errc::invalid: the columns are not of these types.
  static Result<RowCursor> open(const Input& file, std::string_view text_column,
                                std::string_view number_column);
  ~RowCursor();
  RowCursor(RowCursor&&) noexcept;

  // False: there are no more rows.
  Result<bool> next();
  // Of the row that next() came to, valid until its next call. NULL is empty, and 0.
  std::string_view text() const { return text_; }
  std::uint64_t number() const { return number_; }
  std::uint64_t rows() const { return texts_.rows(); }

 private:
  RowCursor(const Input& file, Column texts, Column numbers);
  Result<void> open_chunk();

  const Input* file_;
  Column texts_;
  Column numbers_;
  std::size_t chunk_ = 0;   // the next one
  std::uint32_t left_ = 0;  // rows of the present one
  std::string_view text_;
  std::uint64_t number_ = 0;
  std::unique_ptr<detail::ChunkReader> text_chunk_;
  std::unique_ptr<detail::ChunkReader> number_chunk_;
};

}  // namespace cairn::parquet
