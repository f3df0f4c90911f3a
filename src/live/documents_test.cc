// What callers ask.
#include "live/documents.h"

#include <gtest/gtest.h>

namespace cairn::live {
namespace {

std::string asked(std::string_view text) {
  const auto question = assert_question(text, Limits{});
  if (!question) {
    return question.error().text();
  }
  std::string said = question->since;
  for (const auto& expectation : question->expectations) {
    said += "; " + expectation.name + ": " + expectation.wanted();
  }
  return said + (question->only ? "; only" : "");
}

TEST(Documents, expectations_say_what_they_want) {
  EXPECT_EQ(asked(R"({"since":"0-1","expect":[{"pattern":{"eventName":["A"]}}]})"),
            "0-1; expectation 1: at least 1");
  EXPECT_EQ(asked(R"({"since":"5m","expect":[{"name":"x","pattern":{"eventName":["A"]},"count":3},
      {"pattern":{"eventName":["B"]},"count":0},
      {"pattern":{"eventName":["B"]},"at_least":2},
      {"pattern":{"eventName":["B"]},"at_most":2},
      {"pattern":{"eventName":["B"]},"at_least":2,"at_most":5}],"only":{"eventSource":["s3"]}})"),
            "5m; x: exactly 3; expectation 2: none; expectation 3: at least 2; expectation 4: 0 to 2; "
            "expectation 5: 2 to 5; only");
}

TEST(Documents, what_is_wrong_is_named) {
  const std::string one = R"("expect":[{"pattern":{"eventName":["A"]}}])";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"{" + one + "}", "since must be"},
      {R"({"since":7,)" + one + "}", "since must be"},
      {R"({"since":"now"})", "expect must have 1 to 64"},
      {R"({"since":"now","expect":[]})", "expect must have 1 to 64"},
      {R"({"since":"now","expect":[7]})", "must be objects"},
      {R"({"since":"now","expect":[{"count":1}]})", "pattern must be an event pattern"},
      {R"({"since":"now","expect":[{"pattern":{"eventName":"A"}}]})", "pattern: "},
      {R"({"since":"now","expect":[{"pattern":{"eventName":["A"]},"count":-1}]})", "count must be a number"},
      {R"({"since":"now","expect":[{"pattern":{"eventName":["A"]},"count":1.5}]})", "count must be a number"},
      {R"({"since":"now","expect":[{"pattern":{"eventName":["A"]},"count":1,"at_least":1}]})",
       "count, or at_least"},
      {R"({"since":"now","expect":[{"pattern":{"eventName":["A"]},"at_most":1,"at_least":2}]})",
       "less than at_least"},
      {R"({"since":"now","expect":[{"pattern":{"eventName":["A"]},"times":1}]})", "unknown member: times"},
      {R"({"since":"now","only":7,)" + one + "}", "only must be an event pattern"},
      {R"({"since":"now","until":"x",)" + one + "}", "not a mark"},
      {R"({"since":"now","wait":"2h",)" + one + "}", "wait must be a duration of 60 seconds at most"},
      {R"({"since":"now","wait":2,)" + one + "}", "wait must be a duration"},
      {R"({"since":"now","expects":[],)" + one + "}", "unknown member: expects"},
      {"[]", ""},
  };
  for (const auto& [text, reason] : rows) {
    const auto question = assert_question(text, Limits{});
    ASSERT_FALSE(question) << text;
    EXPECT_EQ(question.error().code, Errc::invalid) << text;
    EXPECT_NE(question.error().text().find(reason), std::string::npos) << question.error().text();
  }
}

TEST(Documents, a_tail_asks_for_everything_from_now_on_unless_it_says_so) {
  const auto all = tail_question("").value();
  EXPECT_EQ(all.since, "now");
  EXPECT_TRUE(all.follow);
  EXPECT_EQ(all.matcher, nullptr);
  const auto some = tail_question(R"({"since":"0-3","follow":false,"pattern":{"eventName":["A"]}})").value();
  EXPECT_EQ(some.since, "0-3");
  EXPECT_FALSE(some.follow);
  EXPECT_NE(some.matcher, nullptr);
  for (const auto* text :
       {"7", "{", R"({"follow":1})", R"({"since":1})", R"({"pattern":[]})", R"({"filter":{}})"}) {
    EXPECT_EQ(tail_question(text).error().code, Errc::invalid) << text;
  }
}

}  // namespace
}  // namespace cairn::live
