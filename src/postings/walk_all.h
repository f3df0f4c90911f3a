// Asks an index everything it can be asked, and believes nothing: for damaged files, in the test and the
// fuzzer.
#pragma once

#include <string>

#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings::testing {

// The bytes with a good mark, length and good checksums of all that their table names, as a writer with a
// defect would have written them: of version 1, whose blocks have no checksums. Nothing: there is no room for
// the table.
inline std::optional<std::string> resummed(std::string bytes) {
  std::uint32_t sections = 0;
  if (bytes.size() < kHeadBytes || !get(bytes, 12, sections) ||
      sections > (bytes.size() - kHeadBytes) / kLineBytes) {
    return std::nullopt;
  }
  std::string table;
  for (std::uint32_t i = 0; i < sections; ++i) {
    Line line;
    get(bytes, kHeadBytes + i * kLineBytes, line);
    if (line.offset <= bytes.size() && bytes.size() - line.offset >= line.bytes) {
      line.checksum = codec::crc32c(std::string_view(bytes).substr(line.offset, line.bytes));
    }
    put(table, line);
  }
  std::string head(kMark);
  put(head, std::uint32_t{1});
  put(head, sections);
  put(head, std::uint64_t{bytes.size()});
  head += bytes.substr(24, 4);
  put(head, codec::crc32c(table, codec::crc32c(head)));
  bytes.replace(0, kHeadBytes + table.size(), head + table);
  return bytes;
}

// False: something said Errc::corrupt.
inline bool walk_all(std::string_view bytes) {
  const auto index = Index::over(bytes);
  if (!index) {
    return false;
  }
  const auto& read = **index;
  bool good = read.verify().has_value();
  const auto look = [&](Term term) {
    auto rows = read.find(term);
    good = good && rows.has_value();
    if (!rows) {
      return;
    }
    Row last = read.rows();
    for (auto row = rows->next(); row; row = rows->next()) {
      CAIRN_CHECK(*row < last);
      last = *row;
      if (last % 5 == 0) {
        rows->seek_before(last - last / 3);
      }
    }
    good = good && rows->good();
  };
  for (std::uint64_t term = 0; term < 64; ++term) {
    look(Term{(term + 1) * 0xC2B2'AE3D'27D4'EB4FULL});
    look(Term{(term + 1) * 0x9E37'79B9'7F4A'7C15ULL});
    look(Term{term << 58 | term << 36});
  }
  for (Row row = 0; row < std::min<Row>(read.rows(), 300); ++row) {
    good = read.key(row).has_value() && good;
  }
  for (const auto* scope : {"scope 0", "scope 1", ""}) {
    const auto range = read.scope(scope);
    good = range.has_value() && read.lower_bound(*range, {.time_ms = 0, .position = 7}).has_value() && good;
  }
  return read.section(kFirstTag).has_value() && good;
}

}  // namespace cairn::postings::testing
