#include "aws/record_form.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace cairn::aws {
namespace {

std::string recorded(std::string_view service, std::string_view operation, const char* members,
                     bool output = false, std::optional<RecordPolicy> policy = {}) {
  const auto* found = catalogue().by_name(service);
  const auto* op = found->operation(operation);
  const auto& shape = output ? *op->output.shape : *op->input.shape;
  return boost::json::serialize(record_parameters(shape, boost::json::parse(members).get_object(),
                                                  policy ? *policy : record_policy(*found)));
}

// The first three are real records' (names changed).
TEST(RecordForm, is_that_of_real_records) {
  EXPECT_EQ(
      recorded(
          "cloudtrail", "CreateTrail",
          R"({"Name":"management-events","S3BucketName":"log","S3KeyPrefix":"","IncludeGlobalServiceEvents":true,"IsMultiRegionTrail":true,)"
          R"("EnableLogFileValidation":true,"KmsKeyId":"arn:aws:kms:us-west-1:111122223333:key/85b4","IsOrganizationTrail":false})"),
      R"({"name":"management-events","s3BucketName":"log","s3KeyPrefix":"","includeGlobalServiceEvents":true,"isMultiRegionTrail":true,)"
      R"("enableLogFileValidation":true,"kmsKeyId":"arn:aws:kms:us-west-1:111122223333:key/85b4","isOrganizationTrail":false})");
  EXPECT_EQ(
      recorded(
          "iam", "CreateAccessKey",
          R"({"AccessKey":{"UserName":"ann","AccessKeyId":"AKIA","Status":"Active","SecretAccessKey":"s3cr3t","CreateDate":1722519208}})",
          true),
      R"({"accessKey":{"userName":"ann","accessKeyId":"AKIA","status":"Active","createDate":"Aug 1, 2024 1:33:28 PM"}})");
  EXPECT_EQ(
      recorded(
          "sts", "GetFederationToken",
          R"({"Credentials":{"AccessKeyId":"ASIA","SecretAccessKey":"s3cr3t","SessionToken":"t","Expiration":1732999397}})",
          true),
      R"({"credentials":{"accessKeyId":"ASIA","sessionToken":"t","expiration":"Nov 30, 2024, 8:43:17 PM"}})");
  EXPECT_EQ(recorded("iam", "CreateLoginProfile",
                     R"({"UserName":"ann","Password":"s3cr3t","PasswordResetRequired":false})"),
            R"({"userName":"ann","passwordResetRequired":false})");
  EXPECT_EQ(recorded("sqs", "CreateQueue", R"({"QueueName":"nest","Attributes":{"VisibilityTimeout":"60"}})"),
            R"({"queueName":"nest","attribute":{"VisibilityTimeout":"60"}})");
  EXPECT_EQ(recorded("sqs", "SendMessage", R"({"QueueUrl":"u","MessageBody":"s3cr3t"})"),
            R"({"queueUrl":"u","messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS"})");
  EXPECT_EQ(recorded("cloudtrail", "LookupEvents", R"({"StartTime":1772446500.25,"MaxResults":3})"),
            R"({"startTime":"2026-03-02T10:15:00Z","maxResults":3})");
}

TEST(RecordForm, of_nothing_is_null) {
  EXPECT_EQ(recorded("sts", "GetCallerIdentity", "{}"), "null");
  EXPECT_EQ(recorded("cloudtrail", "DescribeTrails", R"({"trailNameList":null})"), "null");
}

TEST(RecordForm, hides_or_drops_what_is_secret) {
  const char* input = R"({"UserName":"ann","Password":"s3cr3t"})";
  EXPECT_EQ(recorded("iam", "CreateLoginProfile", input, false, RecordPolicy{}),
            R"({"userName":"ann","password":"HIDDEN_DUE_TO_SECURITY_REASONS"})");
  EXPECT_EQ(recorded("iam", "CreateLoginProfile", input, false,
                     RecordPolicy{.sensitive = RecordPolicy::Sensitive::drop}),
            R"({"userName":"ann"})");
}

TEST(RecordForm, hides_the_password_of_an_endpoint) {
  EXPECT_EQ(recorded("sns", "Subscribe",
                     R"({"TopicArn":"t","Protocol":"https","Endpoint":"https://ann:s3cr3t@h/in"})"),
            R"({"topicArn":"t","protocol":"https","endpoint":"https://ann:****@h/in"})");
}

TEST(RecordForm, keeps_the_keys_of_maps_and_leaves_blobs_out) {
  auto service = load_service(
      "x", R"({"metadata":{"protocol":"json","targetPrefix":"X"},"operations":{"Do":{"input":{"shape":"In"}}},
      "shapes":{"In":{"type":"structure","members":{"SSESpecification":{"shape":"M"},"UUID":{"shape":"S"},"Data":{"shape":"B"},"When":{"shape":"T"}}},
                "M":{"type":"map","key":{"shape":"S"},"value":{"shape":"S"}},"S":{"type":"string"},"B":{"type":"blob"},"T":{"type":"timestamp"}}})");
  ASSERT_TRUE(service.has_value());
  const auto& shape = (*service)->shapes.at("In");
  const auto input =
      boost::json::parse(R"({"UUID":"u","SSESpecification":{"Kept":"A"},"Data":"AAAA","When":1772446500})")
          .get_object();
  EXPECT_EQ(boost::json::serialize(record_parameters(shape, input, {})),
            R"({"sSESpecification":{"Kept":"A"},"uUID":"u","when":"Mar 2, 2026, 10:15:00 AM"})");
}

TEST(RecordForm, writes_midnight_and_noon_as_java_does) {
  const char* midnight = R"({"AccessKey":{"UserName":"a","CreateDate":1546300800}})";
  EXPECT_EQ(recorded("iam", "CreateAccessKey", midnight, true),
            R"({"accessKey":{"userName":"a","createDate":"Jan 1, 2019 12:00:00 AM"}})");
  const char* noon = R"({"AccessKey":{"UserName":"a","CreateDate":1546344000}})";
  EXPECT_EQ(recorded("iam", "CreateAccessKey", noon, true),
            R"({"accessKey":{"userName":"a","createDate":"Jan 1, 2019 12:00:00 PM"}})");
}

}  // namespace
}  // namespace cairn::aws
