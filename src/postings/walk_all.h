// Asks an index everything it can be asked, and believes nothing: for damaged files, in the test and the
// fuzzer.
#pragma once

#include "postings/postings.h"

namespace cairn::postings::testing {

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
