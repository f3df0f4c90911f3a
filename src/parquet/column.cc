// A column's directory in few bytes: version, type, codec, optional, then for each chunk its rows, how far it
// begins after the end of the one before, and its bytes. All varints, the distance zigzag.
//
// Tested by column_test.cc.
#include <fmt/format.h>

#include "parquet/parquet.h"
#include "parquet/thrift.h"

namespace cairn::parquet {

namespace {

constexpr std::uint64_t kColumnVersion = 1;

void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    to.push_back(static_cast<char>(value | 0x80));
  }
  to.push_back(static_cast<char>(value));
}

std::uint64_t zigzag(std::uint64_t distance) {
  return (distance << 1) ^ (~(distance >> 63) + 1);
}

Error damaged_column() {
  return {Errc::corrupt, "read column directory: it is damaged"};
}

bool take_chunk(std::string_view& bytes, Column& column) {
  std::uint64_t rows = 0;
  std::uint64_t distance = 0;
  Chunk chunk;
  if (!take_varint(bytes, rows) || !take_varint(bytes, distance) || !take_varint(bytes, chunk.bytes) ||
      rows > UINT32_MAX) {
    return false;
  }
  const auto before = column.chunks.empty() ? Chunk{} : column.chunks.back();
  chunk.rows = static_cast<std::uint32_t>(rows);
  chunk.first_row = column.rows();
  chunk.offset = before.offset + before.bytes + static_cast<std::uint64_t>(unzigzag(distance));
  column.chunks.push_back(chunk);
  return chunk.offset <= INT64_MAX && chunk.bytes <= INT64_MAX - chunk.offset;
}

}  // namespace

std::string encode(const Column& column) {
  std::string bytes;
  for (const std::uint64_t value :
       {kColumnVersion, static_cast<std::uint64_t>(column.type), static_cast<std::uint64_t>(column.codec),
        std::uint64_t{column.optional}, std::uint64_t{column.chunks.size()}}) {
    put_varint(bytes, value);
  }
  std::uint64_t end = 0;
  for (const auto& chunk : column.chunks) {
    put_varint(bytes, chunk.rows);
    put_varint(bytes, zigzag(chunk.offset - end));
    put_varint(bytes, chunk.bytes);
    end = chunk.offset + chunk.bytes;
  }
  return bytes;
}

Result<Column> decode(std::string_view bytes) {
  std::uint64_t version = 0;
  std::uint64_t type = 0;
  std::uint64_t codec = 0;
  std::uint64_t optional = 0;
  std::uint64_t chunks = 0;
  if (!take_varint(bytes, version)) {
    return damaged_column();
  }
  if (version > kColumnVersion) {
    return Error{Errc::invalid,
                 fmt::format("read column directory: version {}, this program knows versions up to {}",
                             version, kColumnVersion)};
  }
  if (version == 0 || !take_varint(bytes, type) || !take_varint(bytes, codec) ||
      !take_varint(bytes, optional) || !take_varint(bytes, chunks) || type > 1 || codec > 1 || optional > 1 ||
      chunks > kChunksMax || chunks > bytes.size()) {
    return damaged_column();
  }
  Column column{.type = static_cast<Type>(type),
                .codec = static_cast<Codec>(codec),
                .optional = optional == 1,
                .chunks = {}};
  column.chunks.reserve(chunks);
  for (std::uint64_t i = 0; i < chunks; ++i) {
    if (!take_chunk(bytes, column)) {
      return damaged_column();
    }
  }
  return bytes.empty() ? Result<Column>(std::move(column)) : damaged_column();
}

}  // namespace cairn::parquet
