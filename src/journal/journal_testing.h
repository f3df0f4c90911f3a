// For tests of journals and of what stands on one: reading all of it, and appending from many callers.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "journal/journal.h"

namespace cairn::journal {

using Texts = std::vector<std::string>;

inline constexpr Partition kPartition{0};

struct Seen {
  Position position;
  Time time;
  std::string payload;
};

// Reads up to the journal's end as it is now.
inline std::vector<Seen> read_all(Journal& journal, Position from) {
  std::vector<Seen> seen;
  auto reader = journal.reader(kPartition, from);
  EXPECT_TRUE(reader) << (reader ? "" : reader.error().text());
  while (reader && (*reader)->position() < journal.end(kPartition)) {
    const auto entries = (*reader)->read(Millis{5000});
    EXPECT_TRUE(entries) << (entries ? "" : entries.error().text());
    if (!entries || entries->empty()) {
      break;
    }
    for (const auto& entry : *entries) {
      seen.push_back({entry.position, entry.time, std::string(entry.payload)});
    }
  }
  return seen;
}

inline std::vector<std::string> payloads_of(const std::vector<Seen>& seen) {
  std::vector<std::string> payloads;
  for (const auto& entry : seen) {
    payloads.push_back(entry.payload);
  }
  return payloads;
}

// One of many callers: appends batches of one to three and remembers where they went.
inline Task<void> append_many(Journal& journal, std::string name,
                              std::map<std::uint64_t, std::string>& where) {
  for (int i = 0; i < 40; ++i) {
    std::vector<std::string> payloads;
    for (int k = 0; k <= i % 3; ++k) {
      payloads.push_back(name + "." + std::to_string(i) + "." + std::to_string(k));
    }
    const auto first = co_await journal.append(kPartition, payloads);
    EXPECT_TRUE(first) << (first ? "" : first.error().text());
    for (std::size_t k = 0; first && k < payloads.size(); ++k) {
      where[first->raw() + k] = payloads[k];
    }
  }
}

}  // namespace cairn::journal
