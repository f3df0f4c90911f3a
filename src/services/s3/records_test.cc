// What records say of calls: what was set, what was answered, and what trails select them by.
#include <algorithm>

#include "event/record.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class RecordsTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }

  // The call as it comes over the wire, its document in the body.
  std::string parameters_of(std::string_view operation, std::string_view target, object input,
                            std::string_view document) {
    input["Bucket"] = "mine";
    const auto request = make(operation, std::move(input));
    request->head.target = target;
    request->call->whole_body = document;
    request->head.headers.set("Content-MD5", codec::base64_encode(crypto::md5(document)));
    EXPECT_EQ(said(perform(*request)), "ok") << operation;
    return json::serialize(*last_record.request_parameters);
  }
  std::string elements() const {
    return last_record.response_elements ? json::serialize(*last_record.response_elements) : "(none)";
  }
};

// Selectors of data events all say resources.type, so that no trail has an event without an object.
TEST_F(RecordsTest, every_data_event_has_an_object_or_all_of_them) {
  const auto& model = *aws::catalogue().by_name("s3");
  std::size_t checked = 0;
  for (const auto& [name, operation] : model.operations) {
    if (!service->answers(name) || event::classify("s3", name).category != event::Category::data) {
      continue;
    }
    const bool of_object = operation.input.shape->member("Key") != nullptr;
    object input{{"Bucket", "mine"}};
    if (of_object) {
      input["Key"] = "a";
    }
    const auto request = make(name, std::move(input));
    static_cast<void>(run(service->asks(*request->call)));
    const auto& resources = request->call->record.resources;
    ASSERT_EQ(resources.size(), 2U) << name;
    EXPECT_EQ(resources[0].type, "AWS::S3::Object") << name;
    EXPECT_EQ(resources[0].arn, of_object ? "arn:aws:s3:::mine/a" : "") << name;
    EXPECT_EQ(resources[0].arn_prefix, of_object ? "" : "arn:aws:s3:::mine/") << name;
    EXPECT_EQ(resources[1].type, "AWS::S3::Bucket") << name;
    ++checked;
  }
  EXPECT_GT(checked, 25U);
}

TEST_F(RecordsTest, a_call_about_the_bucket_itself_has_the_bucket_alone) {
  ASSERT_TRUE(answer("GetBucketVersioning", {{"Bucket", "mine"}}));
  ASSERT_EQ(last_record.resources.size(), 1U);
  EXPECT_EQ(last_record.resources[0].type, "AWS::S3::Bucket");
}

TEST_F(RecordsTest, what_is_set_on_a_bucket_is_shown) {
  EXPECT_EQ(
      parameters_of(
          "PutBucketVersioning", "/mine?versioning",
          {{"VersioningConfiguration", object{{"Status", "Suspended"}}}},
          R"(<VersioningConfiguration xmlns="x"><Status>Suspended</Status></VersioningConfiguration>)"),
      R"({"bucketName":"mine","Host":"127.0.0.1","versioning":"","VersioningConfiguration":{"Status":"Suspended","xmlns":"x"}})");
  EXPECT_EQ(
      parameters_of("PutPublicAccessBlock", "/mine?publicAccessBlock",
                    {{"PublicAccessBlockConfiguration", object{{"BlockPublicAcls", false}}}},
                    "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls>"
                    "</PublicAccessBlockConfiguration>"),
      R"({"bucketName":"mine","Host":"127.0.0.1","publicAccessBlock":"","PublicAccessBlockConfiguration":{"BlockPublicAcls":false}})");
  EXPECT_EQ(
      parameters_of("PutBucketTagging", "/mine?tagging",
                    {{"Tagging", object{{"TagSet", array{object{{"Key", "a"}, {"Value", "b"}}}}}}},
                    "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"),
      R"({"bucketName":"mine","Host":"127.0.0.1","tagging":"","Tagging":{"TagSet":{"Tag":{"Key":"a","Value":"b"}}}})");
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::mine/*"}]})";
  EXPECT_EQ(parameters_of("PutBucketPolicy", "/mine?policy", {{"Policy", policy}}, policy),
            R"({"bucketName":"mine","Host":"127.0.0.1","policy":"","bucketPolicy":)" + policy + "}");
  EXPECT_EQ(last_record.additional.at("bytesTransferredIn"), policy.size());
  EXPECT_EQ(elements(), "null");
}

TEST_F(RecordsTest, what_objects_are_tagged_with_is_not_shown) {
  ASSERT_TRUE(put("mine", "a", "x"));
  EXPECT_EQ(parameters_of("PutObjectTagging", "/mine/a?tagging",
                          {{"Key", "a"}, {"Tagging", object{{"TagSet", array{}}}}},
                          "<Tagging><TagSet></TagSet></Tagging>"),
            R"({"bucketName":"mine","Host":"127.0.0.1","tagging":"","key":"a"})");
}

TEST_F(RecordsTest, headers_of_an_answer_are_its_elements) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  EXPECT_EQ(elements(), "null");
  const auto version = std::string(*json::find_string(put("mine", "a", "x")->output, "VersionId"));
  EXPECT_EQ(elements(), R"({"x-amz-server-side-encryption":"AES256","x-amz-version-id":")" + version + "\"}");
  EXPECT_EQ(last_record.additional.at("SSEApplied"), "Default_SSE_S3");

  const auto copied = answer("CopyObject", {{"Bucket", "mine"}, {"Key", "b"}, {"CopySource", "mine/a"}});
  ASSERT_TRUE(copied);
  EXPECT_EQ(last_record.response_elements->at("x-amz-copy-source-version-id").as_string(), version);

  const auto marker = std::string(*json::find_string(remove("mine", "a")->output, "VersionId"));
  EXPECT_EQ(elements(), R"({"x-amz-version-id":")" + marker + R"(","x-amz-delete-marker":"true"})");

  ASSERT_TRUE(answer("PutBucketTagging", {{"Bucket", "mine"}, {"Tagging", object{{"TagSet", array{}}}}}));
  EXPECT_EQ(elements(), "null");
}

// Thousand keys stand in records of their own.
TEST_F(RecordsTest, the_record_of_many_deletions_names_no_key) {
  const auto request = make(
      "DeleteObjects", {{"Bucket", "mine"},
                        {"Delete", object{{"Objects", array{object{{"Key", "a"}}, object{{"Key", "b"}}}}}}});
  request->head.target = "/mine?delete";
  request->call->whole_body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
  request->head.headers.set("Content-MD5", codec::base64_encode(crypto::md5(request->call->whole_body)));
  ASSERT_TRUE(perform(*request));
  EXPECT_EQ(elements(), "null");
  EXPECT_EQ(json::serialize(*last_record.request_parameters),
            R"({"bucketName":"mine","Host":"127.0.0.1","delete":""})");
}

TEST_F(RecordsTest, headers_that_grant_or_lock_are_shown) {
  const auto request =
      make("PutObject",
           {{"Bucket", "mine"}, {"Key", "a"}, {"SSECustomerAlgorithm", "AES256"}, {"ObjectLockMode", "x"}});
  request->head.headers.set("x-amz-object-lock-mode", "COMPLIANCE");
  request->head.headers.set("x-amz-server-side-encryption-customer-algorithm", "AES256");
  request->head.headers.set("x-amz-server-side-encryption-customer-key", "c2VjcmV0");
  request->head.headers.set("x-amz-grant-read", "uri=\"all\"");
  static_cast<void>(run(service->asks(*request->call)));
  EXPECT_EQ(
      json::serialize(*request->call->record.request_parameters),
      R"({"bucketName":"mine","Host":"127.0.0.1","x-amz-object-lock-mode":"COMPLIANCE","x-amz-server-side-encryption-customer-algorithm":"AES256","x-amz-grant-read":"uri=\"all\"","key":"a"})");
}

}  // namespace
}  // namespace cairn::services::s3::testing
