// A chunk: a dictionary page, if it has one, and data pages. A data page (version 1) of an optional column
// begins with its definition levels (1: there is a value); then come the values, one after another, or their
// places in the dictionary.
//
// Tested by duckdb_test.cc and damage_test.cc.
#include "parquet/chunk_reader.h"

#include <cstring>

namespace cairn::parquet::detail {

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kNumberBytes = 8;

Error broken_chunk(std::string_view what) {
  return {Errc::corrupt, "read Parquet column: " + std::string(what)};
}

std::uint32_t length_at(std::string_view bytes, std::uint64_t at) {
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + at, sizeof length);
  return length;
}

}  // namespace

Result<void> ChunkReader::open(const Input& file, const Column& column, const Chunk& chunk) {
  type_ = column.type;
  codec_ = column.codec;
  optional_ = column.optional;
  input_.open(file, chunk.offset, chunk.bytes);
  page_.forget();
  left_in_page_ = 0;
  texts_.clear();
  numbers_.clear();
  return {};
}

Result<void> ChunkReader::next_page() {
  for (;;) {
    if (input_.left() == 0) {
      return broken_chunk("it has fewer values than rows");
    }
    CAIRN_TRY(const auto front, input_.peek(ChunkInput::kBufferBytes));
    CAIRN_TRY(const auto header, parse_page_header(front));
    input_.consume(header.header_bytes);
    if (header.type == PageType::dictionary) {
      CAIRN_TRY_VOID(read_dictionary(header));
      continue;
    }
    CAIRN_TRY_VOID(open_data_page(header));
    if (left_in_page_ > 0) {
      return {};
    }
    page_.leave();
  }
}

Result<void> ChunkReader::open_data_page(const PageHeader& header) {
  CAIRN_TRY_VOID(page_.open(input_, codec_, header));
  left_in_page_ = header.values;
  at_ = 0;
  if (optional_) {
    CAIRN_TRY_VOID(page_.ensure(kLengthBytes));
    const std::uint64_t end = kLengthBytes + std::uint64_t{length_at(page_.have(), 0)};
    CAIRN_TRY_VOID(page_.ensure(end));
    levels_ = Runs(page_.have().substr(kLengthBytes, end - kLengthBytes), 1);
    at_ = end;
  }
  plain_ = header.encoding == Encoding::plain;
  return plain_ ? Result<void>() : open_indices();
}

// The width in one byte, then all places.
Result<void> ChunkReader::open_indices() {
  CAIRN_TRY_VOID(page_.ensure(page_.size()));
  const auto rest = page_.have().substr(at_);
  if (rest.empty()) {
    indices_ = {};  // a page of NULLs alone may have none
    return {};
  }
  const auto width = static_cast<std::uint8_t>(rest.front());
  if (width > 32) {
    return broken_chunk("places in its dictionary are too wide");
  }
  indices_ = Runs(rest.substr(1), width);
  return {};
}

Result<void> ChunkReader::read_dictionary(const PageHeader& header) {
  CAIRN_TRY_VOID(dictionary_page_.open(input_, codec_, header));
  if (header.values > header.uncompressed_bytes / (type_ == Type::text ? kLengthBytes : kNumberBytes)) {
    return broken_chunk("its dictionary is too short");
  }
  texts_.clear();
  numbers_.clear();
  std::uint64_t at = 0;
  for (std::uint32_t i = 0; i < header.values; ++i) {
    CAIRN_TRY_VOID(read_plain(dictionary_page_, at));
    type_ == Type::text ? texts_.push_back(text_) : numbers_.push_back(number_);
  }
  dictionary_page_.leave();
  return {};
}

Result<void> ChunkReader::read_plain(PageBytes& page, std::uint64_t& at) {
  if (type_ == Type::number) {
    CAIRN_TRY_VOID(page.ensure(at + kNumberBytes));
    std::memcpy(&number_, page.have().data() + at, sizeof number_);
    at += kNumberBytes;
    return {};
  }
  CAIRN_TRY_VOID(page.ensure(at + kLengthBytes));
  const auto length = length_at(page.have(), at);
  at += kLengthBytes;
  CAIRN_TRY_VOID(page.ensure(at + length));
  text_ = page.have().substr(at, length);
  at += length;
  return {};
}

Result<void> ChunkReader::read_index() {
  std::uint32_t index = 0;
  if (!indices_.next(index) || index >= (type_ == Type::text ? texts_.size() : numbers_.size())) {
    return broken_chunk("a value is not in its dictionary");
  }
  if (type_ == Type::text) {
    text_ = texts_[index];
  } else {
    number_ = numbers_[index];
  }
  return {};
}

Result<void> ChunkReader::next() {
  if (left_in_page_ == 0) {
    page_.leave();
    CAIRN_TRY_VOID(next_page());
  }
  --left_in_page_;
  std::uint32_t level = 1;
  if (optional_ && (!levels_.next(level) || level > 1)) {
    return broken_chunk("its levels are damaged");
  }
  null_ = level == 0;
  text_ = {};
  number_ = 0;
  if (null_) {
    return {};
  }
  return plain_ ? read_plain(page_, at_) : read_index();
}

Result<void> ChunkReader::skip(std::uint64_t rows) {
  while (rows > 0) {
    if (left_in_page_ == 0) {
      page_.leave();
      CAIRN_TRY_VOID(next_page());
    }
    if (rows >= left_in_page_) {
      rows -= left_in_page_;
      left_in_page_ = 0;
      continue;
    }
    for (; rows > 0; --rows) {
      CAIRN_TRY_VOID(next());
    }
  }
  return {};
}

}  // namespace cairn::parquet::detail
