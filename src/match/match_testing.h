// For the tests: patterns from text, and one question at a time.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "json/json.h"
#include "match/eventbridge.h"
#include "match/match.h"
#include "match/naive_testing.h"

namespace cairn::match::testing {

inline std::shared_ptr<const Pattern> pattern(std::string_view text) {
  auto parsed = parse_event_pattern(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << parsed.error().what;
  return std::make_shared<const Pattern>(parsed ? *std::move(parsed) : Pattern{});
}

inline std::shared_ptr<const Matcher> matcher(const std::vector<std::string>& texts) {
  std::vector<OwnedPattern> patterns;
  for (const auto& text : texts) {
    patterns.push_back({.owner = 1, .id = patterns.size(), .pattern = pattern(text)});
  }
  return compile(patterns).value();
}

// The ids of the patterns that match.
inline Result<std::vector<std::uint64_t>> ids(const Matcher& matcher, std::string_view record) {
  Scratch scratch;
  std::vector<Hit> hits;
  CAIRN_TRY_VOID(matcher.match(record, scratch, hits));
  std::vector<std::uint64_t> found;
  for (const auto& hit : hits) {
    found.push_back(hit.id);
  }
  return found;
}

inline bool matches(const Matcher& matcher, std::string_view record) {
  const auto found = ids(matcher, record);
  EXPECT_TRUE(found.has_value()) << record << ": " << found.error().what;
  return found && !found->empty();
}

inline std::filesystem::path data_folder() {
  const char* const given = std::getenv("CAIRN_TEST_DATA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
}

inline std::vector<json::object> read_rows(const std::filesystem::path& path) {
  std::vector<json::object> rows;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    rows.push_back(json::parse_object(line).value());
  }
  return rows;
}

}  // namespace cairn::match::testing
