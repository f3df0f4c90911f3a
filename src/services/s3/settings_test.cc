// What is set on a bucket: kept as it was put, shown as S3 shows it, gone with its bucket.
#include "services/s3/settings.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class SettingsTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  Answered put_config(std::string_view operation, std::string_view member, std::string_view config) {
    return answer(operation, {{"Bucket", "mine"}, {member, *json::parse(config)}});
  }
  std::string shown(std::string_view operation) {
    const auto answered = answer(operation, {{"Bucket", "mine"}});
    return answered ? json::serialize(answered->output) : said(answered);
  }
};

TEST_F(SettingsTest, each_is_shown_as_it_was_put_and_gone_when_it_is_deleted) {
  const struct {
    const char* noun;
    const char* member;
    const char* config;
    const char* at_first;
    const char* shown;
    const char* deleted;  // null: it has no Delete
  } rows[] = {
      {"BucketTagging", "Tagging", R"({"TagSet":[{"Key":"team","Value":"blue"}]})", "NoSuchTagSet 404",
       R"({"TagSet":[{"Key":"team","Value":"blue"}]})", "NoSuchTagSet 404"},
      {"BucketCors", "CORSConfiguration",
       R"({"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"MaxAgeSeconds":30}]})",
       "NoSuchCORSConfiguration 404",
       R"({"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"MaxAgeSeconds":30}]})",
       "NoSuchCORSConfiguration 404"},
      {"PublicAccessBlock", "PublicAccessBlockConfiguration", R"({"BlockPublicAcls":true})",
       R"({"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}})",
       R"({"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":false,"BlockPublicPolicy":false,"RestrictPublicBuckets":false}})",
       "NoSuchPublicAccessBlockConfiguration 404"},
      {"BucketOwnershipControls", "OwnershipControls",
       R"({"Rules":[{"ObjectOwnership":"BucketOwnerPreferred"}]})",
       R"({"OwnershipControls":{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}})",
       R"({"OwnershipControls":{"Rules":[{"ObjectOwnership":"BucketOwnerPreferred"}]}})",
       "OwnershipControlsNotFoundError 404"},
      {"BucketEncryption", "ServerSideEncryptionConfiguration",
       R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true}]})",
       R"({"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]}})",
       R"({"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true}]}})",
       R"({"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]}})"},
      {"BucketLogging", "BucketLoggingStatus",
       R"({"LoggingEnabled":{"TargetBucket":"mine","TargetPrefix":"log/"}})", "{}",
       R"({"LoggingEnabled":{"TargetBucket":"mine","TargetPrefix":"log/"}})", nullptr},
  };
  for (const auto& row : rows) {
    const std::string noun = row.noun;
    EXPECT_EQ(shown("Get" + noun), row.at_first) << noun;
    EXPECT_EQ(said(put_config("Put" + noun, row.member, row.config)), "ok") << noun;
    EXPECT_EQ(shown("Get" + noun), row.shown) << noun;
    if (row.deleted != nullptr) {
      EXPECT_EQ(said(answer("Delete" + noun, {{"Bucket", "mine"}})), "ok");
      EXPECT_EQ(said(answer("Delete" + noun, {{"Bucket", "mine"}})), "ok") << "again";
      EXPECT_EQ(shown("Get" + noun), row.deleted) << noun;
    }
  }
}

TEST_F(SettingsTest, some_are_removed_by_an_empty_one) {
  ASSERT_TRUE(put_config("PutBucketTagging", "Tagging", R"({"TagSet":[{"Key":"a","Value":"b"}]})"));
  ASSERT_TRUE(put_config("PutBucketTagging", "Tagging", R"({"TagSet":[]})"));
  EXPECT_EQ(shown("GetBucketTagging"), "NoSuchTagSet 404");
  ASSERT_TRUE(put_config("PutBucketLogging", "BucketLoggingStatus",
                         R"({"LoggingEnabled":{"TargetBucket":"mine","TargetPrefix":""}})"));
  ASSERT_TRUE(put_config("PutBucketLogging", "BucketLoggingStatus", "{}"));
  EXPECT_EQ(shown("GetBucketLogging"), "{}");
  ASSERT_TRUE(put_config(
      "PutBucketNotificationConfiguration", "NotificationConfiguration",
      R"({"QueueConfigurations":[{"Id":"1","QueueArn":"arn:aws:sqs:us-east-1:111122223333:q","Events":["s3:ObjectCreated:*"]}]})"));
  EXPECT_THAT(shown("GetBucketNotificationConfiguration"), HasSubstr("arn:aws:sqs"));
  ASSERT_TRUE(put_config("PutBucketNotificationConfiguration", "NotificationConfiguration", "{}"));
  EXPECT_EQ(shown("GetBucketNotificationConfiguration"), "{}");
}

TEST_F(SettingsTest, lifecycle_rules_have_a_smallest_size_for_transitions) {
  const auto* rules = R"({"Rules":[{"ID":"a","Filter":{},"Status":"Enabled","Expiration":{"Days":7}}]})";
  EXPECT_EQ(shown("GetBucketLifecycleConfiguration"), "NoSuchLifecycleConfiguration 404");
  const auto put = put_config("PutBucketLifecycleConfiguration", "LifecycleConfiguration", rules);
  EXPECT_EQ(at(put, "/TransitionDefaultMinimumObjectSize"), "all_storage_classes_128K");
  EXPECT_EQ(at(answer("PutBucketLifecycleConfiguration",
                      {{"Bucket", "mine"},
                       {"LifecycleConfiguration", *json::parse(rules)},
                       {"TransitionDefaultMinimumObjectSize", "varies_by_storage_class"}}),
               "/TransitionDefaultMinimumObjectSize"),
            "varies_by_storage_class");
  EXPECT_EQ(
      shown("GetBucketLifecycleConfiguration"),
      R"({"Rules":[{"ID":"a","Filter":{},"Status":"Enabled","Expiration":{"Days":7}}],"TransitionDefaultMinimumObjectSize":"varies_by_storage_class"})");
  EXPECT_EQ(said(answer("PutBucketLifecycleConfiguration",
                        {{"Bucket", "mine"},
                         {"LifecycleConfiguration", *json::parse(rules)},
                         {"TransitionDefaultMinimumObjectSize", "value"}})),
            "InvalidRequest 400");
}

TEST_F(SettingsTest, logs_go_to_a_bucket_of_the_same_owner_and_region) {
  make_bucket("near");
  region = "eu-west-1";
  ASSERT_TRUE(
      answer("CreateBucket", {{"Bucket", "far"},
                              {"CreateBucketConfiguration", object{{"LocationConstraint", "eu-west-1"}}}}));
  region = "us-east-1";
  account = kBob;
  make_bucket("bobs");
  account = kAnn;
  const struct {
    const char* target;
    const char* said;
  } rows[] = {{"near", "ok"},
              {"far", "CrossLocationLoggingProhibitted 403"},
              {"bobs", "InvalidTargetBucketForLogging 400"},
              {"none", "InvalidTargetBucketForLogging 400"}};
  for (const auto& row : rows) {
    const object status{{"LoggingEnabled", object{{"TargetBucket", row.target}, {"TargetPrefix", ""}}}};
    EXPECT_EQ(said(answer("PutBucketLogging", {{"Bucket", "mine"}, {"BucketLoggingStatus", status}})),
              row.said);
  }
}

TEST_F(SettingsTest, what_nobody_can_set_is_answered_as_unset) {
  EXPECT_EQ(shown("GetBucketRequestPayment"), R"({"Payer":"BucketOwner"})");
  EXPECT_EQ(shown("GetBucketAccelerateConfiguration"), "{}");
  EXPECT_EQ(shown("GetBucketWebsite"), "NoSuchWebsiteConfiguration 404");
  EXPECT_EQ(shown("GetBucketReplication"), "ReplicationConfigurationNotFoundError 404");
  EXPECT_FALSE(service->answers("PutBucketWebsite"));
}

TEST_F(SettingsTest, a_bucket_is_made_with_tags_and_ownership) {
  const object tags{{"Tags", array{object{{"Key", "a"}, {"Value", "b"}}}}};
  ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "tagged"},
                                      {"CreateBucketConfiguration", tags},
                                      {"ObjectOwnership", "BucketOwnerPreferred"}}));
  EXPECT_EQ(at(answer("GetBucketTagging", {{"Bucket", "tagged"}}), "/TagSet/0/Key"), "a");
  EXPECT_EQ(at(answer("GetBucketOwnershipControls", {{"Bucket", "tagged"}}),
               "/OwnershipControls/Rules/0/ObjectOwnership"),
            "BucketOwnerPreferred");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "tagged"}, {"CreateBucketConfiguration", tags}})),
            "BucketAlreadyOwnedByYou 409");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "other"}, {"ObjectOwnership", "Random"}})),
            "InvalidArgument 400");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "other"}, {"ObjectOwnership", "ObjectWriter"}})),
            "NotImplemented 501");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "other"},
                                         {"CreateBucketConfiguration", object{{"Location", object{}}}}})),
            "NotImplemented 501");
}

// Two that change settings of one bucket at once: the second sees what the first did.
TEST_F(SettingsTest, changes_of_one_bucket_are_in_a_row) {
  const object tags{{"TagSet", array{object{{"Key", "a"}, {"Value", "b"}}}}};
  const auto late = make("PutBucketTagging", {{"Bucket", "mine"}, {"Tagging", tags}});
  auto outcome = run(service->run(*late->call));
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(answer("DeletePublicAccessBlock", {{"Bucket", "mine"}}));
  EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
}

TEST_F(SettingsTest, a_successor_has_none_of_its_predecessors) {
  ASSERT_TRUE(put_config("PutBucketTagging", "Tagging", R"({"TagSet":[{"Key":"a","Value":"b"}]})"));
  ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
  EXPECT_THAT(documents(""), IsEmpty());
  make_bucket("mine");
  EXPECT_EQ(shown("GetBucketTagging"), "NoSuchTagSet 404");
}

TEST_F(SettingsTest, a_body_is_what_its_checksum_says) {
  const object input{{"Bucket", "mine"},
                     {"Tagging", object{{"TagSet", array{object{{"Key", "a"}, {"Value", "b"}}}}}}};
  const std::string body = "<Tagging>…</Tagging>";
  const struct {
    const char* header;
    std::string value;
    const char* said;
  } rows[] = {{"Content-MD5", codec::base64_encode(crypto::md5(body)), "ok"},
              {"Content-MD5", codec::base64_encode(crypto::md5("other")), "BadDigest 400"},
              {"x-amz-checksum-sha1", codec::base64_encode(crypto::sha256("other")), "InvalidRequest 400"},
              {"x-amz-checksum-sha256", codec::base64_encode(crypto::sha256("other")), "BadDigest 400"},
              {"x-unrelated", "", "InvalidRequest 400"}};
  for (const auto& row : rows) {
    const auto request = make("PutBucketTagging", input);
    request->head.headers.add(row.header, row.value);
    request->call->whole_body = body;
    EXPECT_EQ(said(perform(*request)), row.said) << row.header;
  }
}

TEST(SettingDocument, is_read_as_it_was_written_and_damage_is_an_error) {
  const SettingDocument setting{"mine", {{"Rules", array{1}}}};
  const auto document = to_document(setting);
  EXPECT_EQ(document, R"({"bucket":"mine","configuration":{"Rules":[1]}})");
  const auto back = setting_from(document);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->bucket, "mine");
  EXPECT_EQ(back->configuration, setting.configuration);
  for (const auto* damaged : {"", "{}", R"({"bucket":"mine"})", R"({"bucket":"mine","configuration":1})"}) {
    EXPECT_FALSE(setting_from(damaged)) << damaged;
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
