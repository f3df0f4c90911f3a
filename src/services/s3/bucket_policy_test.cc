// Bucket policies: what they may speak of, that they are kept as they were put, and asked.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class BucketPolicyTest : public S3Test {};

std::string policy_for(std::string_view action, std::string_view resource) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":")" +
         std::string(action) + R"(","Resource":")" + std::string(resource) + R"("}]})";
}

TEST_F(BucketPolicyTest, policies_speak_of_their_bucket_and_of_s3) {
  make_open_bucket("mine");
  const struct {
    std::string policy;
    std::string said;
  } rows[] = {
      {policy_for("s3:GetObject", "arn:aws:s3:::mine/*"), "ok"},
      {policy_for("s3:GetObject", "arn:aws:s3:::mine/a/b"), "ok"},
      {policy_for("S3:listbucket", "arn:aws:s3:::mine"), "ok"},
      {policy_for("*", "arn:aws:s3:::mine*"), "ok"},
      {policy_for("s3:GetObject", "arn:aws:s3:::other/*"), "MalformedPolicy 400"},
      {policy_for("s3:GetObject", "arn:aws:s3:::mine2/*"), "MalformedPolicy 400"},
      {policy_for("s3:GetObject", "arn:aws:s3:::*"), "MalformedPolicy 400"},
      {policy_for("s3:GetObject", "*"), "MalformedPolicy 400"},
      {policy_for("sns:Publish", "arn:aws:s3:::mine/*"), "MalformedPolicy 400"},
      {policy_for("iam:*", "arn:aws:s3:::mine/*"), "MalformedPolicy 400"},
      {"", "MalformedPolicy 400"},
      {"no json", "MalformedPolicy 400"},
      {"{}", "MalformedPolicy 400"},
      {R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::mine"}})",
       "MalformedPolicy 400"},  // no principal
      {policy_for("s3:GetObject", "arn:aws:s3:::mine/" + std::string(21'000, 'x')), "PolicyTooLarge 400"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", row.policy}})), row.said)
        << row.policy.substr(0, 200);
  }
}

TEST_F(BucketPolicyTest, a_policy_is_kept_as_it_was_put_and_asked) {
  make_open_bucket("mine");
  EXPECT_EQ(said(answer("GetBucketPolicy", {{"Bucket", "mine"}})), "NoSuchBucketPolicy 404");
  const std::string policy = "  " + policy_for("s3:GetObject", "arn:aws:s3:::mine/*") + "\n";
  ASSERT_TRUE(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy}}));
  EXPECT_EQ(at(answer("GetBucketPolicy", {{"Bucket", "mine"}}), "/Policy"), policy);
  ASSERT_EQ(asked.size(), 1U);
  const auto first = asked[0].resource_policy;
  ASSERT_TRUE(first);
  ASSERT_TRUE(answer("HeadBucket", {{"Bucket", "mine"}}));
  EXPECT_EQ(asked[0].resource_policy, first);  // compiled once
  ASSERT_TRUE(
      answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy_for("*", "arn:aws:s3:::mine")}}));
  ASSERT_TRUE(answer("HeadBucket", {{"Bucket", "mine"}}));
  EXPECT_NE(asked[0].resource_policy, first);
  EXPECT_EQ(said(answer("DeleteBucketPolicy", {{"Bucket", "mine"}})), "ok");
  EXPECT_EQ(said(answer("DeleteBucketPolicy", {{"Bucket", "mine"}})), "ok");
  EXPECT_EQ(said(answer("GetBucketPolicy", {{"Bucket", "mine"}})), "NoSuchBucketPolicy 404");
  EXPECT_FALSE(asked[0].resource_policy);
}

// What it denies must not be allowed because it cannot be read.
TEST_F(BucketPolicyTest, with_a_policy_that_cannot_be_read_nothing_is_allowed) {
  make_open_bucket("mine");
  auto kept = run(catalog->get(bucket_key("mine")));
  auto bucket = *bucket_from((*kept)->value);
  bucket.policy = R"({"Version":"2099-01-01"})";
  catalog::Transaction transaction;
  transaction.writes.push_back({bucket_key("mine"), to_document(bucket), std::nullopt});
  ASSERT_TRUE(run(catalog->commit(transaction)));
  EXPECT_EQ(said(answer("ListObjectsV2", {{"Bucket", "mine"}})), "InternalError 500");
}

TEST_F(BucketPolicyTest, two_policies_at_once) {
  make_open_bucket("mine");
  const auto first = make("PutBucketPolicy",
                          {{"Bucket", "mine"}, {"Policy", policy_for("s3:GetObject", "arn:aws:s3:::mine/*")}});
  auto outcome = run(service->run(*first->call));
  ASSERT_TRUE(
      answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy_for("*", "arn:aws:s3:::mine")}}));
  EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
}

TEST_F(BucketPolicyTest, a_policys_checksum_is_compared) {
  make_open_bucket("mine");
  const auto policy = policy_for("s3:GetObject", "arn:aws:s3:::mine/*");
  const struct {
    const char* header;
    std::string value;
    std::string said;
  } rows[] = {
      {"Content-MD5", codec::base64_encode(crypto::md5(policy)), "ok"},
      {"Content-MD5", codec::base64_encode(crypto::md5("other")), "BadDigest 400"},
      {"x-amz-checksum-sha256", codec::base64_encode(crypto::sha256(policy)), "ok"},
      {"x-amz-checksum-sha256", codec::base64_encode(crypto::sha256("other")), "BadDigest 400"},
  };
  for (const auto& row : rows) {
    const auto request = make("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy}});
    request->head.headers.add(row.header, row.value);
    request->call->whole_body = policy;
    EXPECT_EQ(said(perform(*request)), row.said) << row.header;
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
