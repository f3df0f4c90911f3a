#include "access/statement_positions.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::access {
namespace {

using Spans = std::vector<TextSpan>;

TEST(StatementPositions, aws_example_of_a_lone_statement) {
  EXPECT_EQ(
      statement_positions(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}})"),
      (Spans{{{1, 38}, {1, 167}}}));
}

TEST(StatementPositions, rows) {
  const std::string one = R"({"Sid":"a]}\"{","Effect":"Deny"})";
  const auto length = static_cast<std::int64_t>(one.size());
  EXPECT_EQ(statement_positions(R"({"Version": "2012-10-17", "Statement": [)" + one + ", " + one + "]}"),
            (Spans{{{1, 41}, {1, 40 + length}}, {{1, 43 + length}, {1, 42 + 2 * length}}}));
  EXPECT_EQ(statement_positions("{\n  \"Id\": \"\xC3\xA9\",\n  \"Statement\": [\n    {\n    }\n  ]\n}"),
            (Spans{{{4, 5}, {5, 5}}}));
  EXPECT_EQ(statement_positions("{\"Id\":\"\xC3\xA9\",\"Statement\":[{}]}"), (Spans{{{1, 24}, {1, 25}}}));
  EXPECT_EQ(statement_positions(R"({"Id":{"Statement":[{}]},"Statement":[]})"), Spans{});
}

TEST(StatementPositions, of_what_is_no_policy_there_are_none_or_fewer) {
  for (const auto* text :
       {"", "{", "x", "[]", "{\"Statement\"", "{\"Statement\":", "{\"Statement\":[", "{\"a\\"}) {
    EXPECT_EQ(statement_positions(text), Spans{}) << text;
  }
  EXPECT_EQ(statement_positions("{\"Statement\":[{").size(), 1U);
}

}  // namespace
}  // namespace cairn::access
