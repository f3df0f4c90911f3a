// Any bytes as a pattern: refused, or compiled and asked about the pattern's own text as a record, to which
// the naive matcher gives the same answer.
#include "match/eventbridge.h"

#include "json/json.h"
#include "match/match.h"
#include "match/naive_testing.h"

namespace {
constexpr std::size_t kComparedBytesMax = 300;  // the naive matcher's time is not bounded
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = match::parse_event_pattern(text);
  if (!parsed) {
    CAIRN_CHECK(!parsed.error().what.empty());
    return 0;
  }
  const auto pattern = std::make_shared<const match::Pattern>(*std::move(parsed));
  const match::OwnedPattern owned{.owner = 1, .id = 2, .pattern = pattern};
  const auto matcher = match::compile({&owned, 1}).value();
  match::Scratch scratch;
  std::vector<match::Hit> hits;
  const auto matched = matcher->match(text, scratch, hits);
  if (matched && size <= kComparedBytesMax) {
    const match::testing::NaiveRecord record(text);
    CAIRN_CHECK(match::testing::naive_match(*pattern, record) == !hits.empty());
  }
  return 0;
}
