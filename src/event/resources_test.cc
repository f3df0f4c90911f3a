#include "event/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "event/names.h"
#include "event/real_records.h"
#include "event/walk.h"
#include "json/json.h"

namespace cairn::event {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> shown(const std::vector<NamedResource>& resources) {
  std::vector<std::string> all;
  for (const auto& resource : resources) {
    all.push_back(std::string(resource.type) + " " + std::string(resource.name));
  }
  return all;
}

struct ResourceCase {
  const char* service;
  const char* operation;
  const char* request;
  const char* response;
  const char* listed;
  std::vector<std::string> found;
};

const ResourceCase kResources[] = {
    {"sqs",
     "CreateQueue",
     R"({"queueName":"nest"})",
     R"({"queueUrl":"https://sqs.eu-west-1.amazonaws.com/1/nest"})",
     "",
     {"AWS::SQS::Queue nest", "AWS::SQS::Queue https://sqs.eu-west-1.amazonaws.com/1/nest"}},
    {"iam",
     "CreateAccessKey",
     R"({"userName":"mira"})",
     R"({"accessKey":{"accessKeyId":"AKIA1","userName":"mira"}})",
     "",
     {"AWS::IAM::User mira", "AWS::IAM::AccessKey AKIA1"}},
    {"iam",
     "AttachRolePolicy",
     R"({"roleName":"Falcon","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"})",
     "null",
     "",
     {"AWS::IAM::Role Falcon", "AWS::IAM::Policy AdministratorAccess",
      "AWS::IAM::Policy arn:aws:iam::aws:policy/AdministratorAccess"}},
    {"cloudtrail",
     "StopLogging",
     R"({"name":"arn:aws:cloudtrail:eu-west-1:1:trail/kestrel-main"})",
     "null",
     "",
     {"AWS::CloudTrail::Trail kestrel-main",
      "AWS::CloudTrail::Trail arn:aws:cloudtrail:eu-west-1:1:trail/kestrel-main"}},
    {"cloudtrail",
     "CreateTrail",
     R"({"name":"t","s3BucketName":"b"})",
     R"({"name":"t","trailARN":"arn:aws:cloudtrail:eu-west-1:1:trail/t"})",
     "",
     {"AWS::CloudTrail::Trail t", "AWS::S3::Bucket b",
      "AWS::CloudTrail::Trail arn:aws:cloudtrail:eu-west-1:1:trail/t"}},
    {"cloudtrail",
     "CreateEventDataStore",
     R"({"name":"lake"})",
     "null",
     "",
     {"AWS::CloudTrail::EventDataStore lake"}},
    {"cloudtrail", "LookupEvents", R"({"name":"no trail"})", "null", "", {}},
    {"ec2",
     "TerminateInstances",
     R"({"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}})",
     R"({"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}})",
     "",
     {"AWS::EC2::Instance i-1", "AWS::EC2::Instance i-2"}},
    {"ec2", "CreateVolume", R"({"size":"8"})", R"({"volumeId":"vol-1"})", "", {"AWS::EC2::Volume vol-1"}},
    {"s3",
     "GetBucketAcl",
     R"({"bucketName":"b","Host":"b.s3.amazonaws.com","acl":""})",
     "null",
     R"([{"accountId":"1","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}])",
     {"AWS::S3::Bucket b", "AWS::S3::Bucket arn:aws:s3:::b"}},
    {"s3",
     "GetObject",
     R"({"bucketName":"b","key":"k/1"})",
     "null",
     R"([{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k/1"},{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b/"}])",
     {"AWS::S3::Bucket b", "AWS::S3::Object k/1", "AWS::S3::Object b/k/1",
      "AWS::S3::Object arn:aws:s3:::b/k/1"}},
    {"kms",
     "CreateKey",
     "null",
     R"({"keyMetadata":{"keyId":"k-1","arn":"arn:aws:kms:eu-west-1:1:key/k-1"}})",
     "",
     {"AWS::KMS::Key k-1", "AWS::KMS::Key arn:aws:kms:eu-west-1:1:key/k-1"}},
    {"lambda",
     "UpdateFunctionCode20150331v2",
     R"({"functionName":"f"})",
     "null",
     "",
     {"AWS::Lambda::Function f"}},
    {"ssm",
     "GetParameters",
     R"({"names":["/a","/b"]})",
     "null",
     "",
     {"AWS::SSM::Parameter /a", "AWS::SSM::Parameter /b"}},
    {"sts",
     "AssumeRole",
     R"({"roleArn":"arn:aws:iam::1:role/F"})",
     R"({"credentials":{"accessKeyId":"ASIA1"},"assumedRoleUser":{"assumedRoleId":"AROA:s","arn":"arn:aws:sts::1:assumed-role/F/s"}})",
     "",
     {"AWS::IAM::Role F", "AWS::IAM::Role arn:aws:iam::1:role/F", "AWS::IAM::AccessKey ASIA1",
      "AWS::STS::AssumedRole AROA:s", "AWS::STS::AssumedRole s",
      "AWS::STS::AssumedRole arn:aws:sts::1:assumed-role/F/s"}},
    {"eks", "DescribeCluster", R"({"name":"c"})", "null", "", {"AWS::EKS::Cluster c"}},
    // a type that only the second place knows; escapes; hidden, empty, other kinds of values; unknown
    // services
    {"unheard-of",
     "Do",
     R"({"name":"x"})",
     "null",
     R"([{"ARN":"arn:aws:x:::thing/a"},{"ARN":"arn:aws:x:::thing/a","type":"AWS::X::Thing"}])",
     {"AWS::X::Thing a", "AWS::X::Thing arn:aws:x:::thing/a"}},
    {"sns", "CreateTopic", R"({"name":"a\u002db\"c"})", "null", "", {"AWS::SNS::Topic a-b\"c"}},
    {"sns",
     "CreateTopic",
     R"({"name":"HIDDEN_DUE_TO_SECURITY_REASONS","topicArn":""})",
     R"({"topicArn":[7,null,true,{"topicArn":"no"}]})",
     "",
     {}},
    {"sns", "CreateTopic", R"({"name":[["no"]],"x":{"name":"no"}})", R"("text")", R"({"ARN":"no"})", {}},
};

TEST(Resources, are_found_by_service_and_operation) {
  for (const auto& c : kResources) {
    const auto found = named_resources({.service = c.service,
                                        .operation = c.operation,
                                        .request = c.request,
                                        .response = c.response,
                                        .listed = c.listed});
    EXPECT_THAT(shown(found), ElementsAreArray(c.found)) << c.service << ":" << c.operation;
  }
}

TEST(Resources, are_bounded) {
  std::string items;
  for (int i = 0; i < 1000; ++i) {
    items += (i == 0 ? "" : ",") + std::string(R"({"instanceId":"i-)") + std::to_string(i) + "\"}";
  }
  const auto many = R"({"instancesSet":{"items":[)" + items + "]}}";
  EXPECT_EQ(
      named_resources(
          {.service = "ec2", .operation = "StopInstances", .request = many, .response = "", .listed = ""})
          .size(),
      ViewLimits::resources_max);
  const auto longest = R"({"name":")" + std::string(ViewLimits::resource_name_bytes_max + 1, 'n') + "\"}";
  EXPECT_TRUE(
      named_resources(
          {.service = "sns", .operation = "CreateTopic", .request = longest, .response = "", .listed = ""})
          .empty());
}

struct ArnCase {
  const char* arn;
  const char* name;
};

TEST(Resources, short_names_of_arns) {
  const ArnCase cases[] = {
      {"arn:aws:s3:::bucket", "bucket"},
      {"arn:aws:s3:::bucket/a/b", "bucket/a/b"},
      {"arn:aws:iam::1:role/service-role/Falcon", "Falcon"},
      {"arn:aws:iam::1:root", "root"},
      {"arn:aws:sns:eu-west-1:1:topic", "topic"},
      {"arn:aws:sns:eu-west-1:1:topic:0b1c", "0b1c"},
      {"arn:aws:lambda:eu-west-1:1:function:f:live", "f"},
      {"arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:*", "/aws/lambda/f"},
      {"arn:aws:kms:eu-west-1:1:key/1234", "1234"},
      {"arn:aws:kms:eu-west-1:1:alias/main", "alias/main"},
      {"arn:aws:dynamodb:eu-west-1:1:table/t/index/i", "t"},
      {"arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf", "prod/db-AbCdEf"},
      {"arn:aws:rds:eu-west-1:1:db:main", "main"},
      {"arn:aws:ecs:eu-west-1:1:service/cluster/web", "cluster/web"},
      {"arn:", ""},
      {"arn:aws", ""},
      {"arn:aws:s3", ""},
      {"bucket", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(short_name(c.arn), c.name) << c.arn;
  }
}

TEST(Walk, ends_early_on_what_is_no_json) {
  const char* const cases[] = {"{",          "[",        "{\"",           "{\"a",          "{\"a\"",
                               "{\"a\":",    "{\"a\":}", "{\"a\":[",      "{\"a\":\"",     "{\"a\":\"\\",
                               "{\"a\":{]}", "{\"a\":,", "[[[[[[[[[[[[[", "{\"a\" \"b\"}", "{a:1}",
                               "[1 2 3"};
  for (const auto* const text : cases) {
    Walk walk(text);
    std::string_view key;
    int members = 0;
    for (bool more = walk.enter_object() && walk.next_member(key); more && members < 100;
         more = walk.next_member(key)) {
      walk.skip();
      ++members;
    }
    EXPECT_LE(members, 2) << text;
  }
}

// Changes that name nothing are gaps in the table; calls that only read may.
TEST(Resources, are_found_in_most_real_changes) {
  std::map<std::string, std::set<std::string>> without;
  std::set<std::string> with;
  for (const auto& [file, json] : testing::real_records()) {
    const auto text_of = [&json = json](std::string_view key) {
      const auto* const found = json::find(json, key);
      return found == nullptr ? std::string() : json::serialize(*found);
    };
    const std::string name(json.at("eventName").as_string());
    const auto service = source_service(json::text_of(json.at("eventSource").as_string()));
    const auto request = text_of("requestParameters");
    if (request.empty() || classify(service, name).read_only || json::find(json, "errorCode") != nullptr) {
      continue;
    }
    const auto response = text_of("responseElements");
    const auto listed = text_of("resources");
    const auto found = named_resources(
        {.service = service, .operation = name, .request = request, .response = response, .listed = listed});
    (found.empty() ? without[std::string(service)] : with).insert(name);
  }
  if (with.empty()) {
    GTEST_SKIP() << "no records in " << testing::data_folder();
  }
  EXPECT_GT(with.size(), 85U);
  std::size_t gaps = 0;
  for (const auto& [service, names] : without) {
    gaps += names.size();
  }
  EXPECT_LT(gaps, 20U) << ::testing::PrintToString(without);
}

}  // namespace
}  // namespace cairn::event
