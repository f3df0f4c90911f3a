// The values of one chunk, in order. Internal to parquet/. Used by one thread; keeps its buffers from chunk
// to chunk.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "parquet/page_bytes.h"
#include "parquet/parquet.h"
#include "parquet/runs.h"

namespace cairn::parquet::detail {

class ChunkReader {
 public:
  // REQUIRES: the chunk is one of the column's.
  Result<void> open(const Input& file, const Column& column, const Chunk& chunk);
  // Goes to the next row's value. REQUIRES: there are rows left.
  Result<void> next();
  // Passes these rows; whole pages without decompressing them.
  Result<void> skip(std::uint64_t rows);

  // Of the row that next() came to, good until the next call.
  bool is_null() const { return null_; }
  std::string_view text() const { return text_; }
  std::uint64_t number() const { return number_; }

 private:
  Result<void> next_page();
  Result<void> open_data_page(const PageHeader& header);
  Result<void> open_indices();
  Result<void> read_dictionary(const PageHeader& header);
  // The value at `at` of a page in plain encoding; moves `at` behind it.
  Result<void> read_plain(PageBytes& page, std::uint64_t& at);
  Result<void> read_index();

  Type type_ = Type::text;
  Codec codec_ = Codec::none;
  bool optional_ = false;
  ChunkInput input_;
  PageBytes page_;
  std::uint32_t left_in_page_ = 0;
  std::uint64_t at_ = 0;  // plain: in the page
  bool plain_ = true;
  Runs levels_;
  Runs indices_;

  PageBytes dictionary_page_;
  std::vector<std::string_view> texts_;  // of the dictionary
  std::vector<std::uint64_t> numbers_;

  bool null_ = false;
  std::string_view text_;
  std::uint64_t number_ = 0;
};

}  // namespace cairn::parquet::detail
