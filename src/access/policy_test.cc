// Policies as rows: whole documents, what is asked, the verdict; and what parse() refuses, with AWS's words.
#include "access/policy.h"

#include <gtest/gtest.h>

#include "access/new_policy.h"

namespace cairn::access {
namespace {

Principal user(std::string name, std::string account = "111122223333") {
  return {.kind = PrincipalKind::user,
          .account = account,
          .arn = "arn:aws:iam::" + account + ":user/" + name,
          .id = "AIDA" + std::string(17, name.front() == 'a' ? 'A' : 'B'),
          .name = std::move(name),
          .access_key = {}};
}
Principal root(std::string account) {
  return {.kind = PrincipalKind::root,
          .account = account,
          .arn = "arn:aws:iam::" + account + ":root",
          .id = account,
          .name = {},
          .access_key = {}};
}
Principal service(std::string name) {
  return {.kind = PrincipalKind::service,
          .account = {},
          .arn = {},
          .id = {},
          .name = std::move(name),
          .access_key = {}};
}
Principal session(std::string role) {
  return {.kind = PrincipalKind::session,
          .account = "111122223333",
          .arn = "arn:aws:sts::111122223333:assumed-role/" + role + "/nightly",
          .id = "AROAAAAAAAAAAAAAAAAAA:nightly",
          .name = "nightly",
          .access_key = {}};
}

std::shared_ptr<const Policy> parse(std::string_view text, PolicyKind kind) {
  auto policy = Policy::parse(text, kind);
  EXPECT_TRUE(policy) << text << ": " << (policy ? "" : policy.error().what);
  return policy ? *policy : nullptr;
}

struct Row {
  std::string_view statement;  // of an identity policy
  std::string_view action;
  std::string_view resource;
  Verdict verdict;
};

TEST(Policy, identity_rows) {
  using enum Verdict;
  const std::string_view all_of_s3 = R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";
  const std::string_view reading =
      R"({"Effect":"Allow","Action":["s3:Get*","s3:List?ucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]})";
  const std::string_view not_iam = R"({"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"})";
  const std::string_view not_secret =
      R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"})";
  const std::string_view own =
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::homes/${aws:username}/*"})";
  const Row rows[] = {
      {all_of_s3, "s3:PutObject", "arn:aws:s3:::b/k", allow},
      {all_of_s3, "S3:putobject", "arn:aws:s3:::b/k", allow},
      {all_of_s3, "s3:ListAllMyBuckets", "*", allow},
      {all_of_s3, "s3-object-lambda:GetObject", "arn:aws:s3:::b/k", none},
      {all_of_s3, "sns:Publish", "arn:aws:sns:us-east-1:111122223333:t", none},
      {R"({"Effect":"Deny","Action":"s3:*","Resource":"*"})", "s3:PutObject", "arn:aws:s3:::b/k", deny},
      {R"({"Effect":"Allow","Action":"*","Resource":"*"})", "anything:AtAll", "*", allow},
      {R"({"Effect":"Allow","Action":"*:*","Resource":"*"})", "anything:AtAll", "*", allow},
      {reading, "s3:GetObject", "arn:aws:s3:::b/k", allow},
      {reading, "s3:GetObject", "arn:aws:s3:::b2/k", none},
      {reading, "s3:ListBucket", "arn:aws:s3:::b", allow},
      {reading, "s3:PutObject", "arn:aws:s3:::b/k", none},
      {reading, "s3:GetObject", "arn:aws:s3:::B/k", none},  // resources have case
      {reading, "s3:GetObject", "*", none},
      {not_iam, "s3:PutObject", "arn:aws:s3:::b/k", allow},
      {not_iam, "iam:CreateUser", "arn:aws:iam::111122223333:user/x", none},
      {not_iam, "IAM:createuser", "arn:aws:iam::111122223333:user/x", none},
      {not_secret, "s3:GetObject", "arn:aws:s3:::open/k", allow},
      {not_secret, "s3:GetObject", "arn:aws:s3:::secret/k", none},
      {own, "s3:GetObject", "arn:aws:s3:::homes/ann/k", allow},
      {own, "s3:GetObject", "arn:aws:s3:::homes/bob/k", none},
      {R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}})",
       "s3:GetObject", "arn:aws:s3:::b/k", allow},
      {R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}})",
       "s3:GetObject", "arn:aws:s3:::b/k", none},
      // Operators, and keys of one operator, must all hold; one of the values is enough.
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:username":["bob","ann"]},"Bool":{"aws:SecureTransport":true}}})",
       "a:b", "*", allow},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:username":"ann","aws:userid":"x"}}})",
       "a:b", "*", none},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":11}}})",
       "a:b", "*", allow},
      {R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}})",
       "a:b", "*", none},
      {R"({"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}})",
       "a:b", "*", deny},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{}})", "a:b", "*", allow},
  };
  const Context context = {{"aws:username", "ann"},
                           {"aws:SourceIp", "203.0.113.7"},
                           {"aws:SecureTransport", "true"},
                           {"s3:max-keys", "10"}};
  for (const auto& row : rows) {
    const auto policy = parse(R"({"Version":"2012-10-17","Statement":)" + std::string(row.statement) + "}",
                              PolicyKind::identity);
    ASSERT_TRUE(policy);
    const auto principal = user("ann");
    EXPECT_EQ(policy->evaluate({principal, row.action, row.resource, context}), row.verdict)
        << row.statement << " on " << row.action << " " << row.resource;
  }
}

TEST(Policy, the_strongest_statement_wins_wherever_it_stands) {
  const std::string allow = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  const std::string deny = R"({"Effect":"Deny","Action":"iam:*","Resource":"*"})";
  const auto principal = user("ann");
  const Context context;
  for (const auto& statements : {allow + "," + deny, deny + "," + allow}) {
    const auto policy =
        parse(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", PolicyKind::identity);
    EXPECT_EQ(policy->evaluate({principal, "iam:GetUser", "*", context}), Verdict::deny);
    EXPECT_EQ(policy->evaluate({principal, "s3:GetObject", "*", context}), Verdict::allow);
  }
}

TEST(Policy, version_2008_knows_no_variables) {
  const std::string body =
      R"("Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}})";
  const Context context = {{"aws:username", "ann"}};
  const auto principal = user("ann");
  for (const auto* version : {"{", R"({"Version":"2008-10-17",)"}) {
    const auto old = parse(version + body, PolicyKind::identity);
    EXPECT_EQ(old->evaluate({principal, "s3:GetObject", "arn:aws:s3:::b/ann", context}), Verdict::none);
    EXPECT_EQ(old->evaluate({principal, "s3:GetObject", "arn:aws:s3:::b/${aws:username}", context}),
              Verdict::allow);
  }
}

struct PrincipalRow {
  std::string_view principal;  // the member: "Principal": …
  Principal caller;
  Verdict with_allow;
  Verdict with_deny;
};

TEST(Policy, principal_rows) {
  using enum Verdict;
  const Principal nobody;
  const PrincipalRow rows[] = {
      {R"("Principal":"*")", nobody, allow, deny},
      {R"("Principal":"*")", user("ann"), allow, deny},
      {R"("Principal":"*")", service("cloudtrail.amazonaws.com"), allow, deny},
      {R"("Principal":{"AWS":"*"})", nobody, allow, deny},
      {R"("Principal":{"AWS":"111122223333"})", user("ann"), delegated, deny},
      {R"("Principal":{"AWS":"111122223333"})", root("111122223333"), allow, deny},
      {R"("Principal":{"AWS":"111122223333"})", user("ann", "444455556666"), none, none},
      {R"("Principal":{"AWS":"111122223333"})", nobody, none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"})", session("Falcon"), delegated, deny},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"})", user("ann"), allow, deny},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"})", user("bob"), none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"})", root("111122223333"), none, none},
      {R"("Principal":{"AWS":["arn:aws:iam::111122223333:user/bob","arn:aws:iam::111122223333:user/ann"]})",
       user("ann"), allow, deny},
      {R"("Principal":{"AWS":"AIDAAAAAAAAAAAAAAAAAA"})", user("ann"), allow, deny},
      {R"("Principal":{"AWS":"AIDAAAAAAAAAAAAAAAAAA"})", user("bob"), none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/Falcon"})", session("Falcon"), allow_issuer,
       deny},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/a/path/Falcon"})", session("Falcon"),
       allow_issuer, deny},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/Kestrel"})", session("Falcon"), none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::444455556666:role/Falcon"})", session("Falcon"), none, none},
      {R"("Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/Falcon/nightly"})", session("Falcon"),
       allow, deny},
      {R"("Principal":{"Service":"cloudtrail.amazonaws.com"})", service("cloudtrail.amazonaws.com"), allow,
       deny},
      {R"("Principal":{"Service":"cloudtrail.amazonaws.com"})", service("config.amazonaws.com"), none, none},
      {R"("Principal":{"Service":"cloudtrail.amazonaws.com"})", user("cloudtrail.amazonaws.com"), none, none},
      {R"("Principal":{"Service":["config.amazonaws.com","cloudtrail.amazonaws.com"],"AWS":"444455556666"})",
       service("cloudtrail.amazonaws.com"), allow, deny},
      {R"("Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})",
       user("ann"), none, none},
      {R"("Principal":{"Federated":"accounts.google.com"})", user("ann"), none, none},
      // NotPrincipal: with Deny it spares whom it lists with his account; with Allow it leaves out all it
      // lists.
      {R"("NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/ann"})", user("bob"), allow, deny},
      {R"("NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/ann"})", user("ann"), none, deny},
      {R"("NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/ann","111122223333"]})", user("ann"), none,
       none},
      {R"("NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/ann","111122223333"]})", user("bob"), none,
       deny},
      {R"("NotPrincipal":{"AWS":"111122223333"})", root("111122223333"), none, none},
      {R"("NotPrincipal":{"AWS":"111122223333"})", nobody, allow, deny},
      {R"("NotPrincipal":{"Service":"cloudtrail.amazonaws.com"})", service("cloudtrail.amazonaws.com"), none,
       none},
      {R"("NotPrincipal":{"Service":"cloudtrail.amazonaws.com"})", service("config.amazonaws.com"), allow,
       deny},
  };
  const Context context;
  for (const auto& row : rows) {
    for (const bool allows : {true, false}) {
      const auto policy =
          parse(R"({"Statement":[{"Effect":")" + std::string(allows ? "Allow" : "Deny") + "\"," +
                    std::string(row.principal) + R"(,"Action":"s3:*","Resource":"*"}]})",
                PolicyKind::resource);
      ASSERT_TRUE(policy);
      EXPECT_EQ(policy->evaluate({row.caller, "s3:GetObject", "*", context}),
                allows ? row.with_allow : row.with_deny)
          << row.principal << " on " << row.caller.arn << row.caller.name << (allows ? " Allow" : " Deny");
    }
  }
}

// The bucket policy that CloudTrail's console writes (cloudtrail-reference 4.5).
constexpr std::string_view kTrailBucket = R"({"Version":"2012-10-17","Statement":[
 {"Sid":"AWSCloudTrailAclCheck20150319","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl",
  "Resource":"arn:aws:s3:::kestrel-audit",
  "Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:210987654321:trail/kestrel-main"}}},
 {"Sid":"AWSCloudTrailWrite20150319","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject",
  "Resource":"arn:aws:s3:::kestrel-audit/logs/AWSLogs/210987654321/*",
  "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",
               "aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:210987654321:trail/kestrel-main"}}}]})";

TEST(Policy, trail_bucket_rows) {
  struct TrailRow {
    std::string_view action;
    std::string_view resource;
    std::string_view source_arn;
    std::string_view acl;
    Verdict verdict;
  };
  using enum Verdict;
  constexpr std::string_view kTrail = "arn:aws:cloudtrail:eu-west-1:210987654321:trail/kestrel-main";
  constexpr std::string_view kOwner = "bucket-owner-full-control";
  constexpr std::string_view kKey =
      "arn:aws:s3:::kestrel-audit/logs/AWSLogs/210987654321/CloudTrail/eu-west-1/2026/03/02/f.json.gz";
  const TrailRow rows[] = {
      {"s3:GetBucketAcl", "arn:aws:s3:::kestrel-audit", kTrail, "", allow},
      {"s3:GetBucketAcl", "arn:aws:s3:::kestrel-audit",
       "arn:aws:cloudtrail:eu-west-1:210987654321:trail/other", "", none},
      {"s3:GetBucketAcl", "arn:aws:s3:::kestrel-audit", "", "", none},
      {"s3:GetBucketAcl", "arn:aws:s3:::other", kTrail, "", none},
      {"s3:PutObject", kKey, kTrail, kOwner, allow},
      {"s3:PutObject", kKey, kTrail, "private", none},
      {"s3:PutObject", kKey, kTrail, "", none},
      {"s3:PutObject", kKey, "arn:aws:cloudtrail:us-east-1:210987654321:trail/kestrel-main", kOwner, none},
      {"s3:PutObject", "arn:aws:s3:::kestrel-audit/AWSLogs/210987654321/x", kTrail, kOwner, none},
      {"s3:PutObject", "arn:aws:s3:::kestrel-audit/logs/AWSLogs/999999999999/x", kTrail, kOwner, none},
      {"s3:DeleteObject", kKey, kTrail, kOwner, none},
  };
  const auto policy = parse(kTrailBucket, PolicyKind::resource);
  const auto cloudtrail = service("cloudtrail.amazonaws.com");
  for (const auto& row : rows) {
    Context context;
    if (!row.source_arn.empty()) {
      context.add("aws:SourceArn", row.source_arn);
    }
    if (!row.acl.empty()) {
      context.add("s3:x-amz-acl", row.acl);
    }
    EXPECT_EQ(policy->evaluate({cloudtrail, row.action, row.resource, context}), row.verdict)
        << row.action << " " << row.resource;
    EXPECT_EQ(policy->evaluate({service("config.amazonaws.com"), row.action, row.resource, context}), none);
    EXPECT_EQ(policy->evaluate({user("ann"), row.action, row.resource, context}), none);
  }
}

TEST(Policy, source_account_may_stand_for_source_arn) {
  const auto policy = parse(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
      "Action":"s3:PutObject","Resource":"arn:aws:s3:::b/AWSLogs/*","Condition":{"StringEquals":{"AWS:SourceAccount":["111122223333"]}}}]})",
      PolicyKind::resource);
  const auto cloudtrail = service("cloudtrail.amazonaws.com");
  const Context ours = {{"aws:SourceAccount", "111122223333"}};
  const Context theirs = {{"aws:SourceAccount", "444455556666"}};
  EXPECT_EQ(policy->evaluate({cloudtrail, "s3:PutObject", "arn:aws:s3:::b/AWSLogs/x", ours}), Verdict::allow);
  EXPECT_EQ(policy->evaluate({cloudtrail, "s3:PutObject", "arn:aws:s3:::b/AWSLogs/x", theirs}),
            Verdict::none);
}

TEST(Policy, refuses_identity_policies_with_iams_words) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "This policy contains invalid Json"},
      {"{", "This policy contains invalid Json"},
      {R"({"Statement":{"Effect":"Allow",}})", "This policy contains invalid Json"},
      {"[]", "Syntax errors in policy."},
      {"{}", "Syntax errors in policy."},
      {R"({"Version":"2012-10-17"})", "Syntax errors in policy."},
      {R"({"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}})",
       "Syntax errors in policy."},
      {R"({"Version":1,"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}})",
       "Syntax errors in policy."},
      {R"({"Statement":[]})", "Syntax errors in policy."},
      {R"({"Statement":["x"]})", "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"},"More":1})",
       "Syntax errors in policy."},
      {R"({"Id":7,"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Actions":"x"}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Maybe","Action":"a:b","Resource":"*"}})", "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"allow","Action":"a:b","Resource":"*"}})", "Syntax errors in policy."},
      {R"({"Statement":{"Action":"a:b","Resource":"*"}})", "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":7,"Resource":"*"}})", "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","NotAction":"a:c","Resource":"*"}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","NotResource":"*"}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Resource":"*"}})", "Policy statement must contain actions."},
      {R"({"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}})",
       "Policy statement must contain actions."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b"}})", "Policy statement must contain resources."},
      {R"({"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}})",
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"bucket"}})",
       "Resource bucket must be in ARN format or \"*\"."},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}})",
       "Policy document should not specify a principal."},
      {R"({"Statement":{"Effect":"Allow","NotPrincipal":"*","Action":"a:b","Resource":"*"}})",
       "Policy document should not specify a principal."},
      {R"({"Statement":{"Sid":"a b","Effect":"Allow","Action":"a:b","Resource":"*"}})",
       "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
       "[0-9A-Za-z]*"},
      {R"({"Statement":[{"Sid":"x","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"x","Effect":"Allow","Action":"a:b","Resource":"*"}]})",
       "Statement IDs (SID) in a single policy must be unique."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":"x"}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":"x"}}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a:b":{}}}}})",
       "Syntax errors in policy."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringIs":{"a:b":"x"}}}})",
       "Invalid Condition type : StringIs"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"username":"x"}}}})",
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
  };
  for (const auto& [text, expected] : rows) {
    const auto policy = Policy::parse(text, PolicyKind::identity);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().code, Errc::invalid) << text;
    EXPECT_EQ(policy.error().what, expected) << text;
  }
}

TEST(Policy, refuses_resource_policies_with_s3s_words) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"no json", "Policies must be valid JSON and the first byte must be '{'"},
      {"{}", "Missing required field Statement"},
      {R"({"Version":"2011-01-01","Statement":{}})", "The policy must contain a valid version string"},
      {R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})",
       "Missing required field Principal"},
      {R"({"Statement":{"Principal":"*","Action":"s3:*","Resource":"*"}})", "Missing required field Effect"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Resource":"*"}})", "Missing required field Action"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*"}})",
       "Missing required field Resource"},
      {R"({"Statement":{"Effect":"Perhaps","Principal":"*","Action":"s3:*","Resource":"*"}})",
       "Invalid effect : Perhaps"},
      {R"({"Statement":{"Effect":"Allow","Principal":"ann","Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"12345"},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/*"},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:s3:::b"},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{"Service":"*"},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":{"Robot":"x"},"Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"s3:*","Resource":"*"}})",
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"PutObject","Resource":"*"}})",
       "Policy has invalid action"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"b/*"}})",
       "Policy has invalid resource"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Extra":1}})",
       "Unknown field Extra"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"X":{"a:b":"c"}}}})",
       "Invalid Condition type : X"},
  };
  for (const auto& [text, expected] : rows) {
    const auto policy = Policy::parse(text, PolicyKind::resource);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().what, expected) << text;
  }
}

// Else a condition, or a Deny, would be there to see and count for nothing. What is stored is still read.
TEST(Policy, an_element_is_there_once_in_a_new_one) {
  constexpr std::string_view kTwice[] = {
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"Bool":{"aws:ViaAWSService":"false"}}}})",
      R"({"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"};
  for (const auto text : kTwice) {
    EXPECT_TRUE(Policy::parse(text, PolicyKind::identity)) << text;
    const auto parsed = parse_new_policy(text, PolicyKind::identity);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().what, "Syntax errors in policy: an element is there twice.");
  }
  EXPECT_TRUE(parse_new_policy(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
                               PolicyKind::identity));
}

TEST(Policy, limits) {
  const std::string one = R"({"Effect":"Allow","Action":"a:b","Resource":"*"})";
  std::string many = R"({"Statement":[)" + one;
  for (std::size_t i = 1; i < PolicyLimits::statements_max; ++i) {
    many += "," + one;
  }
  EXPECT_TRUE(Policy::parse(many + "]}", PolicyKind::identity));
  EXPECT_FALSE(Policy::parse(many + "," + one + "]}", PolicyKind::identity));
  const auto long_text = R"({"Statement":[)" + one + "]}" + std::string(PolicyLimits::bytes_max, ' ');
  EXPECT_EQ(Policy::parse(long_text, PolicyKind::identity).error().code, Errc::limit);
  const auto deep = R"({"Statement":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_FALSE(Policy::parse(deep, PolicyKind::identity));
}

TEST(Policy, tells_what_it_speaks_of) {
  const auto policy = parse(
      R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::b/*"},
      {"Effect":"Deny","Principal":"*","NotAction":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::c"]}]})",
      PolicyKind::resource);
  EXPECT_EQ(policy->actions(), (std::vector<std::string>{"s3:GetObject", "s3:*"}));
  EXPECT_EQ(policy->resources(),
            (std::vector<std::string>{"arn:aws:s3:::b/*", "arn:aws:s3:::b", "arn:aws:s3:::c"}));
}

}  // namespace
}  // namespace cairn::access
