// What S3's Block Public Access calls public, and what it does about it.
#include "services/s3/public_policy.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

std::string statement(std::string_view principal, std::string_view condition = "",
                      std::string_view effect = "Allow") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + std::string(effect) + "\"," +
         std::string(principal) + R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::mine/*")" +
         (condition.empty() ? "" : R"(,"Condition":)" + std::string(condition)) + "}]}";
}

constexpr auto kAll = R"("Principal":"*")";

TEST(PublicPolicy, rows) {
  const struct {
    std::string policy;
    bool is_public;
  } rows[] = {
      {statement(kAll), true},
      {statement(R"("Principal":{"AWS":"*"})"), true},
      {statement(R"("Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]})"), true},
      {statement(R"("NotPrincipal":{"AWS":"111122223333"})"), true},
      {statement(R"("Principal":{"AWS":"111122223333"})"), false},
      {statement(R"("Principal":{"Service":"cloudtrail.amazonaws.com"})"), false},
      {statement(kAll, "", "Deny"), false},
      {statement(kAll, R"({"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:1:trail/t"}})"), false},
      {statement(kAll, R"({"StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:*"}})"), true},
      {statement(kAll, R"({"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}})"), false},
      {statement(kAll, R"({"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}})"), true},
      {statement(kAll, R"({"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}})"), true},
      {statement(kAll, R"({"StringEquals":{"aws:UserId":"${aws:userid}"}})"), true},
      {statement(kAll, R"({"StringEquals":{"s3:prefix":"logs"}})"), true},
      {statement(kAll, R"({"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}})"), false},
      {statement(kAll, R"({"IpAddress":{"aws:SourceIp":"198.51.100.7"}})"), false},
      {statement(kAll, R"({"IpAddress":{"aws:SourceIp":["198.51.100.0/24","0.0.0.0/0"]}})"), true},
      {statement(kAll, R"({"IpAddress":{"aws:SourceIp":"2001:db8::/31"}})"), true},
      {statement(kAll, R"({"IpAddress":{"aws:SourceIp":"2001:db8::/32"}})"), false},
      {statement(kAll, R"({"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}})"), true},
      {statement(kAll, R"({"Bool":{"aws:SecureTransport":"true"}})"), true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(is_public_policy(row.policy), row.is_public) << row.policy;
  }
  EXPECT_TRUE(is_public_policy("no json"));
}

class PublicAccessTest : public S3Test {
 protected:
  void set_blocked(bool policies, bool buckets) {
    ASSERT_TRUE(answer("PutPublicAccessBlock",
                       {{"Bucket", "mine"},
                        {"PublicAccessBlockConfiguration",
                         object{{"BlockPublicPolicy", policies}, {"RestrictPublicBuckets", buckets}}}}));
  }
  bool has_policy(std::string_view of_account, access::PrincipalKind kind) {
    const auto request = make("GetObject", {{"Bucket", "mine"}, {"Key", "a"}});
    request->call->caller.principal.account = of_account;
    request->call->caller.principal.kind = kind;
    const auto asks = run(service->asks(*request->call));
    return asks->front().resource_policy != nullptr;
  }
};

TEST_F(PublicAccessTest, a_new_bucket_takes_no_public_policy) {
  make_bucket("mine");
  EXPECT_EQ(said(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", statement(kAll)}})),
            "AccessDenied 403");
  set_blocked(false, true);
  EXPECT_EQ(said(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", statement(kAll)}})), "ok");
  EXPECT_EQ(at(answer("GetBucketPolicyStatus", {{"Bucket", "mine"}}), "/PolicyStatus/IsPublic"), "true");
}

// What was decided while public policies were allowed is not done once they are not.
TEST_F(PublicAccessTest, a_policy_and_its_block_at_once) {
  make_open_bucket("mine");
  const auto late = make("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", statement(kAll)}});
  auto outcome = run(service->run(*late->call));
  ASSERT_TRUE(outcome);
  set_blocked(true, false);
  EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
}

TEST_F(PublicAccessTest, a_restricted_bucket_is_for_its_account_and_services) {
  make_open_bucket("mine");
  ASSERT_TRUE(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", statement(kAll)}}));
  using access::PrincipalKind;
  EXPECT_TRUE(has_policy(kBob, PrincipalKind::user));
  EXPECT_TRUE(has_policy("", PrincipalKind::anonymous));
  set_blocked(false, true);
  EXPECT_TRUE(has_policy(kAnn, PrincipalKind::user));
  EXPECT_TRUE(has_policy(kBob, PrincipalKind::service));
  EXPECT_FALSE(has_policy(kBob, PrincipalKind::user));
  EXPECT_FALSE(has_policy("", PrincipalKind::anonymous));
  ASSERT_TRUE(answer("PutBucketPolicy", {{"Bucket", "mine"},
                                         {"Policy", statement(R"("Principal":{"AWS":"444455556666"})")}}));
  EXPECT_TRUE(has_policy(kBob, PrincipalKind::user));  // not public: not restricted
}

TEST_F(PublicAccessTest, the_status_of_no_policy_is_an_error) {
  make_bucket("mine");
  EXPECT_EQ(said(answer("GetBucketPolicyStatus", {{"Bucket", "mine"}})), "NoSuchBucketPolicy 404");
}

}  // namespace
}  // namespace cairn::services::s3::testing
