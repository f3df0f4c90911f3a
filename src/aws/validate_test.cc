#include "aws/validate.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace cairn::aws {
namespace {

std::string check(std::string_view service, std::string_view operation, const std::string& input,
                  const Exempt& exempt = {}) {
  const auto* found = catalogue().by_name(service);
  const auto result = validate(family_of(found->protocol()), *found->operation(operation),
                               boost::json::parse(input).get_object(), exempt);
  return result ? "" : result.error().code + ": " + result.error().message;
}

// The texts are AWS's, as recorded for these and other services (the constraint's kind is what counts).
TEST(Validate, speaks_as_aws_does) {
  struct Row {
    const char* service;
    const char* operation;
    const char* input;
    const char* wanted;
  };
  const Row rows[] = {
      {"cloudtrail", "CreateTrail", R"({"Name":"main","S3BucketName":"logs"})", ""},
      {"cloudtrail", "CreateTrail", R"({"S3BucketName":"logs","Surprise":1})",
       "ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: "
       "Member must not be null"},
      {"cloudtrail", "CreateTrail", "{}",
       "ValidationException: 2 validation errors detected: Value null at 'name' failed to satisfy "
       "constraint: Member must not be null; "
       "Value null at 's3BucketName' failed to satisfy constraint: Member must not be null"},
      {"cloudtrail", "CreateTrail",
       R"({"Name":"main","S3BucketName":"logs","TagsList":[{"Key":"","Value":"v"}]})",
       "ValidationException: 1 validation error detected: Value '' at 'tagsList.1.member.key' failed to "
       "satisfy constraint: Member must have length greater than or equal to 1"},
      {"cloudtrail", "CreateTrail", R"({"Name":"main","S3BucketName":"logs","TagsList":[{"Key":"a"},{}]})",
       "ValidationException: 1 validation error detected: Value null at 'tagsList.2.member.key' failed to "
       "satisfy constraint: Member must not be null"},
      {"cloudtrail", "LookupEvents", R"({"MaxResults":0})",
       "ValidationException: 1 validation error detected: Value '0' at 'maxResults' failed to satisfy "
       "constraint: Member must have value greater than or equal to 1"},
      {"cloudtrail", "LookupEvents", R"({"MaxResults":51})",
       "ValidationException: 1 validation error detected: Value '51' at 'maxResults' failed to satisfy "
       "constraint: Member must have value less than or equal to 50"},
      {"cloudtrail", "LookupEvents", R"({"EventCategory":"Insight"})",
       "ValidationException: 1 validation error detected: Value 'Insight' at 'eventCategory' failed to "
       "satisfy constraint: Member must satisfy enum value set: [insight]"},
      {"cloudtrail", "GetQueryResults", R"({"QueryId":"not a uuid"})",
       "ValidationException: 2 validation errors detected: Value 'not a uuid' at 'queryId' failed to satisfy "
       "constraint: Member must satisfy regular expression pattern: ^[a-f0-9\\-]+$; "
       "Value 'not a uuid' at 'queryId' failed to satisfy constraint: Member must have length greater than "
       "or equal to 36"},
      {"sts", "AssumeRole",
       R"({"RoleArn":"arn:aws:iam::111122223333:role/a","RoleSessionName":"Session1:2"})",
       "ValidationError: 1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to "
       "satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
      {"iam", "UpdateAccessKey", R"({"AccessKeyId":"AKIA!AAAAAAAAAAAAAAA","Status":"Active"})",
       "ValidationError: 1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: "
       "Member must satisfy regular expression pattern: [\\w]+"},
      {"iam", "UpdateAccessKey", R"({"AccessKeyId":"AKIAAAAAAAAAAAAAAAAA","Status":"Invalid"})",
       "ValidationError: 1 validation error detected: Value at 'status' failed to satisfy constraint: Member "
       "must satisfy enum value set"},
      {"iam", "CreateLoginProfile", R"({"UserName":"ann","Password":"\u1234"})",
       "ValidationError: 1 validation error detected: Value at 'password' failed to satisfy constraint: "
       "Member must "
       "satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"},
      {"s3", "PutObject", R"({"Bucket":"logs","Key":""})",
       "InvalidRequest: 1 validation error detected: Value '' at 'key' failed to satisfy constraint: Member "
       "must have length greater than or equal to 1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(check(row.service, row.operation, row.input), row.wanted);
  }
}

TEST(Validate, speaks_of_simple_elements_together) {
  auto service = load_service("x", R"({"metadata":{"protocol":"json","targetPrefix":"X"},
      "operations":{"Do":{"input":{"shape":"In"}}},
      "shapes":{"In":{"type":"structure","members":{"Ids":{"shape":"Ids"},"Weights":{"shape":"Weights"}}},
                "Ids":{"type":"list","member":{"shape":"Id"},"max":2},"Id":{"type":"string","min":0,"max":5,"pattern":"sg-[0-9a-zA-Z]*"},
                "Weights":{"type":"map","key":{"shape":"Id"},"value":{"shape":"Weight"}},"Weight":{"type":"double","min":0.0,"max":1.0}}})");
  ASSERT_TRUE(service.has_value());
  const auto& op = *(*service)->operation("Do");
  const auto text = [&](const char* input) {
    const auto result = validate(Family::json, op, boost::json::parse(input).get_object());
    return result ? std::string() : result.error().message;
  };
  EXPECT_EQ(text(R"({"Ids":["sg-1","x"]})"),
            "1 validation error detected: Value '[sg-1, x]' at 'ids' failed to satisfy constraint: Member "
            "must satisfy constraint: [Member must have length less than or equal "
            "to 5, Member must have length greater than or equal to 0, Member must satisfy regular "
            "expression pattern: sg-[0-9a-zA-Z]*]");
  EXPECT_EQ(text(R"({"Ids":["sg-1","sg-2","sg-3"]})"),
            "1 validation error detected: Value '[sg-1, sg-2, sg-3]' at 'ids' failed to satisfy constraint: "
            "Member must have length less than or equal to 2");
  EXPECT_EQ(text(R"({"Weights":{"sg-2":2.0}})"),
            "1 validation error detected: Value '{sg-2=2}' at 'weights' failed to satisfy constraint: Map "
            "value must satisfy constraint: [Member must have value less than or "
            "equal to 1.0, Member must have value greater than or equal to 0.0]");
  EXPECT_NE(
      text(R"({"Weights":{"x":0.5}})").find("Map keys must satisfy constraint: [Member must have length"),
      std::string::npos);
  EXPECT_EQ(text(R"({"Ids":["sg-1"],"Weights":{"sg-2":0.5}})"), "");
}

TEST(Validate, leaves_to_the_service_what_it_checks_itself) {
  const Exempt exempt = [](std::string_view member) { return member == "Name"; };
  EXPECT_EQ(check("cloudtrail", "CreateTrail", R"({"S3BucketName":"logs"})", exempt), "");
  EXPECT_NE(check("cloudtrail", "CreateTrail", R"({"Name":"main"})", exempt), "");
}

TEST(Validate, counts_characters_and_not_bytes) {
  std::string sixty_four;
  for (int i = 0; i < 128; ++i) {
    sixty_four += "\u00e9";
  }
  EXPECT_EQ(check("cloudtrail", "CreateTrail",
                  R"({"Name":"main","S3BucketName":"logs","TagsList":[{"Key":")" + sixty_four + R"("}]})"),
            "");
  EXPECT_NE(check("cloudtrail", "CreateTrail",
                  R"({"Name":"main","S3BucketName":"logs","TagsList":[{"Key":"x)" + sixty_four + R"("}]})"),
            "");
}

TEST(Validate, is_bounded) {
  std::string tags;
  for (int i = 0; i < 100; ++i) {
    tags += (i == 0 ? "" : ",") + std::string(R"({"Key":""})");
  }
  const auto many = check("cloudtrail", "CreateTrail",
                          R"({"Name":"main","S3BucketName":"logs","TagsList":[)" + tags + "]}");
  EXPECT_TRUE(many.starts_with("ValidationException: 20 validation errors detected: ")) << many.substr(0, 80);
  const auto big = check(
      "cloudtrail", "CreateTrail",
      R"({"Name":"main","S3BucketName":"logs","TagsList":[{"Key":")" + std::string(1 << 20, 'x') + R"("}]})");
  EXPECT_LT(big.size(), 2 * ValidationLimits::kShownBytesMax);
}

TEST(Validate, refuses_values_of_another_kind) {
  EXPECT_EQ(check("cloudtrail", "CreateTrail", R"({"Name":1,"S3BucketName":"logs"})"),
            "SerializationException: Unexpected field type");
}

}  // namespace
}  // namespace cairn::aws
