// What permission a call needs, and what its record says.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class S3ServiceTest : public S3Test {};

TEST_F(S3ServiceTest, what_permission_is_asked_for) {
  make_bucket("mine");
  const struct {
    const char* operation;
    object input;
    std::string asked;
  } rows[] = {
      {"CreateBucket", {{"Bucket", "new"}}, "s3:CreateBucket arn:aws:s3:::new"},
      {"DeleteBucket", {{"Bucket", "mine"}}, "s3:DeleteBucket arn:aws:s3:::mine"},
      {"HeadBucket", {{"Bucket", "mine"}}, "s3:ListBucket arn:aws:s3:::mine"},
      {"ListObjects", {{"Bucket", "mine"}}, "s3:ListBucket arn:aws:s3:::mine"},
      {"ListObjectsV2", {{"Bucket", "mine"}}, "s3:ListBucket arn:aws:s3:::mine"},
      {"ListBuckets", {}, "s3:ListAllMyBuckets *"},
      {"GetBucketAcl", {{"Bucket", "mine"}}, "s3:GetBucketAcl arn:aws:s3:::mine"},
      {"GetBucketLocation", {{"Bucket", "mine"}}, "s3:GetBucketLocation arn:aws:s3:::mine"},
      {"GetBucketPolicy", {{"Bucket", "mine"}}, "s3:GetBucketPolicy arn:aws:s3:::mine"},
      {"PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", "x"}}, "s3:PutBucketPolicy arn:aws:s3:::mine"},
      {"DeleteBucketPolicy", {{"Bucket", "mine"}}, "s3:DeleteBucketPolicy arn:aws:s3:::mine"},
      {"PutObject", {{"Bucket", "mine"}, {"Key", "a/b"}}, "s3:PutObject arn:aws:s3:::mine/a/b"},
      {"GetObject", {{"Bucket", "mine"}, {"Key", "a"}}, "s3:GetObject arn:aws:s3:::mine/a"},
      {"HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}, "s3:GetObject arn:aws:s3:::mine/a"},
      {"DeleteObject", {{"Bucket", "mine"}, {"Key", "a"}}, "s3:DeleteObject arn:aws:s3:::mine/a"},
  };
  account = kBob;
  for (const auto& row : rows) {
    ASSERT_TRUE(service->answers(row.operation));
    const auto request = make(row.operation, row.input);
    const auto asks = run(service->asks(*request->call));
    ASSERT_TRUE(asks && asks->size() == 1) << row.operation;
    EXPECT_EQ(asks->front().action + " " + asks->front().resource, row.asked);
    const bool of_a_bucket = row.asked.find("mine") != std::string::npos;
    EXPECT_EQ(asks->front().resource_account, of_a_bucket ? kAnn : kBob) << row.operation;
  }
  EXPECT_FALSE(service->answers("SelectObjectContent"));
  EXPECT_FALSE(service->answers(""));
}

TEST_F(S3ServiceTest, conditions_see_acl_and_prefix) {
  make_bucket("mine");
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}, {"ACL", "bucket-owner-full-control"}});
  auto asks = run(service->asks(*request->call));
  EXPECT_THAT(*asks->front().context.find("s3:x-amz-acl"), ElementsAre("bucket-owner-full-control"));
  request = make("ListObjectsV2", {{"Bucket", "mine"}, {"Prefix", "logs/"}});
  asks = run(service->asks(*request->call));
  EXPECT_THAT(*asks->front().context.find("s3:prefix"), ElementsAre("logs/"));
}

TEST_F(S3ServiceTest, the_record_is_as_cloudtrail_writes_s3s) {
  make_bucket("mine");
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a b"}, {"ACL", "private"}}, "12345");
  request->head.target = "/mine/a%20b?x-id=PutObject&part=1";
  request->head.headers.add("x-amz-acl", "private");
  request->head.headers.add("x-amz-content-sha256", "abc");
  ASSERT_TRUE(perform(*request));
  EXPECT_EQ(json::serialize(*last_record.request_parameters),
            R"({"bucketName":"mine","Host":"127.0.0.1","x-amz-acl":"private","part":"1","key":"a b"})");
  EXPECT_EQ(
      json::serialize(last_record.additional),
      R"({"SignatureVersion":"SigV4","bytesTransferredIn":5,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"host-id","bytesTransferredOut":0,"SSEApplied":"Default_SSE_S3"})");
  ASSERT_EQ(last_record.resources.size(), 2U);
  EXPECT_EQ(last_record.resources[0].arn, "arn:aws:s3:::mine/a b");
  EXPECT_EQ(last_record.resources[1].arn, "arn:aws:s3:::mine");
  EXPECT_EQ(last_record.resources[1].account_id, kAnn);

  request = make("GetObject", {{"Bucket", "mine"}, {"Key", "a b"}, {"Range", "bytes=1-3"}});
  request->head.target = "/mine/a%20b?X-Amz-Signature=abc&X-Amz-Date=20260302";
  ASSERT_TRUE(perform(*request));
  EXPECT_EQ(last_record.additional.at("bytesTransferredOut"), 3);
  EXPECT_EQ(last_record.additional.at("AuthenticationMethod"), "QueryString");
  EXPECT_FALSE(last_record.request_parameters->as_object().contains("X-Amz-Signature"));

  // A refused call's record has it too.
  EXPECT_EQ(said(answer("GetObject", {{"Bucket", "mine"}, {"Key", "none"}})), "NoSuchKey 404");
  EXPECT_EQ(last_record.resources.at(0).arn, "arn:aws:s3:::mine/none");
  EXPECT_EQ(said(answer("GetObject", {{"Bucket", "none"}, {"Key", "x"}})), "NoSuchBucket 404");
  EXPECT_EQ(last_record.request_parameters->at("bucketName"), "none");
}

}  // namespace
}  // namespace cairn::services::s3::testing
