// Inline policies: put, encoded, listed, limited, refused.
#include <gtest/gtest.h>

#include "codec/uri.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using testing::IamTest;
using testing::kPolicy;

TEST_F(IamTest, user_policies) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  EXPECT_EQ(text("PutUserPolicy", {{"UserName", "bob"}, {"PolicyName", "read"}, {"PolicyDocument", kPolicy}}),
            "{}");
  const auto got = answer("GetUserPolicy", {{"UserName", "bob"}, {"PolicyName", "read"}});
  ASSERT_TRUE(got);
  const std::string encoded(got->at("PolicyDocument").as_string());
  EXPECT_EQ(encoded.substr(0, 27), "%7B%22Version%22%3A%222012-");
  EXPECT_EQ(*codec::percent_decode(encoded), kPolicy);
  EXPECT_EQ(got->at("UserName"), "bob");
  EXPECT_EQ(got->at("PolicyName"), "read");
  // A document that holds escapes of its own comes back as it was (recorded from AWS).
  const std::string escaped =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["apigatway:PUT"],"Resource":["arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Faaeeieije"]}]})";
  ASSERT_TRUE(
      answer("PutUserPolicy", {{"UserName", "bob"}, {"PolicyName", "escaped"}, {"PolicyDocument", escaped}}));
  const auto back = answer("GetUserPolicy", {{"UserName", "bob"}, {"PolicyName", "escaped"}});
  EXPECT_EQ(*codec::percent_decode(std::string(back->at("PolicyDocument").as_string())), escaped);

  EXPECT_EQ(text("ListUserPolicies", {{"UserName", "bob"}}),
            R"({"PolicyNames":["escaped","read"],"IsTruncated":false})");
  const auto page = answer("ListUserPolicies", {{"UserName", "bob"}, {"MaxItems", 1}});
  ASSERT_TRUE(page && page->at("IsTruncated").as_bool());
  EXPECT_EQ(text("ListUserPolicies", {{"UserName", "bob"}, {"Marker", page->at("Marker")}}),
            R"({"PolicyNames":["read"],"IsTruncated":false})");

  EXPECT_EQ(text("DeleteUserPolicy", {{"UserName", "bob"}, {"PolicyName", "read"}}), "{}");
  EXPECT_EQ(text("GetUserPolicy", {{"UserName", "bob"}, {"PolicyName", "read"}}),
            "NoSuchEntity 404 The user policy with name read cannot be found.");
  EXPECT_EQ(text("DeleteUserPolicy", {{"UserName", "bob"}, {"PolicyName", "read"}}),
            "NoSuchEntity 404 The user policy with name read cannot be found.");
}

TEST_F(IamTest, put_user_policy_refuses) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  const auto put = [&](std::string_view name, std::string_view document) {
    return text("PutUserPolicy", {{"UserName", "bob"}, {"PolicyName", name}, {"PolicyDocument", document}});
  };
  EXPECT_EQ(put("p", "no json"), "MalformedPolicyDocument 400 This policy contains invalid Json");
  EXPECT_EQ(last_record.error_code, "MalformedPolicyDocumentException");
  EXPECT_EQ(put("p", R"({"Statement":{"Effect":"Allow","Action":"s3:*"}})"),
            "MalformedPolicyDocument 400 Policy statement must contain resources.");
  EXPECT_EQ(put("a b", kPolicy),
            "ValidationError 400 The specified value for policyName is invalid. It must contain only "
            "alphanumeric characters and/or the "
            "following: +=,.@_-");
  // 2,048 characters in all policies together, white space aside.
  const auto filled = [](std::size_t size) {
    std::string text = R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}})";
    text.insert(text.find("b\"}}") + 1, size - text.size(), 'b');
    return text;
  };
  EXPECT_EQ(put("p", filled(2048)), "{}");
  EXPECT_EQ(put("p", std::string(3000, ' ') + filled(2048)), "{}");
  EXPECT_EQ(put("p", filled(2049)),
            "LimitExceeded 409 Maximum policy size of 2048 bytes exceeded for user bob");
  EXPECT_EQ(put("q", filled(100)),
            "LimitExceeded 409 Maximum policy size of 2048 bytes exceeded for user bob");
}

}  // namespace
}  // namespace cairn::services::iam
