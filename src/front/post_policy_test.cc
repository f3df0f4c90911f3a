// Policies of upload forms: rows of what they allow and what S3 says of the rest.
#include "front/post_policy.h"

#include <gtest/gtest.h>

namespace cairn::front {
namespace {

constexpr auto kUntil = R"("expiration":"2026-03-02T12:00:00.000Z")";

std::string said(std::string_view policy, const FormFields& fields) {
  const auto now = *parse_rfc3339("2026-03-02T11:00:00Z");
  const auto rules = check_post_policy(policy, fields, "mine", now);
  if (!rules) {
    return rules.error().code + ": " + rules.error().message;
  }
  return std::to_string(rules->bytes_min) + "-" +
         (rules->bytes_max ? std::to_string(*rules->bytes_max) : std::string());
}

std::string with(std::string_view conditions) {
  return "{" + std::string(kUntil) + ",\"conditions\":[" + std::string(conditions) + "]}";
}

TEST(PostPolicy, rows) {
  const FormFields key{
      {"Key", "user/ann/a.txt"}, {"policy", "…"}, {"X-Amz-Signature", "…"}, {"x-ignore-a", "b"}};
  const struct {
    std::string policy;
    const char* said;
  } rows[] = {
      {with(R"({"bucket":"mine"},["starts-with","$key","user/ann/"])"), "0-"},
      {with(R"(["eq","$bucket","mine"],["eq","$key","user/ann/a.txt"],["content-length-range",1,10])"),
       "1-10"},
      {with(
           R"({"bucket":"mine"},["starts-with","$key",""],["content-length-range",1,10],["content-length-range",5,20])"),
       "5-10"},
      {with(R"({"bucket":"mine"},{"key":"user/ann/a.txt"})"), "0-"},
      {with(R"({"key":"user/ann/a.txt"})"),
       "AccessDenied: Invalid according to Policy: Extra input fields: bucket"},
      {with(R"({"key":"b"})"),
       "AccessDenied: Invalid according to Policy: Policy Condition failed: {\"key\":\"b\"}"},
      {with(R"({"bucket":"other"},["starts-with","$key",""])"),
       "AccessDenied: Invalid according to Policy: Policy Condition failed: {\"bucket\":\"other\"}"},
      {with(R"(["starts-with","$key",""],["eq","$acl","private"])"),
       "AccessDenied: Invalid according to Policy: Policy Condition failed: [\"eq\",\"$acl\",\"private\"]"},
      {with(R"({"bucket":"mine"})"), "AccessDenied: Invalid according to Policy: Extra input fields: Key"},
      {with(""), "AccessDenied: Invalid according to Policy: Extra input fields: bucket"},
      {R"({"expiration":"2026-03-02T10:59:59Z","conditions":[["starts-with","$key",""]]})",
       "AccessDenied: Invalid according to Policy: Policy expired."},
      {"no json", "InvalidPolicyDocument: Invalid Policy: Invalid JSON."},
      {"{}", "InvalidPolicyDocument: Invalid Policy: Policy missing expiration or conditions."},
      {R"({"expiration":"soon","conditions":[]})",
       "InvalidPolicyDocument: Invalid Policy: Invalid 'expiration' value: 'soon'"},
      {with(R"(["near","$key",""])"), "InvalidPolicyDocument: Invalid Policy: Invalid Condition"},
      {with(R"(7)"), "InvalidPolicyDocument: Invalid Policy: Invalid Condition"},
      {with(R"({"key":7})"),
       "InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: value must be a string."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(row.policy, key), row.said) << row.policy;
  }
}

}  // namespace
}  // namespace cairn::front
