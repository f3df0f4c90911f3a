// The footer is a Thrift structure: a schema, flattened depth first, and row groups whose columns are the
// schema's leaves in order. So a column's chunks are found by the number of its leaf.
//
// Tested by duckdb_test.cc and damage_test.cc.
#include "parquet/footer.h"

#include <fmt/format.h>

#include <cstring>

#include "parquet/thrift.h"

namespace cairn::parquet {

namespace {

using Wire = Thrift::Wire;

constexpr std::int64_t kInt64 = 2;  // Parquet's physical types
constexpr std::int64_t kByteArray = 6;
constexpr std::int64_t kOptional = 1;  // its repetitions
constexpr std::int64_t kRepeated = 2;
constexpr std::int64_t kUncompressed = 0;  // its codecs
constexpr std::int64_t kZstd = 6;

struct Element {
  std::string_view name;
  std::int64_t type = -1;
  std::int64_t repetition = 0;
  std::int64_t children = 0;
};

struct ColumnChunk {
  std::int64_t type = -1;
  std::int64_t codec = -1;
  std::int64_t values = -1;
  std::int64_t bytes = -1;
  std::int64_t data_page = -1;
  std::int64_t dictionary_page = -1;
  bool elsewhere = false;
};

struct RowGroup {
  std::vector<ColumnChunk> columns;
  std::int64_t rows = -1;
};

struct Footer {
  std::vector<Element> schema;
  std::vector<RowGroup> groups;
};

Element read_element(Thrift& thrift) {
  Element element;
  thrift.fields([&](std::int16_t id, Wire wire) {
    switch (id) {
      case 1:
        element.type = thrift.number(wire);
        return;
      case 3:
        element.repetition = thrift.number(wire);
        return;
      case 4:
        element.name = thrift.text(wire);
        return;
      case 5:
        element.children = thrift.number(wire);
        return;
      default:
        thrift.skip(wire);
    }
  });
  return element;
}

void read_column_metadata(Thrift& thrift, ColumnChunk& column) {
  thrift.fields([&](std::int16_t id, Wire wire) {
    switch (id) {
      case 1:
        column.type = thrift.number(wire);
        return;
      case 4:
        column.codec = thrift.number(wire);
        return;
      case 5:
        column.values = thrift.number(wire);
        return;
      case 7:
        column.bytes = thrift.number(wire);
        return;
      case 9:
        column.data_page = thrift.number(wire);
        return;
      case 11:
        column.dictionary_page = thrift.number(wire);
        return;
      default:
        thrift.skip(wire);
    }
  });
}

ColumnChunk read_column_chunk(Thrift& thrift) {
  ColumnChunk column;
  thrift.fields([&](std::int16_t id, Wire wire) {
    if (id == 3 && thrift.is(wire, Wire::structure)) {
      read_column_metadata(thrift, column);
    } else {
      column.elsewhere = column.elsewhere || id == 1;
      thrift.skip(wire);
    }
  });
  return column;
}

RowGroup read_row_group(Thrift& thrift) {
  RowGroup group;
  thrift.fields([&](std::int16_t id, Wire wire) {
    if (id == 1) {
      thrift.elements(wire, [&](Wire each) {
        if (thrift.is(each, Wire::structure)) {
          group.columns.push_back(read_column_chunk(thrift));
        }
      });
    } else if (id == 3) {
      group.rows = thrift.number(wire);
    } else {
      thrift.skip(wire);
    }
  });
  return group;
}

Footer read_footer(Thrift& thrift) {
  Footer footer;
  const auto list = [&](Wire wire, auto&& take) {
    thrift.elements(wire, [&](Wire each) {
      if (thrift.is(each, Wire::structure)) {
        take();
      }
    });
  };
  thrift.fields([&](std::int16_t id, Wire wire) {
    if (id == 2) {
      list(wire, [&] { footer.schema.push_back(read_element(thrift)); });
    } else if (id == 4) {
      list(wire, [&] { footer.groups.push_back(read_row_group(thrift)); });
    } else {
      thrift.skip(wire);
    }
  });
  return footer;
}

Error wrong(Errc code, std::string_view what, std::string_view column) {
  return {code, fmt::format("read Parquet footer: {}", what), std::string(column)};
}

// The leaf's number and its element. Only children of the root count: a name may come again further down.
Result<std::size_t> find_leaf(const Footer& footer, std::string_view name, Element& found) {
  std::size_t leaf = 0;
  std::int64_t below = 0;  // elements of a nested column that are still to come
  for (std::size_t i = 1; i < footer.schema.size(); ++i) {
    const auto& element = footer.schema[i];
    const bool top = below == 0;
    if (element.children < 0 || element.children > static_cast<std::int64_t>(footer.schema.size())) {
      return wrong(Errc::corrupt, "the schema does not add up", name);
    }
    below += element.children - (top ? 0 : 1);
    if (top && element.name == name) {
      found = element;
      return element.children == 0 ? Result<std::size_t>(leaf)
                                   : wrong(Errc::invalid, "the column is nested", name);
    }
    leaf += element.children == 0 ? 1 : 0;
  }
  return wrong(Errc::not_found, "there is no such column", name);
}

Result<Column> column_kind(const Element& element, std::string_view name) {
  if (element.repetition == kRepeated) {
    return wrong(Errc::invalid, "the column is repeated", name);
  }
  if (element.type != kByteArray && element.type != kInt64) {
    return wrong(Errc::invalid, fmt::format("the column's type is {}", element.type), name);
  }
  return Column{.type = element.type == kByteArray ? Type::text : Type::number,
                .codec = Codec::zstd,
                .optional = element.repetition == kOptional,
                .chunks = {}};
}

Result<Codec> codec_of(const ColumnChunk& chunk, std::string_view name) {
  if (chunk.codec == kZstd) {
    return Codec::zstd;
  }
  return chunk.codec == kUncompressed
             ? Result<Codec>(Codec::none)
             : wrong(Errc::invalid, fmt::format("compressed by codec {}", chunk.codec), name);
}

// A chunk begins with its dictionary, if it has one.
Result<Chunk> place_of(const ColumnChunk& chunk, const RowGroup& group, std::uint64_t file_bytes,
                       std::string_view name) {
  const bool dictionary = chunk.dictionary_page > 0 && chunk.dictionary_page < chunk.data_page;
  const auto offset = dictionary ? chunk.dictionary_page : chunk.data_page;
  if (chunk.elsewhere) {
    return wrong(Errc::invalid, "a chunk is in another file", name);
  }
  if (offset < 0 || chunk.bytes < 0 || static_cast<std::uint64_t>(offset) > file_bytes ||
      file_bytes - static_cast<std::uint64_t>(offset) < static_cast<std::uint64_t>(chunk.bytes) ||
      group.rows < 0 || group.rows > UINT32_MAX || chunk.values != group.rows) {
    return wrong(Errc::corrupt, "a chunk is outside the file or has another number of values than rows",
                 name);
  }
  return Chunk{.offset = static_cast<std::uint64_t>(offset),
               .bytes = static_cast<std::uint64_t>(chunk.bytes),
               .first_row = 0,
               .rows = static_cast<std::uint32_t>(group.rows)};
}

}  // namespace

Result<std::uint32_t> footer_bytes(std::string_view tail) {
  std::uint32_t bytes = 0;
  CAIRN_CHECK(tail.size() == kTailBytes);
  std::memcpy(&bytes, tail.data(), sizeof bytes);
  if (tail.substr(4) != "PAR1") {
    return Error{Errc::corrupt, "read Parquet footer: the file does not end as one"};
  }
  return bytes;
}

Result<Column> parse_footer(std::string_view bytes, std::string_view name, std::uint64_t file_bytes) {
  Thrift thrift(bytes);
  const auto footer = read_footer(thrift);
  if (!thrift.good()) {
    return wrong(Errc::corrupt, "it is damaged", name);
  }
  Element element;
  CAIRN_TRY(const auto leaf, find_leaf(footer, name, element));
  CAIRN_TRY(auto column, column_kind(element, name));
  if (footer.groups.size() > kChunksMax) {
    return wrong(Errc::limit, "too many row groups", name);
  }
  for (const auto& group : footer.groups) {
    if (leaf >= group.columns.size() || group.columns[leaf].type != element.type) {
      return wrong(Errc::corrupt, "a row group lacks the column", name);
    }
    CAIRN_TRY(const auto codec, codec_of(group.columns[leaf], name));
    CAIRN_TRY(auto chunk, place_of(group.columns[leaf], group, file_bytes, name));
    if (!column.chunks.empty() && codec != column.codec) {
      return wrong(Errc::invalid, "row groups are compressed differently", name);
    }
    column.codec = codec;
    chunk.first_row = column.rows();
    column.chunks.push_back(chunk);
  }
  return column;
}

Result<Column> find_column(const Input& file, std::string_view name) {
  const auto size = file.bytes();
  if (size < kTailBytes) {
    return wrong(Errc::corrupt, "the file is too short", name);
  }
  std::string bytes(kTailBytes, '\0');
  CAIRN_TRY_VOID(file.read(size - kTailBytes, bytes));
  CAIRN_TRY(const auto length, footer_bytes(bytes));
  if (length > kFooterBytesMax || length > size - kTailBytes) {
    return wrong(Errc::corrupt, "its length is wrong", name);
  }
  bytes.resize(length);
  CAIRN_TRY_VOID(file.read(size - kTailBytes - length, bytes));
  return parse_footer(bytes, name, size);
}

}  // namespace cairn::parquet
