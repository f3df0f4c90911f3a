// A record as a line.
#include "node/tail_line.h"

#include <gtest/gtest.h>

namespace cairn::node {
namespace {

constexpr std::string_view kDenied =
    R"({"eventID":"1","eventTime":"2026-03-02T10:15:01Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","userIdentity":{"type":"IAMUser","userName":"ann","accountId":"111122223333"},"requestParameters":{"userName":"mal\u001b[2Jlory"},"errorCode":"AccessDenied","readOnly":false,"recipientAccountId":"111122223333"})";

TEST(TailLine, says_when_who_what_and_what_went_wrong) {
  EXPECT_EQ(line_of(kDenied, false), "10:15:01 ann iam:CreateUser mal?[2Jlory AccessDenied");
}

TEST(TailLine, colours_are_the_terminals_alone) {
  EXPECT_EQ(line_of(kDenied, false).find('\x1b'), std::string::npos);
  EXPECT_NE(line_of(kDenied, true).find("\x1b[31mAccessDenied\x1b[0m"), std::string::npos);
}

TEST(TailLine, what_is_no_record_is_shown_as_it_is) {
  EXPECT_EQ(line_of("{\"a\":\x01}", false), "{\"a\":?}");
  EXPECT_EQ(line_of("\xc2\x9b 2J \x7f \xc3\xbc \xc2\xa9 \xc2", false), "? 2J ? \xc3\xbc \xc2\xa9 \xc2");
}

TEST(TailLine, json_means_the_same_and_moves_no_cursor) {
  EXPECT_EQ(json_line_of("{\"a\":\"\xc2\x9b 2J \x7f \xc3\xbc\"}"), "{\"a\":\"\\u009b 2J \\u007f \xc3\xbc\"}");
  EXPECT_EQ(json_line_of(kDenied), kDenied);
}

}  // namespace
}  // namespace cairn::node
