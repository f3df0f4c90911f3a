// The decision: who wins when identity and resource policies, accounts and services meet, and what the caller
// is told.
#include <gtest/gtest.h>

#include "access/access.h"

namespace cairn::access {
namespace {

constexpr std::string_view kNothing = "";
constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
constexpr std::string_view kDenyPut =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}})";

std::string bucket_policy(std::string_view effect, std::string_view principal,
                          std::string_view condition = "{}") {
  return R"({"Version":"2012-10-17","Statement":{"Effect":")" + std::string(effect) + R"(","Principal":)" +
         std::string(principal) +
         R"(,"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":)" +
         std::string(condition) + "}}";
}

std::shared_ptr<const Policy> compile(std::string_view text, PolicyKind kind) {
  auto policy = Policy::parse(text, kind);
  EXPECT_TRUE(policy) << (policy ? "" : policy.error().what);
  return policy ? *policy : nullptr;
}

Caller user(std::string_view identity_policy, const std::string& account = "111122223333") {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::user,
                      .account = account,
                      .arn = "arn:aws:iam::" + account + ":user/ann",
                      .id = "AIDAAAAAAAAAAAAAAAAAA",
                      .name = "ann",
                      .access_key = "AKIAAAAAAAAAAAAAAAAA"};
  if (!identity_policy.empty()) {
    caller.policies.push_back(compile(identity_policy, PolicyKind::identity));
  }
  return caller;
}

Caller root(const std::string& account = "111122223333") {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::root,
                      .account = account,
                      .arn = "arn:aws:iam::" + account + ":root",
                      .id = account,
                      .name = {},
                      .access_key = {}};
  return caller;
}

Caller service(const std::string& name) {
  Caller caller;
  caller.principal.kind = PrincipalKind::service;
  caller.principal.name = name;
  caller.principal.account =
      "444455556666";  // on whose behalf, should anybody say so: it is not the service's account
  caller.context = {{"aws:SourceArn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
                    {"aws:SourceAccount", "111122223333"}};
  return caller;
}

Ask put(std::string_view policy) {
  Ask ask{.action = "s3:PutObject",
          .resource = "arn:aws:s3:::b/k",
          .resource_account = "111122223333",
          .resource_policy = nullptr,
          .context = {}};
  if (!policy.empty()) {
    ask.resource_policy = compile(policy, PolicyKind::resource);
  }
  return ask;
}

const std::string kNoIdentity = "because no identity-based policy allows the s3:PutObject action";
const std::string kNoResource = "because no resource-based policy allows the s3:PutObject action";
const std::string kIdentityDenies = "with an explicit deny in an identity-based policy";
const std::string kResourceDenies = "with an explicit deny in a resource-based policy";

struct Row {
  std::string_view what;
  Caller caller;
  Ask ask;
  std::string refused;  // empty: allowed
};

Ask ruled(Ask ask) {
  ask.resource_policy_rules = true;
  return ask;
}

TEST(Decide, rows) {
  const std::string ann = R"({"AWS":"arn:aws:iam::111122223333:user/ann"})";
  const std::string other_ann = R"({"AWS":"arn:aws:iam::444455556666:user/ann"})";
  const std::string account = R"({"AWS":"111122223333"})";
  const std::string other = R"({"AWS":"arn:aws:iam::444455556666:root"})";
  const std::string cloudtrail = R"({"Service":"cloudtrail.amazonaws.com"})";
  const Row rows[] = {
      {"nothing allows", user(kNothing), put({}), kNoIdentity},
      {"the identity allows", user(kAllowAll), put({}), ""},
      {"the identity denies", user(kDenyPut), put({}), kIdentityDenies},
      {"the identity denies what the resource allows", user(kDenyPut), put(bucket_policy("Allow", ann)),
       kIdentityDenies},
      {"the resource denies what the identity allows", user(kAllowAll), put(bucket_policy("Deny", ann)),
       kResourceDenies},
      {"the resource alone allows, in one account", user(kNothing), put(bucket_policy("Allow", ann)), ""},
      {"the resource allows everyone", user(kNothing), put(bucket_policy("Allow", "\"*\"")), ""},
      {"the resource leaves it to the account", user(kNothing), put(bucket_policy("Allow", account)),
       kNoIdentity},
      {"and the account's policies allow", user(kAllowAll), put(bucket_policy("Allow", account)), ""},
      {"another account without the resource", user(kAllowAll, "444455556666"), put({}), kNoResource},
      {"another account without its own policies", user(kNothing, "444455556666"),
       put(bucket_policy("Allow", other_ann)), kNoIdentity},
      {"another account with both", user(kAllowAll, "444455556666"), put(bucket_policy("Allow", other_ann)),
       ""},
      {"another account as a whole, with both", user(kAllowAll, "444455556666"),
       put(bucket_policy("Allow", other)), ""},
      {"another account, everyone is allowed", user(kNothing, "444455556666"),
       put(bucket_policy("Allow", "\"*\"")), kNoIdentity},
      {"a key's policy is silent", user(kAllowAll), ruled(put(bucket_policy("Allow", cloudtrail))),
       kNoResource},
      {"a key's policy leaves it to the account", user(kAllowAll),
       ruled(put(bucket_policy("Allow", account))), ""},
      {"a key's policy leaves it to the account, which is silent", user(kNothing),
       ruled(put(bucket_policy("Allow", account))), kNoIdentity},
      {"root", root(), put({}), ""},
      {"root, denied by the resource", root(), put(bucket_policy("Deny", "\"*\"")), kResourceDenies},
      {"root of another account", root("444455556666"), put({}), kNoResource},
      {"root of another account that is let in", root("444455556666"), put(bucket_policy("Allow", other)),
       ""},
      {"root, where a key's policy is silent", root(), ruled(put(bucket_policy("Allow", cloudtrail))),
       kNoResource},
      {"a service without a policy", service("cloudtrail.amazonaws.com"), put({}), kNoResource},
      {"a service that is named", service("cloudtrail.amazonaws.com"),
       put(bucket_policy("Allow", cloudtrail)), ""},
      {"another service", service("config.amazonaws.com"), put(bucket_policy("Allow", cloudtrail)),
       kNoResource},
      {"a service on behalf of its source", service("cloudtrail.amazonaws.com"),
       put(bucket_policy(
           "Allow", cloudtrail,
           R"({"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}})")),
       ""},
      {"a service on behalf of another source", service("cloudtrail.amazonaws.com"),
       put(bucket_policy("Allow", cloudtrail, R"({"StringEquals":{"aws:SourceAccount":"444455556666"}})")),
       kNoResource},
      {"a service where the account is let in", service("cloudtrail.amazonaws.com"),
       put(bucket_policy("Allow", account)), kNoResource},
      {"nobody in particular", Caller{}, put(bucket_policy("Allow", "\"*\"")), ""},
      {"nobody in particular, and only accounts are let in", Caller{}, put(bucket_policy("Allow", account)),
       kNoResource},
      {"nobody in particular without a policy", Caller{}, put({}), kNoResource},
  };
  for (const auto& row : rows) {
    const auto decision = decide(row.caller, row.ask);
    EXPECT_EQ(decision.allowed, row.refused.empty()) << row.what;
    EXPECT_EQ(decision.reason, row.refused) << row.what;
    EXPECT_EQ(decision.explicit_deny, row.refused == kIdentityDenies || row.refused == kResourceDenies)
        << row.what;
  }
}

TEST(Decide, a_resource_without_an_account_is_the_callers_own) {
  Ask ask{.action = "s3:ListAllMyBuckets",
          .resource = "*",
          .resource_account = {},
          .resource_policy = nullptr,
          .context = {}};
  EXPECT_TRUE(decide(user(kAllowAll), ask).allowed);
  EXPECT_TRUE(decide(root(), ask).allowed);
  EXPECT_EQ(decide(user(kNothing), ask).reason,
            "because no identity-based policy allows the s3:ListAllMyBuckets action");
  EXPECT_FALSE(decide(Caller{}, ask).allowed);
}

// One condition that must hold for this caller, in a policy that allows everyone.
bool holds(const Caller& caller, std::string_view condition, const Context& of_request = {}) {
  auto ask = put(bucket_policy("Allow", "\"*\"", condition));
  ask.context = of_request;
  return decide(caller, ask).allowed;
}

TEST(Decide, knows_the_global_keys_of_the_caller) {
  const auto ann = user(kNothing);
  EXPECT_TRUE(holds(
      ann,
      R"({"StringEquals":{"aws:username":"ann","aws:userid":"AIDAAAAAAAAAAAAAAAAAA","aws:PrincipalType":"User"}})"));
  EXPECT_TRUE(holds(ann, R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/ann"}})"));
  EXPECT_TRUE(holds(
      ann,
      R"({"StringEquals":{"aws:PrincipalAccount":"111122223333","aws:ResourceAccount":"111122223333"}})"));
  EXPECT_TRUE(holds(
      ann, R"({"Bool":{"aws:PrincipalIsAWSService":"false"},"Null":{"aws:PrincipalServiceName":"true"}})"));
  EXPECT_TRUE(holds(
      root(),
      R"({"StringEquals":{"aws:PrincipalType":"Account","aws:userid":"111122223333"},"Null":{"aws:username":"true"}})"));
  EXPECT_TRUE(
      holds(Caller{}, R"({"StringEquals":{"aws:PrincipalType":"Anonymous","aws:userid":"anonymous"}})"));
  const auto cloudtrail = service("cloudtrail.amazonaws.com");
  EXPECT_TRUE(holds(
      cloudtrail,
      R"({"Bool":{"aws:PrincipalIsAWSService":"true"},"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}})"));
  EXPECT_TRUE(holds(cloudtrail, R"({"Null":{"aws:PrincipalArn":"true","aws:PrincipalAccount":"true"}})"));
}

// A service that asks for its caller says so; a request that does is not believed.
TEST(Decide, knows_through_whom_the_caller_asks) {
  constexpr auto kBool = R"({"Bool":{"aws:ViaAWSService":")";
  auto ann = user(kNothing);
  EXPECT_TRUE(holds(ann, kBool + std::string(R"(false"}})")));
  EXPECT_TRUE(holds(ann, kBool + std::string(R"(false"}})"), {{"aws:ViaAWSService", "true"}}));
  ann.context.set("aws:ViaAWSService", {"true"});
  EXPECT_TRUE(holds(ann, kBool + std::string(R"(true"}})")));
  EXPECT_FALSE(holds(ann, kBool + std::string(R"(false"}})")));
}

TEST(Decide, a_session_goes_by_its_role) {
  Caller caller;
  caller.principal = {.kind = PrincipalKind::session,
                      .account = "111122223333",
                      .arn = "arn:aws:sts::111122223333:assumed-role/Falcon/nightly",
                      .id = "AROAAAAAAAAAAAAAAAAAA:nightly",
                      .name = "nightly",
                      .access_key = "ASIAAAAAAAAAAAAAAAAA"};
  EXPECT_TRUE(holds(caller, R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Falcon"}})"));
  EXPECT_TRUE(holds(
      caller,
      R"({"StringEquals":{"aws:PrincipalType":"AssumedRole","aws:userid":"AROAAAAAAAAAAAAAAAAAA:nightly"}})"));
}

TEST(Decide, believes_no_request_about_the_caller) {
  const Context forged = {{"aws:SourceArn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
                          {"aws:SourceAccount", "111122223333"},
                          {"AWS:PrincipalArn", "arn:aws:iam::111122223333:user/boss"},
                          {"aws:PrincipalIsAWSService", "true"}};
  const auto ann = user(kNothing);
  EXPECT_FALSE(holds(ann, R"({"StringEquals":{"aws:SourceAccount":"111122223333"}})", forged));
  EXPECT_FALSE(holds(ann, R"({"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/*"}})", forged));
  EXPECT_FALSE(holds(ann, R"({"StringLike":{"aws:PrincipalArn":"*boss"}})", forged));
  EXPECT_FALSE(holds(ann, R"({"Bool":{"aws:PrincipalIsAWSService":"true"}})", forged));
}

TEST(Decide, knows_the_keys_of_the_request) {
  Context context;
  add_request_keys(context, {.time = *parse_rfc3339("2026-03-02T10:15:00.5Z"),
                             .source_address = "203.0.113.7",
                             .user_agent = "aws-cli/2",
                             .region = "eu-west-1",
                             .secure = true});
  const auto ann = user(kNothing);
  EXPECT_TRUE(holds(
      ann,
      R"({"DateEquals":{"aws:CurrentTime":"2026-03-02T10:15:00Z"},"NumericEquals":{"aws:EpochTime":"1772446500"}})",
      context));
  EXPECT_TRUE(
      holds(ann, R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:SecureTransport":"true"}})",
            context));
  EXPECT_TRUE(holds(
      ann, R"({"StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:UserAgent":"aws-cli/2"}})", context));
  Context in_process;
  add_request_keys(in_process, {.time = Time{}, .source_address = {}, .user_agent = {}, .region = {}});
  EXPECT_TRUE(holds(ann, R"({"Null":{"aws:SourceIp":"true"}})", in_process));
}

}  // namespace
}  // namespace cairn::access
