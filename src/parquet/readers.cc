// Tested by duckdb_test.cc and damage_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "parquet/chunk_reader.h"
#include "parquet/parquet.h"

namespace cairn::parquet {

RowReader::RowReader() : chunk_(std::make_unique<detail::ChunkReader>()) {}
RowReader::~RowReader() = default;
RowReader::RowReader(RowReader&&) noexcept = default;

Result<void> RowReader::read(const Input& file, const Column& column, std::span<const std::uint64_t> rows,
                             const TextSink& sink) {
  CAIRN_CHECK(column.type == Type::text);
  while (!rows.empty()) {
    CAIRN_CHECK(rows.front() < column.rows());
    // The last chunk that begins at the row or before; those after it that have no rows begin later.
    const auto after = std::ranges::upper_bound(column.chunks, rows.front(), {}, &Chunk::first_row);
    const auto& chunk = *(after - 1);
    CAIRN_TRY_VOID(chunk_->open(file, column, chunk));
    auto at = chunk.first_row;
    for (; !rows.empty() && rows.front() < chunk.first_row + chunk.rows; rows = rows.subspan(1)) {
      CAIRN_CHECK(rows.front() >= at);
      CAIRN_TRY_VOID(chunk_->skip(rows.front() - at));
      CAIRN_TRY_VOID(chunk_->next());
      at = rows.front() + 1;
      CAIRN_TRY_VOID(sink(rows.front(), chunk_->is_null() ? std::nullopt : std::optional(chunk_->text())));
    }
  }
  return {};
}

RowCursor::RowCursor(const Input& file, Column texts, Column numbers)
    : file_(&file),
      texts_(std::move(texts)),
      numbers_(std::move(numbers)),
      text_chunk_(std::make_unique<detail::ChunkReader>()),
      number_chunk_(std::make_unique<detail::ChunkReader>()) {}
RowCursor::~RowCursor() = default;
RowCursor::RowCursor(RowCursor&&) noexcept = default;

Result<RowCursor> RowCursor::open(const Input& file, std::string_view text_column,
                                  std::string_view number_column) {
  CAIRN_TRY(auto texts, find_column(file, text_column));
  CAIRN_TRY(auto numbers, find_column(file, number_column));
  if (texts.type != Type::text || numbers.type != Type::number) {
    return Error{Errc::invalid, "read Parquet rows: a column has another type",
                 fmt::format("{}, {}", text_column, number_column)};
  }
  return RowCursor(file, std::move(texts), std::move(numbers));
}

// Both columns come from one footer, so they have the same row groups.
Result<void> RowCursor::open_chunk() {
  CAIRN_TRY_VOID(text_chunk_->open(*file_, texts_, texts_.chunks[chunk_]));
  CAIRN_TRY_VOID(number_chunk_->open(*file_, numbers_, numbers_.chunks[chunk_]));
  left_ = texts_.chunks[chunk_].rows;
  ++chunk_;
  return {};
}

Result<bool> RowCursor::next() {
  while (left_ == 0) {
    if (chunk_ == texts_.chunks.size()) {
      return false;
    }
    CAIRN_TRY_VOID(open_chunk());
  }
  --left_;
  CAIRN_TRY_VOID(text_chunk_->next());
  CAIRN_TRY_VOID(number_chunk_->next());
  text_ = text_chunk_->text();
  number_ = number_chunk_->number();
  return true;
}

}  // namespace cairn::parquet
