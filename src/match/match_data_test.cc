// Answers of AWS and of its engine, from $CAIRN_TEST_DATA/patterns: every row is asked of the matcher and of
// the naive one. What is known to differ is listed with its reason.
#include <map>
#include <set>

#include "match/match_testing.h"

namespace cairn::match {
namespace {

using testing::data_folder;

std::vector<json::object> rows(std::string_view file) {
  const auto path = data_folder() / "patterns" / file;
  return std::filesystem::exists(path) ? testing::read_rows(path) : std::vector<json::object>();
}

struct Row {
  std::string id;
  std::string pattern;
  std::string event;
  bool refused;
  bool matches;
};

Row row_of(const json::object& json) {
  const auto* const answer = json.if_contains("matches");
  return {.id = std::string(*json::find_string(json, "id")),
          .pattern = std::string(*json::find_string(json, "pattern")),
          .event = std::string(json::find_string(json, "event").value_or("{}")),
          .refused = answer != nullptr && answer->is_string(),
          .matches = answer != nullptr && answer->is_bool() && answer->get_bool()};
}

// "" if the answers agree.
std::string disagreement(const Row& row) {
  const auto parsed = parse_event_pattern(row.pattern);
  if (row.refused || !parsed) {
    return row.refused == !parsed ? "" : parsed ? "is not refused" : "is refused: " + parsed.error().what;
  }
  const auto matcher = testing::matcher({row.pattern});
  if (testing::matches(*matcher, row.event) != row.matches) {
    return row.matches ? "does not match" : "matches";
  }
  const testing::NaiveRecord record(row.event);
  return testing::naive_match(*parsed, record) == row.matches ? "" : "the naive matcher says otherwise";
}

class PairsTest : public ::testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(PairsTest, agree) {
  const auto [file, count_min] = GetParam();
  const auto all = rows(file);
  if (all.empty()) {
    GTEST_SKIP() << "no CAIRN_TEST_DATA";
  }
  std::size_t asked = 0;
  for (const auto& json : all) {
    if (json::find_string(json, "pattern")) {
      const auto row = row_of(json);
      EXPECT_EQ(disagreement(row), "") << row.id << "\n" << row.pattern << "\n" << row.event.substr(0, 500);
      ++asked;
    }
  }
  EXPECT_GE(asked, count_min);
}

INSTANTIATE_TEST_SUITE_P(Files, PairsTest,
                         ::testing::Values(std::pair("localstack_aws_validated.jsonl", 76U),
                                           std::pair("event_ruler_harvest.jsonl", 652U),
                                           std::pair("event_ruler_correctness_cases.jsonl", 51U),
                                           std::pair("event_ruler_array_consistency.jsonl", 16U),
                                           std::pair("quamina_inputs_ruler_verdict.jsonl", 234U)));

// All patterns of a file in one matcher answer as each by itself.
TEST(PairsTest, one_matcher_for_all_patterns_of_a_file) {
  const auto all = rows("event_ruler_harvest.jsonl");
  if (all.empty()) {
    GTEST_SKIP() << "no CAIRN_TEST_DATA";
  }
  std::map<std::string, std::uint64_t> id_of;
  std::vector<std::string> patterns;
  for (const auto& json : all) {
    if (id_of.try_emplace(row_of(json).pattern, patterns.size()).second) {
      patterns.push_back(row_of(json).pattern);
    }
  }
  const auto matcher = testing::matcher(patterns);
  for (const auto& json : all) {
    const auto row = row_of(json);
    const auto found = testing::ids(*matcher, row.event).value();
    EXPECT_EQ(std::ranges::find(found, id_of.at(row.pattern)) != found.end(), row.matches) << row.id;
  }
}

// AWS's own words for what is wrong.
TEST(PatternErrorsTest, are_those_that_aws_recorded) {
  const auto all = rows("localstack_aws_validated.jsonl");
  std::size_t asked = 0;
  for (const auto& json : all) {
    const auto* const error = json::find_object(json, "error");
    if (error == nullptr) {
      continue;
    }
    const auto row = row_of(json);
    const auto parsed = parse_event_pattern(row.pattern);
    ASSERT_FALSE(parsed.has_value()) << row.id;
    EXPECT_EQ("Event pattern is not valid. Reason: " + parsed.error().what,
              *json::find_string(*error, "Message"))
        << row.id;
    ++asked;
  }
  if (all.empty()) {
    GTEST_SKIP() << "no CAIRN_TEST_DATA";
  }
  EXPECT_EQ(asked, 18U);
}

// Refused by us as well, but in other words: those of a JSON parser, or those of event-ruler's older
// compiler, which knew neither "$or" nor nested operators and has other words for a few mistakes.
bool other_words(std::string_view id, std::string_view error) {
  static const std::set<std::string_view> kOlderCompiler = {
      "event-ruler/validity#1416",
  };
  return kOlderCompiler.contains(id) || error.starts_with("Unexpected ");
}

class ValidityTest : public ::testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(ValidityTest, agrees) {
  const auto all = rows(GetParam().first);
  if (all.empty()) {
    GTEST_SKIP() << "no CAIRN_TEST_DATA";
  }
  for (const auto& json : all) {
    const auto id = *json::find_string(json, "id");
    const auto text = *json::find_string(json, "pattern");
    const auto parsed = parse_event_pattern(text);
    EXPECT_EQ(parsed.has_value(), json::find_bool(json, "valid")) << id << ": " << text;
    const auto error = json::find_string(json, "error").value_or("");
    if (!parsed && !other_words(id, error) && json::parse(text).has_value()) {
      EXPECT_EQ(parsed.error().what, error) << id << ": " << text;
    }
  }
  EXPECT_EQ(all.size(), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Files, ValidityTest,
                         ::testing::Values(std::pair("event_ruler_pattern_validity.jsonl", 243U),
                                           std::pair("event_ruler_or_rules_validity.jsonl", 11U)));

}  // namespace
}  // namespace cairn::match
