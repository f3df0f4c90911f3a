// x-amz-expiration: said of what a rule expires, and of nothing else; and true, as the lifecycle job has it.
#include "services/s3/lifecycle.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class ExpirationTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  void set_rules(std::string_view rules) {
    const auto put =
        answer("PutBucketLifecycleConfiguration",
               {{"Bucket", "mine"},
                {"LifecycleConfiguration", *json::parse(R"({"Rules":[)" + std::string(rules) + "]}")}});
    ASSERT_TRUE(put) << put.error().message;
  }
  std::string expiration(std::string_view operation, std::string_view key) {
    return at(answer(operation, {{"Bucket", "mine"}, {"Key", key}}), "/Expiration");
  }
};

TEST_F(ExpirationTest, the_soonest_rule_that_is_about_the_object) {
  set_rules(R"({"ID":"the \"first\"","Status":"Enabled","Filter":{"Prefix":"logs/"},"Expiration":{"Days":2}},
               {"ID":"later","Status":"Enabled","Filter":{"Prefix":"l"},"Expiration":{"Days":9}},
               {"ID":"off","Status":"Disabled","Filter":{},"Expiration":{"Days":1}},
               {"ID":"older","Status":"Enabled","Filter":{},"NoncurrentVersionExpiration":{"NoncurrentDays":1}})");
  // It is the second of March, and S3 counts to the midnight after two days.
  const std::string first = R"(expiry-date="Thu, 05 Mar 2026 00:00:00 GMT", rule-id="the%20%22first%22")";
  EXPECT_EQ(at(put("mine", "logs/a", "x"), "/Expiration"), first);
  EXPECT_EQ(expiration("GetObject", "logs/a"), first);
  EXPECT_EQ(expiration("HeadObject", "logs/a"), first);
  EXPECT_EQ(at(put("mine", "l", "x"), "/Expiration"),
            R"(expiry-date="Thu, 12 Mar 2026 00:00:00 GMT", rule-id="later")");
  EXPECT_EQ(at(put("mine", "keep", "x"), "/Expiration"), "");
  EXPECT_EQ(expiration("GetObject", "keep"), "");
  EXPECT_EQ(at(answer("CopyObject", {{"Bucket", "mine"}, {"Key", "logs/b"}, {"CopySource", "mine/keep"}}),
               "/Expiration"),
            first);
  // And so it comes: to the millisecond.
  Lifecycle lifecycle(
      {.catalog = *catalog, .blob = *blob, .run = "run2", .timers = timers, .at_rest = at_rest}, clock);
  const Millis left = *parse_http_date("Thu, 05 Mar 2026 00:00:00 GMT") - clock.now();
  clock.advance(left - Millis{1});
  EXPECT_EQ(run(lifecycle.apply())->removed, 0U);
  clock.advance(Millis{1});
  EXPECT_EQ(run(lifecycle.apply())->removed, 2U);
}

TEST_F(ExpirationTest, of_current_versions_only) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  set_rules(R"({"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":2}})");
  const auto older = at(put("mine", "a", "x"), "/VersionId");
  EXPECT_NE(expiration("GetObject", "a"), "");
  ASSERT_TRUE(put("mine", "a", "y"));
  EXPECT_NE(expiration("GetObject", "a"), "");
  EXPECT_EQ(at(answer("GetObject", {{"Bucket", "mine"}, {"Key", "a"}, {"VersionId", older}}), "/Expiration"),
            "");
}

}  // namespace
}  // namespace cairn::services::s3::testing
