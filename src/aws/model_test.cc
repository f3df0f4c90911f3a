#include "aws/model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

namespace cairn::aws {
namespace {

const Operation& operation(std::string_view service, std::string_view name) {
  return *catalogue().by_name(service)->operation(name);
}

TEST(Catalogue, finds_services_by_every_name) {
  EXPECT_EQ(catalogue().by_name("cloudtrail-data")->service_id, "CloudTrail Data");
  EXPECT_EQ(catalogue().by_signing_name("s3")->api_version, "2006-03-01");
  EXPECT_EQ(catalogue().by_endpoint_prefix("sts")->name, "sts");
  EXPECT_EQ(catalogue().by_target_prefix("CloudTrail_20131101")->name, "cloudtrail");
  EXPECT_EQ(catalogue().by_target_prefix("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101")->name,
            "cloudtrail");
  EXPECT_EQ(catalogue().by_action("GetCallerIdentity", "2011-06-15")->name, "sts");
  EXPECT_EQ(catalogue().by_name("nothing"), nullptr);
  EXPECT_EQ(catalogue().by_target_prefix("DynamoDB_20120810"), nullptr);
  EXPECT_EQ(catalogue().by_action("RunInstances", "2016-11-15"), nullptr);
}

TEST(Catalogue, has_every_operation) {
  const std::pair<const char*, std::size_t> rows[] = {
      {"cloudtrail", 60}, {"cloudtrail-data", 1}, {"iam", 176}, {"sts", 11}, {"s3", 111}, {"organizations", 63}, {"kms", 54}, {"sns", 42}, {"sqs", 23}};
  for (const auto& [name, count] : rows) {
    EXPECT_GE(catalogue().by_name(name)->operations.size(), count) << name;
  }
}

// Every shape must be reachable as the loader reads it: a pattern that RE2 cannot read would check nothing
// without a word.
TEST(Catalogue, patterns_can_be_used_but_for_those_listed) {
  for (const auto* service : catalogue().all()) {
    for (const auto& [name, shape] : service->shapes) {
      if (shape.pattern && !shape.pattern->dropped()) {
        EXPECT_TRUE(shape.pattern->usable()) << service->name << " " << name << " " << shape.pattern->text();
      }
    }
  }
}

TEST(Catalogue, loads_in_milliseconds) {
  const auto start = std::chrono::steady_clock::now();
  for (const auto* service : catalogue().all()) {
    EXPECT_FALSE(service->operations.empty());
  }
  const auto took = std::chrono::steady_clock::now() - start;
  std::printf("all models: %lld us\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

TEST(Model, has_traits) {
  const auto& create = operation("cloudtrail", "CreateTrail");
  EXPECT_EQ(create.method, "POST");
  EXPECT_TRUE(create.input.shape->member("S3BucketName")->required);
  EXPECT_FALSE(create.input.shape->member("S3KeyPrefix")->required);
  EXPECT_EQ(create.input.shape->member("s3bucketname"), nullptr);

  const auto& put = operation("s3", "PutObject");
  EXPECT_EQ(put.path, "/{Bucket}/{Key+}");
  EXPECT_EQ(put.streaming_input()->name, "Body");
  EXPECT_EQ(put.input.shape->member("Metadata")->location, Location::headers);
  EXPECT_EQ(put.input.shape->member("Metadata")->wire_name, "x-amz-meta-");
  EXPECT_EQ(operation("s3", "GetObject").streaming_output()->name, "Body");
  EXPECT_EQ(operation("s3", "PutBucketPolicy").streaming_input(), nullptr);
  EXPECT_EQ(operation("s3", "DeleteObject").status, 204);
  EXPECT_EQ(operation("s3", "ListObjectsV2").query,
            (std::vector<std::pair<std::string, std::string>>{{"list-type", "2"}}));
  EXPECT_EQ(operation("s3", "ListObjectsV2").output.root, "ListBucketResult");
  EXPECT_TRUE(operation("s3", "GetBucketLocation").output.unwrapped);
  EXPECT_TRUE(operation("s3", "DeleteObjects").checksum_required);

  EXPECT_TRUE(operation("sts", "AssumeRoleWithWebIdentity").unsigned_call);
  EXPECT_FALSE(operation("sts", "AssumeRole").unsigned_call);
  EXPECT_EQ(catalogue().by_name("iam")->errors.at("NoSuchEntity")->error_status, 404);
  EXPECT_TRUE(operation("sts", "AssumeRole")
                  .output.shape->member("Credentials")
                  ->shape->member("SecretAccessKey")
                  ->sensitive);
}

TEST(Model, reads_botocores_own_files) {
  auto service = load_service("x", R"({"metadata":{"protocol":"rest-json","endpointPrefix":"x"},
      "operations":{"Do":{"name":"Do","http":{"requestUri":"/do?a&b=1"},"input":{"shape":"In"},"errors":[{"shape":"Bad"}],
                          "documentation":"<p>Does.</p>"}},
      "shapes":{"In":{"type":"structure","required":["A"],"members":{"A":{"shape":"S","documentation":"x"}}},
                "S":{"type":"string","min":1},"Bad":{"type":"structure","exception":true,"members":{}}}})");
  ASSERT_TRUE(service.has_value()) << service.error().text();
  const auto* op = (*service)->operation("Do");
  EXPECT_EQ(op->path, "/do");
  EXPECT_EQ(op->query, (std::vector<std::pair<std::string, std::string>>{{"a", ""}, {"b", "1"}}));
  EXPECT_EQ(op->errors.front()->name, "Bad");
  EXPECT_TRUE(op->input.shape->member("A")->required);
}

TEST(Model, refuses_what_is_broken) {
  for (const auto* text :
       {"", "[]", R"({"metadata":{"protocol":"smoke"}})",
        R"({"metadata":{"protocol":"json"},"shapes":{"A":{"type":"sphere"}}})",
        R"({"metadata":{"protocol":"json"},"shapes":{"A":{"type":"list","member":{"shape":"B"}}}})",
        R"({"metadata":{"protocol":"json"},"operations":{"Do":{"input":{"shape":"B"}}}})"}) {
    EXPECT_FALSE(load_service("x", text).has_value()) << text;
  }
}

}  // namespace
}  // namespace cairn::aws
