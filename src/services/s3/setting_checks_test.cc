// What is refused of settings, and in which words: rows as S3 answers them.
#include "services/s3/setting_checks.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

struct Row {
  std::string config;
  std::string said;
};

class SettingChecksTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  void expect(std::string_view operation, std::string_view member, const std::vector<Row>& rows) {
    for (const auto& row : rows) {
      const auto config = json::parse(row.config);
      ASSERT_TRUE(config) << row.config;
      EXPECT_EQ(said(answer(operation, {{"Bucket", "mine"}, {member, *config}})), row.said) << row.config;
    }
  }
};

constexpr auto kMalformed = "MalformedXML 400";

TEST_F(SettingChecksTest, tags) {
  std::string many = R"({"TagSet":[)";
  for (int i = 0; i <= 50; ++i) {
    many += (i > 0 ? "," : "") + std::string(R"({"Key":"k)") + std::to_string(i) + R"(","Value":""})";
  }
  const auto tag = [](std::string key, std::string value) {
    return json::serialize(object{{"TagSet", array{object{{"Key", key}, {"Value", value}}}}});
  };
  expect("PutBucketTagging", "Tagging",
         {{tag("a b", "c"), "ok"},
          {tag("größe", "ü"), "ok"},
          {tag(std::string(128, 'a'), std::string(256, 'b')), "ok"},
          {tag(std::string(129, 'a'), ""), "InvalidTag 400"},
          {tag("a", std::string(257, 'b')), "InvalidTag 400"},
          {tag("Key1,Key2", "x"), "InvalidTag 400"},
          {tag("Key1", "a,b"), "InvalidTag 400"},
          {tag("", "x"), "InvalidTag 400"},
          {tag("aws:x", "x"), "InvalidTag 400"},
          {tag("AWS:x", "x"), "InvalidTag 400"},
          {R"({"TagSet":[{"Key":"a","Value":"1"},{"Key":"a","Value":"2"}]})", "InvalidTag 400"},
          {R"({"TagSet":[{"Key":"a"}]})", kMalformed},
          {R"({"TagSet":[{"Value":"a"}]})", kMalformed},
          {many + "]}", "BadRequest 400"}});
}

TEST_F(SettingChecksTest, ownership_and_public_access) {
  expect(
      "PutBucketOwnershipControls", "OwnershipControls",
      {{R"({"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]})", "ok"},
       {R"({"Rules":[{"ObjectOwnership":"ObjectWriter"}]})", "NotImplemented 501"},
       {R"({"Rules":[{"ObjectOwnership":"Random"}]})", kMalformed},
       {R"({"Rules":[]})", kMalformed},
       {R"({"Rules":[{}]})", kMalformed},
       {"{}", kMalformed},
       {R"({"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"},{"ObjectOwnership":"BucketOwnerEnforced"}]})",
        kMalformed}});
  expect("PutPublicAccessBlock", "PublicAccessBlockConfiguration",
         {{"{}", kMalformed}, {R"({"BlockPublicPolicy":true})", "ok"}});
}

TEST_F(SettingChecksTest, cors) {
  const auto rule = [](std::string_view more) {
    return R"({"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["https://*.example.org"])" +
           std::string(more) + "}]}";
  };
  expect("PutBucketCors", "CORSConfiguration",
         {{rule(""), "ok"},
          {rule(R"(,"AllowedHeaders":["x-amz-*"],"ExposeHeaders":["ETag"])"), "ok"},
          {rule(R"(,"AllowedHeaders":["*-*"])"), "InvalidRequest 400"},
          {rule(R"(,"ExposeHeaders":["x-*"])"), "InvalidRequest 400"},
          {rule(R"(,"ID":")" + std::string(256, 'x') + "\""), kMalformed},
          {R"({"CORSRules":[]})", kMalformed},
          {R"({"CORSRules":[{"AllowedMethods":["GET"]}]})", kMalformed},
          {R"({"CORSRules":[{"AllowedMethods":[],"AllowedOrigins":["*"]}]})", kMalformed},
          {R"({"CORSRules":[{"AllowedMethods":["PATCH"],"AllowedOrigins":["*"]}]})", "InvalidRequest 400"},
          {R"({"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*.*"]}]})", "InvalidRequest 400"}});
}

TEST_F(SettingChecksTest, encryption) {
  const auto rule = [](std::string_view inside) {
    return R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{)" + std::string(inside) + "}}]}";
  };
  expect(
      "PutBucketEncryption", "ServerSideEncryptionConfiguration",
      {{rule(R"("SSEAlgorithm":"AES256")"), "ok"},
       {rule(R"("SSEAlgorithm":"aws:kms","KMSMasterKeyID":"alias/eggs")"), "ok"},
       {rule(R"("SSEAlgorithm":"aws:kms")"), "NotImplemented 501"},
       {rule(R"("SSEAlgorithm":"aws:kms:dsse","KMSMasterKeyID":"alias/eggs")"), "NotImplemented 501"},
       {R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true}]})", "ok"},
       {R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"},"BucketKeyEnabled":true}]})",
        "NotImplemented 501"},
       {rule(R"("SSEAlgorithm":"AES256","KMSMasterKeyID":"x")"), "InvalidArgument 400"},
       {rule(""), kMalformed},
       {R"({"Rules":[]})", kMalformed}});
}

TEST_F(SettingChecksTest, notifications) {
  const auto queue = [](std::string_view arn, std::string_view more = "") {
    return R"({"QueueConfigurations":[{"QueueArn":")" + std::string(arn) +
           R"(","Events":["s3:ObjectCreated:*"])" + std::string(more) + "}]}";
  };
  const std::string right = "arn:aws:sqs:us-east-1:111122223333:q";
  const auto filter = [](std::string_view rules) {
    return R"(,"Filter":{"Key":{"FilterRules":[)" + std::string(rules) + "]}}";
  };
  expect("PutBucketNotificationConfiguration", "NotificationConfiguration",
         {{queue(right), "ok"},
          {queue(right, filter(R"({"Name":"Prefix","Value":"a/"},{"Name":"suffix","Value":".gz"})")), "ok"},
          {queue(right, filter(R"({"Name":"INVALID","Value":"a"})")), "InvalidArgument 400"},
          {queue(right, filter(R"({"Name":"prefix"})")), kMalformed},
          {queue(right, filter(R"({"Name":"prefix","Value":"a"},{"Name":"prefix","Value":"b"})")),
           "InvalidArgument 400"},
          {queue("arn:aws:sns:us-east-1:111122223333:t"), "InvalidArgument 400"},
          {queue("q"), "InvalidArgument 400"},
          {queue(right + "/other"), "InvalidArgument 400"},
          {R"({"QueueConfigurations":[{"QueueArn":")" + right + R"(","Events":["s3:Other"]}]})", kMalformed},
          {R"({"QueueConfigurations":[{"QueueArn":")" + right + R"(","Events":[]}]})", kMalformed},
          {R"({"LambdaFunctionConfigurations":[]})", "ok"},
          {R"({"EventBridgeConfiguration":{}})", "NotImplemented 501"}});
  const auto shown = answer("GetBucketNotificationConfiguration", {{"Bucket", "mine"}});
  EXPECT_EQ(at(shown, "/QueueConfigurations/0/Id"), "");  // the empty one has removed it
}

}  // namespace
}  // namespace cairn::services::s3::testing
