// Terms of `cairn tail`: the patterns they make, and what these match.
#include "node/tail_terms.h"

#include <gtest/gtest.h>

#include "json/json.h"
#include "match/eventbridge.h"
#include "match/match.h"

namespace cairn::node {
namespace {

constexpr std::string_view kRecord =
    R"({"eventName":"PutObject","readOnly":false,"userIdentity":{"userName":"ann"},"additionalEventData":{"bytesTransferredIn":12}})";

bool matches(const json::object& pattern) {
  auto read = match::parse_event_pattern(json::serialize(pattern));
  EXPECT_TRUE(read) << json::serialize(pattern);
  const auto matcher = match::compile(
      {{{.owner = 0, .id = 0, .pattern = std::make_shared<match::Pattern>(*std::move(read))}}});
  match::Scratch scratch;
  std::vector<match::Hit> hits;
  EXPECT_TRUE((*matcher)->match(kRecord, scratch, hits));
  return !hits.empty();
}

struct Row {
  std::vector<std::string> terms;
  bool matches;
};

TEST(TailTerms, each_says_what_it_means) {
  const std::vector<Row> rows = {
      {{"eventName=PutObject"}, true},
      {{"eventName=GetObject"}, false},
      {{"eventName=GetObject,PutObject"}, true},
      {{"eventName=Put*"}, true},
      {{"eventName=Get*,*Object"}, true},
      {{"eventName=get*"}, false},
      {{"readOnly=false"}, true},
      {{"readOnly=true"}, false},
      {{"additionalEventData.bytesTransferredIn=12"}, true},
      {{"additionalEventData.bytesTransferredIn=13"}, false},
      {{"userIdentity.userName=ann", "eventName=Put*"}, true},
      {{"userIdentity.userName=ann", "eventName=Get*"}, false},
      {{"userIdentity.userName=ann", "userIdentity.type="}, true},
      {{"errorCode="}, true},
      {{"errorCode=*"}, false},
      {{"userIdentity.userName=*"}, true},
      {{"userIdentity.userName!=ann"}, false},
      {{"userIdentity.userName!=bob,carl"}, true},
      {{"userIdentity.userName!=a*"}, false},
      {{"errorCode!=AccessDenied"}, true},
      {{"errorCode!=*"}, true},
  };
  for (const auto& row : rows) {
    const auto pattern = pattern_of_terms(row.terms);
    ASSERT_TRUE(pattern) << row.terms.front();
    EXPECT_EQ(matches(*pattern), row.matches) << json::serialize(*pattern);
  }
}

TEST(TailTerms, what_is_no_term_is_refused) {
  const std::vector<std::vector<std::string>> rows = {
      {"PutObject"}, {"=x"},         {"!=x"},          {".a=x"},         {"a.=x"},
      {"a..b=x"},    {"a=x", "a=y"}, {"a=x", "a.b=y"}, {"a.b=x", "a=y"}, {"a!=b*,c"},
  };
  for (const auto& terms : rows) {
    EXPECT_FALSE(pattern_of_terms(terms)) << terms.back();
  }
}

}  // namespace
}  // namespace cairn::node
