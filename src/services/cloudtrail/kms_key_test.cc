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

TEST_F(KmsKeyTest, that_is_none_or_elsewhere_is_refused) {
  for (const auto* bad :
       {"a key", "arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:s3:::kestrel", "key:1"}) {
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

}  // namespace
}  // namespace cairn::services::cloudtrail
