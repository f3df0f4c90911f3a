// Indexes for tests: a set of rows whose terms are drawn, and the obvious way to look in it.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "postings/builder.h"

namespace cairn::postings::testing {

struct Sample {
  std::map<std::string, Range> scopes;
  std::vector<Key> keys;
  std::map<std::uint64_t, std::vector<Row>> terms;  // by term; rows rise
  std::string bytes;                                // the file
};

// A term that about one row in kind * kind + 1 has.
inline std::uint64_t kind_term(std::uint64_t kind) {
  return (kind + 1) * 0xC2B2'AE3D'27D4'EB4FULL;
}

// The term that only this row has: spread over all buckets.
inline std::uint64_t own_term(Row row) {
  return (row + 1) * 0x9E37'79B9'7F4A'7C15ULL;
}

// `kinds` terms of kind_term(), and of each row own_term().
inline Sample sample(std::size_t scopes, Row rows_each, unsigned kinds, std::uint32_t seed) {
  std::mt19937 random(seed);
  Sample made;
  Builder builder;
  for (std::size_t s = 0; s < scopes; ++s) {
    const auto name = "scope " + std::to_string((s * 7) % scopes);
    builder.scope(name);
    Key key{.time_ms = -5'000 + static_cast<std::int64_t>(random() % 100), .position = 1U << 20};
    const auto begin = static_cast<Row>(made.keys.size());
    for (Row i = 0; i < rows_each; ++i) {
      key.time_ms += static_cast<std::int64_t>(random() % 3) * (s % 2 == 0 ? 1000 : 77);
      key.position += 1 + random() % 5;
      const auto row = builder.row(key);
      made.keys.push_back(key);
      const auto add = [&](std::uint64_t term) {
        builder.term(Term{term});
        made.terms[term].push_back(row);
      };
      for (std::uint64_t kind = 0; kind < kinds; ++kind) {
        if (random() % (kind * kind + 1) == 0) {
          add(kind_term(kind));
        }
      }
      add(own_term(row));
    }
    made.scopes[name] = {begin, static_cast<Row>(made.keys.size())};
  }
  builder.section(kFirstTag, "the caller's");
  builder.section(kFirstTag + 7, "");
  made.bytes = std::move(builder).finish();
  return made;
}

inline std::vector<Row> all(Rows rows) {
  std::vector<Row> found;
  while (const auto row = rows.next()) {
    found.push_back(*row);
  }
  return found;
}

// Falling, below `bound`.
inline std::vector<Row> naive(const std::vector<Row>& rows, Row bound = kRowsMax) {
  std::vector<Row> found(rows.rbegin(), rows.rend());
  std::erase_if(found, [&](Row row) { return row >= bound; });
  return found;
}

}  // namespace cairn::postings::testing
