// What a caller hears of keys that are not there, and which conditions of policies hold for calls on objects.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::string_view kNoListing =
    R"({"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:ListBucket","Resource":"*"})";

class ObjectAsksTest : public S3Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "mine"}, {"ObjectLockEnabledForBucket", true}}));
    version_ = at(put("mine", "there", "x"), "/VersionId");
    ASSERT_TRUE(answer(
        "PutObjectTagging",
        {{"Bucket", "mine"}, {"Key", "there"}, {"Tagging", object{{"TagSet", tags("secret", "yes")}}}}));
  }
  static array tags(std::string_view key, std::string_view value) {
    return {object{{"Key", key}, {"Value", value}}};
  }
  double in_days(int days) const {
    return static_cast<double>(clock.now().time_since_epoch().count()) / 1000 + days * 86'400.0;
  }
  std::string version_;
};

TEST_F(ObjectAsksTest, who_may_not_list_hears_of_no_key_that_it_is_not_there) {
  const std::string none = "00000009" + std::string(24, 'a');
  const struct {
    std::string operation;
    object more;
  } rows[] = {
      {"GetObject", {}},
      {"HeadObject", {}},
      {"GetObjectAttributes", {{"ObjectAttributes", array{"ETag"}}}},
      {"GetObjectTagging", {}},
      {"PutObjectTagging", {{"Tagging", object{{"TagSet", tags("a", "b")}}}}},
      {"DeleteObjectTagging", {}},
      {"GetObjectAcl", {}},
      {"GetObjectRetention", {}},
      {"PutObjectLegalHold", {{"LegalHold", object{{"Status", "ON"}}}}},
  };
  for (const auto& row : rows) {
    auto input = row.more;
    input["Bucket"] = "mine";
    input["Key"] = "none";
    auto of_version = input;
    of_version["Key"] = "there";
    of_version["VersionId"] = none;
    caller_policy = policy_of(R"({"Effect":"Allow","Action":"*","Resource":"*"})");
    EXPECT_EQ(said(answer(row.operation, input)), "NoSuchKey 404") << row.operation;
    EXPECT_EQ(said(answer(row.operation, of_version)), "NoSuchVersion 404") << row.operation;
    caller_policy = policy_of(kNoListing);
    EXPECT_EQ(said(answer(row.operation, input)), "AccessDenied 403") << row.operation;
    EXPECT_EQ(said(answer(row.operation, of_version)), "AccessDenied 403") << row.operation;
    caller_kind = access::PrincipalKind::user;
  }
  EXPECT_EQ(get("mine", "there"), "x");
  const auto denied = answer("GetObject", {{"Bucket", "mine"}, {"Key", "none"}});
  EXPECT_THAT(denied.error().message, HasSubstr("s3:ListBucket on resource: \"arn:aws:s3:::mine\""));
}

TEST_F(ObjectAsksTest, a_copy_tells_of_its_source_who_may_list_that) {
  make_bucket("other");
  const object copy{{"Bucket", "other"}, {"Key", "copy"}, {"CopySource", "mine/none"}};
  EXPECT_EQ(said(answer("CopyObject", copy)), "NoSuchKey 404");
  caller_policy = policy_of(
      R"({"Effect":"Allow","Action":"*","Resource":"*"},
         {"Effect":"Deny","Action":"s3:ListBucket","Resource":"arn:aws:s3:::mine"})");
  EXPECT_EQ(said(answer("CopyObject", copy)), "AccessDenied 403");
  EXPECT_EQ(get("other", "none"), "NoSuchKey 404");
}

TEST_F(ObjectAsksTest, a_delete_marker_is_told_to_whom_may_list) {
  ASSERT_TRUE(remove("mine", "there"));
  const auto hidden = answer("GetObject", {{"Bucket", "mine"}, {"Key", "there"}});
  EXPECT_EQ(said(hidden), "NoSuchKey 404");
  EXPECT_EQ(hidden.error().headers.size(), 2U);
  caller_policy = policy_of(kNoListing);
  const auto denied = answer("GetObject", {{"Bucket", "mine"}, {"Key", "there"}});
  EXPECT_EQ(said(denied), "AccessDenied 403");
  EXPECT_THAT(denied.error().headers, IsEmpty());
}

// Each row: what is asked first, and a condition key with what it is.
TEST_F(ObjectAsksTest, conditions_of_policies_find_what_they_name) {
  const object retention{{"Mode", "GOVERNANCE"}, {"RetainUntilDate", in_days(10)}};
  const struct {
    std::string operation;
    object more;
    std::string key;
    std::string value;
  } rows[] = {
      {"PutObjectRetention", {{"Retention", retention}}, "s3:object-lock-mode", "GOVERNANCE"},
      {"PutObjectRetention", {{"Retention", retention}}, "s3:object-lock-remaining-retention-days", "10"},
      {"PutObjectRetention",
       {{"Retention", retention}},
       "s3:object-lock-retain-until-date",
       rfc3339(clock.now() + std::chrono::days(10))},
      {"PutObjectLegalHold", {{"LegalHold", object{{"Status", "ON"}}}}, "s3:object-lock-legal-hold", "ON"},
      {"PutObject",
       {{"ObjectLockMode", "COMPLIANCE"}, {"ObjectLockRetainUntilDate", in_days(3)}},
       "s3:object-lock-remaining-retention-days",
       "3"},
      {"PutObject",
       {{"ObjectLockMode", "COMPLIANCE"}, {"ObjectLockRetainUntilDate", in_days(3)}},
       "s3:object-lock-mode",
       "COMPLIANCE"},
      {"PutObject", {{"Tagging", "team=blue"}}, "s3:RequestObjectTag/team", "blue"},
      {"PutObject", {{"ServerSideEncryption", "AES256"}}, "s3:x-amz-server-side-encryption", "AES256"},
      {"PutObject", {{"Tagging", "team=blue"}}, "s3:RequestObjectTagKeys", "team"},
      {"PutObjectTagging",
       {{"Tagging", object{{"TagSet", tags("team", "blue")}}}},
       "s3:RequestObjectTag/team",
       "blue"},
      {"PutObjectTagging",
       {{"Tagging", object{{"TagSet", tags("team", "blue")}}}},
       "s3:RequestObjectTagKeys",
       "team"},
      {"PutObjectTagging",
       {{"Tagging", object{{"TagSet", tags("team", "blue")}}}},
       "s3:ExistingObjectTag/secret",
       "yes"},
      {"GetObject", {}, "s3:ExistingObjectTag/secret", "yes"},
      {"HeadObject", {}, "s3:ExistingObjectTag/secret", "yes"},
      {"GetObject", {{"VersionId", version_}}, "s3:ExistingObjectTag/secret", "yes"},
      {"GetObjectAttributes", {{"ObjectAttributes", array{"ETag"}}}, "s3:ExistingObjectTag/secret", "yes"},
      {"GetObjectTagging", {}, "s3:ExistingObjectTag/secret", "yes"},
      {"DeleteObjectTagging", {}, "s3:ExistingObjectTag/secret", "yes"},
      {"GetObjectAcl", {}, "s3:ExistingObjectTag/secret", "yes"},
  };
  for (const auto& row : rows) {
    auto input = row.more;
    input["Bucket"] = "mine";
    input["Key"] = "there";
    const auto request = make(row.operation, std::move(input));
    const auto asks = run(service->asks(*request->call));
    ASSERT_TRUE(asks && !asks->empty()) << row.operation << ": " << asks.error().message;
    const auto* found = asks->front().context.single(row.key);
    ASSERT_NE(found, nullptr) << row.operation << " " << row.key;
    EXPECT_EQ(*found, row.value) << row.operation << " " << row.key;
  }
}

TEST_F(ObjectAsksTest, the_tags_of_a_copys_source_count) {
  const auto request =
      make("CopyObject", {{"Bucket", "mine"}, {"Key", "copy"}, {"CopySource", "mine/there"}});
  const auto asks = run(service->asks(*request->call));
  ASSERT_TRUE(asks);
  EXPECT_EQ(asks->back().action, "s3:GetObject");
  ASSERT_NE(asks->back().context.single("s3:ExistingObjectTag/secret"), nullptr);
  EXPECT_EQ(asks->front().context.single("s3:ExistingObjectTag/secret"), nullptr);
}

// Between the decision and the reading the object got its tags: they were not asked for, and are before
// anything is read.
TEST_F(ObjectAsksTest, an_object_whose_tags_came_in_between_is_asked_for_anew) {
  const object mine{{"Bucket", "mine"}, {"Key", "plain"}};
  const std::pair<std::string, object> reading[] = {
      {"GetObjectAcl", mine},
      {"GetObjectAttributes", {{"Bucket", "mine"}, {"Key", "plain"}, {"ObjectAttributes", array{"ETag"}}}},
      {"CopyObject", {{"Bucket", "mine"}, {"Key", "copy"}, {"CopySource", "mine/plain"}}},
  };
  for (const auto& [operation, input] : reading) {
    ASSERT_TRUE(put("mine", "plain", std::string(100'000, 'x')));
    const auto request = make(operation, input);
    ASSERT_TRUE(run(service->asks(*request->call))) << operation;
    ASSERT_TRUE(answer(
        "PutObjectTagging",
        {{"Bucket", "mine"}, {"Key", "plain"}, {"Tagging", object{{"TagSet", tags("secret", "yes")}}}}));
    const auto stale = run(service->run(*request->call));
    ASSERT_TRUE(stale) << operation << ": " << stale.error().message;
    EXPECT_TRUE(stale->stale) << operation;
    EXPECT_TRUE(stale->effects.empty()) << operation;

    const auto anew = run(service->asks(*request->call));
    ASSERT_TRUE(anew) << operation;
    ASSERT_NE(anew->back().context.single("s3:ExistingObjectTag/secret"), nullptr) << operation;
    const bool asks_tags =
        std::ranges::any_of(*anew, [](const auto& ask) { return ask.action == "s3:GetObjectTagging"; });
    EXPECT_EQ(asks_tags, operation == "CopyObject") << operation;
    const auto again = run(service->run(*request->call));
    EXPECT_TRUE(again && !again->stale) << operation;
  }
}

// What is served is the very version that was asked about; only if that cannot be read any more, another is.
TEST_F(ObjectAsksTest, an_object_is_served_as_it_was_asked_about) {
  const object mine{{"Bucket", "mine"}, {"Key", "plain"}};
  for (const auto* operation : {"GetObject", "HeadObject"}) {
    ASSERT_TRUE(put("mine", "plain", "before"));
    const auto request = make(operation, mine);
    ASSERT_TRUE(run(service->asks(*request->call))) << operation;
    ASSERT_TRUE(
        answer("PutObject", {{"Bucket", "mine"}, {"Key", "plain"}, {"Tagging", "secret=yes"}}, "secret now"));
    const auto served = run(service->run(*request->call));
    ASSERT_TRUE(served) << operation << ": " << served.error().message;
    EXPECT_FALSE(served->stale) << operation;
    EXPECT_EQ(json::find_int(served->output, "ContentLength"), 6) << operation;
    EXPECT_FALSE(served->output.contains("TagCount")) << operation;

    const auto second = run(service->run(*request->call));  // reads anew, and finds another's tags
    ASSERT_TRUE(second) << operation;
    EXPECT_TRUE(second->stale) << operation;
  }
}

TEST_F(ObjectAsksTest, what_a_bucket_is_made_with_is_asked_for) {
  const auto actions = [&](object input) {
    input["Bucket"] = "made";
    const auto request = make("CreateBucket", std::move(input));
    const auto asks = run(service->asks(*request->call));
    std::vector<std::string> all;
    for (const auto& ask : *asks) {
      all.push_back(ask.action);
    }
    return all;
  };
  EXPECT_THAT(actions({}), ElementsAre("s3:CreateBucket"));
  EXPECT_THAT(actions({{"ObjectOwnership", "BucketOwnerEnforced"}}),
              ElementsAre("s3:CreateBucket", "s3:PutBucketOwnershipControls"));
  EXPECT_THAT(
      actions({{"ObjectLockEnabledForBucket", true}}),
      ElementsAre("s3:CreateBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"));
  EXPECT_THAT(actions({{"CreateBucketConfiguration", object{{"Tags", tags("team", "blue")}}}}),
              ElementsAre("s3:CreateBucket", "s3:TagResource"));
}

}  // namespace
}  // namespace cairn::services::s3::testing
