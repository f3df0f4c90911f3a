// A trail's key: which it is, whether CloudTrail may use it, and that the bucket is looked at with it.
#include "services/cloudtrail/cloudtrail_testing.h"

namespace cairn::services::cloudtrail {
namespace {

class KmsKeyTest : public CloudTrailTest {
 protected:
  std::string make_with(std::string_view key) {
    return text("CreateTrail", {{"Name", "main"}, {"S3BucketName", "kestrel"}, {"KmsKeyId", key}});
  }
  std::string update(object members) {
    members["Name"] = "main";
    return text("UpdateTrail", std::move(members));
  }
  const std::string key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
};

TEST_F(KmsKeyTest, is_asked_for_a_data_key_and_kept) {
  EXPECT_THAT(make_with(key_arn), HasSubstr(R"("KmsKeyId":")" + key_arn));
  EXPECT_EQ(s3.calls.front(), "GenerateDataKey   " + arn("main"));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(key_arn));
  const auto asked = s3.calls.size();
  EXPECT_THAT(update({{"S3KeyPrefix", "p"}}), HasSubstr(key_arn)) << "what is not named stays";
  EXPECT_THAT(s3.calls[asked], StartsWith("GetBucketAcl"));
  EXPECT_THAT(update({{"KmsKeyId", ""}}), Not(HasSubstr("Kms")));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), Not(HasSubstr("Kms")));
}

TEST_F(KmsKeyTest, that_is_none_is_refused) {
  for (const auto* bad :
       {"a key", "arn:aws:s3:::kestrel", "arn:aws:kms:eu-west-1:111122223333:grant/1", "key:1"}) {
    EXPECT_THAT(make_with(bad), StartsWith("KmsKeyNotFoundException")) << bad;
  }
  EXPECT_TRUE(s3.calls.empty());
}

TEST_F(KmsKeyTest, that_cloudtrail_may_not_use_is_no_key_of_a_trail) {
  s3.refuse = "GenerateDataKey";
  for (const auto& [code, said] :
       {std::pair("NotFoundException", "InsufficientEncryptionPolicyException"),
        std::pair("AccessDeniedException", "InsufficientEncryptionPolicyException"),
        std::pair("DisabledException", "KmsException")}) {
    s3.code = code;
    EXPECT_THAT(make_with("alias/eggs"), StartsWith(said)) << code;
  }
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), StartsWith("TrailNotFoundException"));
}

// The key is of the bucket's Region, whatever the trail's: S3 knows that when the bucket is verified.
TEST_F(KmsKeyTest, is_of_the_buckets_region) {
  const std::string west = "arn:aws:kms:eu-west-1:111122223333:key/1";
  EXPECT_THAT(make_with(west), HasSubstr(west));
  EXPECT_EQ(s3.regions.front(), "eu-west-1");
  EXPECT_EQ(s3.regions.back(), "us-east-1");
  s3.refuse = "PutObject";
  s3.code = "KMS.NotFoundException";
  s3.status = 400;
  EXPECT_THAT(update({{"KmsKeyId", key_arn}}), StartsWith("KmsKeyNotFoundException: KMS key " + key_arn));
  s3.refuse = "GenerateDataKey";
  s3.code = "NotFoundException";
  EXPECT_THAT(update({{"KmsKeyId", west}}), StartsWith("KmsKeyNotFoundException"));
  EXPECT_THAT(update({{"KmsKeyId", key_arn}}), StartsWith("InsufficientEncryptionPolicyException"));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(west));
}

// Nothing that lasts is called temporary.
TEST_F(KmsKeyTest, that_the_bucket_cannot_use_is_told_as_such) {
  make_with(key_arn);
  s3.refuse = "PutObject";
  for (const auto& [code, status, said] :
       {std::tuple("KMS.DisabledException", 400, "KmsException: There is an issue with the KMS key: no"),
        std::tuple("KMS.KMSInvalidStateException", 400, "KmsException"),
        std::tuple("AccessDenied", 403, "InsufficientS3BucketPolicyException"),
        std::tuple(
            "InvalidRequest", 400,
            "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: kestrel "
            "(InvalidRequest: no)"),
        std::tuple("ServiceUnavailable", 503, "ServiceUnavailable"),
        std::tuple("OperationAborted", 409, "ServiceUnavailable")}) {
    s3.code = code;
    s3.status = status;
    EXPECT_THAT(update({{"IsMultiRegionTrail", true}}), StartsWith(said)) << code;
  }
  s3.code = "KMS.NotFoundException";
  s3.status = 400;
  EXPECT_THAT(update({{"KmsKeyId", ""}}), StartsWith("KmsException")) << "the bucket's own key";
}

}  // namespace
}  // namespace cairn::services::cloudtrail
