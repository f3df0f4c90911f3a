// Any bytes as a record, against patterns of every kind: never harm; and where the text is well-formed JSON,
// the naive matcher's answers.
#include "match/match.h"

#include "json/json.h"
#include "json/records.h"
#include "match/eventbridge.h"
#include "match/naive_testing.h"

namespace {

using namespace cairn;  // NOLINT: a program of its own

constexpr std::size_t kComparedBytesMax = 300;  // the naive matcher's time is not bounded

const std::vector<match::OwnedPattern>& patterns() {
  static const auto all = [] {
    std::vector<match::OwnedPattern> made;
    for (
        const auto* const text :
        {R"({"a": ["x", 1, true, null]})", R"({"a": {"b": [{"prefix": "x"}]}, "c": [{"suffix": "x"}]})",
         R"({"a": {"b": [{"exists": false}], "c": ["x"]}})", R"({"a": [{"anything-but": ["x", "y"]}]})",
         R"({"a": {"b": [{"exists": true}], "c": [{"numeric": [">", 0, "<", 9]}]}})",
         R"({"c": [{"wildcard": "x*y*z"}, {"cidr": "10.0.0.0/8"}]})",
         R"({"a": {"b": [{"equals-ignore-case": "Xy"}, {"exists": false}], "c": [1]}, "c": [{"exists": false}]})",
         R"({"$or": [{"a": ["x"]}, {"a": {"b": ["x"]}}], "b": {"a": [1]}})"}) {
      auto pattern = match::parse_event_pattern(text).value();
      made.push_back({.owner = 1,
                      .id = made.size(),
                      .pattern = std::make_shared<const match::Pattern>(std::move(pattern))});
    }
    return made;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto matcher = match::compile(patterns()).value();
  static match::Scratch scratch;
  const std::string text(reinterpret_cast<const char*>(data),
                         size);  // of its own, so that a byte too far is seen
  std::vector<match::Hit> hits;
  const auto matched = matcher->match(text, scratch, hits);
  if (!matched || size > kComparedBytesMax || !json::check_text(text, match::Limits::record_depth_max)) {
    CAIRN_CHECK(matched.has_value() || hits.empty());
    return 0;
  }
  const match::testing::NaiveRecord record(text);
  for (const auto& owned : patterns()) {
    CAIRN_CHECK(match::testing::naive_match(*owned.pattern, record) ==
                (std::ranges::find(hits, match::Hit{1, owned.id}) != hits.end()));
  }
  return 0;
}
