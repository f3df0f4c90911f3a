// What the condition keys of S3 are of a call, and which keys a bucket's policy may name.
#include "services/s3/condition_keys.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

using front::Signed;

class ConditionKeysTest : public S3Test {
 protected:
  void SetUp() override {
    make_bucket("mine");
    ASSERT_TRUE(put("mine", "there", "x"));
  }
  // Of the call's first ask; "(none)": the key is not there.
  std::string key_of(const Request& request, std::string_view key, bool of_last = false) {
    const auto asks = run(service->asks(*request.call));
    if (!asks) {
      return asks.error().code;
    }
    const auto* found = (of_last ? asks->back() : asks->front()).context.single(key);
    return found == nullptr ? "(none)" : *found;
  }
  std::string key_of(std::string_view operation, object input, std::string_view key) {
    input["Bucket"] = "mine";
    return key_of(*make(operation, std::move(input)), key);
  }
};

TEST_F(ConditionKeysTest, how_a_call_is_signed) {
  const struct {
    Signed signature;
    std::string target;
    std::string type;
    std::string version;
    std::string age;
    std::string hash;
  } rows[] = {
      {{}, "/mine/there", "(none)", "(none)", "(none)", "(none)"},
      {{.where = Signed::Where::header, .time = clock.now() - Millis(1500)},
       "/mine/there",
       "REST-HEADER",
       "AWS4-HMAC-SHA256",
       "1500",
       "(none)"},
      {{.where = Signed::Where::query, .time = clock.now() - Millis(60'000)},
       "/mine/there?X-Amz-Signature=0",
       "REST-QUERY-STRING",
       "AWS4-HMAC-SHA256",
       "60000",
       "UNSIGNED-PAYLOAD"},
      {{.where = Signed::Where::query, .time = clock.now()},
       "/mine/there?X-Amz-Signature=0&X-Amz-Content-Sha256=ab",
       "REST-QUERY-STRING",
       "AWS4-HMAC-SHA256",
       "0",
       "ab"},
      {{.where = Signed::Where::query, .is_v2 = true},
       "/mine/there?Signature=0",
       "REST-QUERY-STRING",
       "AWS",
       "(none)",
       "(none)"},
      {{.where = Signed::Where::form, .time = clock.now()},
       "/mine/there",
       "POST",
       "AWS4-HMAC-SHA256",
       "0",
       "(none)"},
  };
  for (const auto& row : rows) {
    for (const auto* operation : {"GetObject", "PutObject"}) {
      const auto request = make(operation, {{"Bucket", "mine"}, {"Key", "there"}});
      request->call->signature = row.signature;
      request->head.target = row.target;
      EXPECT_EQ(key_of(*request, "s3:authType"), row.type);
      EXPECT_EQ(key_of(*request, "s3:signatureversion"), row.version);
      EXPECT_EQ(key_of(*request, "s3:signatureAge"), row.age);
      EXPECT_EQ(key_of(*request, "s3:x-amz-content-sha256"), row.hash) << row.target;
    }
  }
  for (const auto* operation : {"ListBuckets", "CreateBucket"}) {
    const auto request = make(operation, {{"Bucket", "new"}});
    request->call->signature = {.where = Signed::Where::header};
    request->head.headers.set("x-amz-content-sha256", "ab");
    EXPECT_EQ(key_of(*request, "s3:authType"), "REST-HEADER") << operation;
    EXPECT_EQ(key_of(*request, "s3:x-amz-content-sha256"), "ab") << operation;
  }
}

// A Deny of reading must find them, too, where a copy reads.
TEST_F(ConditionKeysTest, a_copys_source_is_asked_for_with_them) {
  const auto request =
      make("CopyObject", {{"Bucket", "mine"}, {"Key", "copy"}, {"CopySource", "mine/there"}});
  request->call->signature = {.where = Signed::Where::query, .is_v2 = true};
  EXPECT_EQ(key_of(*request, "s3:signatureversion", true), "AWS");
  EXPECT_EQ(key_of(*request, "s3:ResourceAccount", true), kAnn);
}

TEST_F(ConditionKeysTest, the_connection_and_the_owner) {
  const auto request = make("GetObject", {{"Bucket", "mine"}, {"Key", "there"}});
  EXPECT_EQ(key_of(*request, "s3:TlsVersion"), "(none)");
  request->call->tls = http::TlsFacts{.version = "TLSv1.2", .cipher = "c"};
  EXPECT_EQ(key_of(*request, "s3:TlsVersion"), "1.2");
  EXPECT_EQ(key_of(*request, "s3:ResourceAccount"), kAnn);
  request->call->tls.reset();
  request->call->caller.principal.kind = access::PrincipalKind::service;
  EXPECT_EQ(key_of(*request, "s3:TlsVersion"), "1.3");
}

TEST_F(ConditionKeysTest, what_a_call_asks_for) {
  const struct {
    std::string operation;
    object input;
    std::string key;
    std::string value;
  } rows[] = {
      {"PutObject", {{"Key", "a"}, {"IfNoneMatch", "*"}}, "s3:if-none-match", "*"},
      {"PutObject", {{"Key", "a"}}, "s3:if-none-match", "(none)"},
      {"PutObject", {{"Key", "a"}, {"IfMatch", "\"e\""}}, "s3:if-match", "\"e\""},
      {"PutObject", {{"Key", "a"}}, "s3:ObjectCreationOperation", "true"},
      {"PutObject", {{"Key", "a"}, {"ACL", "private"}}, "s3:x-amz-acl", "private"},
      {"PutObject",
       {{"Key", "a"}, {"SSECustomerAlgorithm", "AES256"}},
       "s3:x-amz-server-side-encryption-customer-algorithm",
       "AES256"},
      {"CreateMultipartUpload", {{"Key", "a"}}, "s3:ObjectCreationOperation", "false"},
      {"GetObject", {{"Key", "there"}}, "s3:ObjectCreationOperation", "(none)"},
      {"ListObjectsV2", {{"MaxKeys", 7}}, "s3:max-keys", "7"},
      {"ListObjectsV2", {}, "s3:max-keys", "(none)"},
      {"ListObjectsV2", {}, "s3:prefix", "(none)"},
      {"ListObjectsV2", {{"Prefix", ""}, {"Delimiter", "/"}}, "s3:prefix", ""},
      {"ListObjectsV2", {{"Prefix", ""}, {"Delimiter", "/"}}, "s3:delimiter", "/"},
      {"PutBucketAcl", {{"GrantRead", "id=\"1\""}}, "s3:x-amz-grant-read", "id=\"1\""},
      {"CreateBucket",
       {{"CreateBucketConfiguration", object{{"LocationConstraint", "eu-west-1"}}}},
       "s3:LocationConstraint",
       "eu-west-1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(key_of(row.operation, row.input, row.key), row.value) << row.operation << " " << row.key;
  }
}

// However it is spelt: the policy sees what is copied.
TEST_F(ConditionKeysTest, a_copys_source_is_named_one_way) {
  for (const auto* source : {"mine/there", "/mine/there", "/mine/%74here", "mine%2Fthere"}) {
    EXPECT_EQ(key_of("CopyObject", {{"Key", "copy"}, {"CopySource", source}}, "s3:x-amz-copy-source"),
              "mine/there")
        << source;
  }
  EXPECT_EQ(key_of("CopyObject", {{"Key", "copy"}, {"CopySource", "mine/a%20b?versionId=null"}},
                   "s3:x-amz-copy-source"),
            "mine/a b");
  caller_policy = policy_of(
      R"({"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
          "Condition":{"StringLike":{"s3:x-amz-copy-source":"mine/th*"}}})");
  const auto request =
      make("CopyObject", {{"Bucket", "mine"}, {"Key", "copy"}, {"CopySource", "/mine/%74here"}});
  const auto asks = run(service->asks(*request->call));
  ASSERT_TRUE(asks);
  EXPECT_TRUE(access::decide(request->call->caller, asks->front()).explicit_deny);
}

TEST_F(ConditionKeysTest, a_policy_with_a_key_that_nobody_knows_is_refused) {
  const auto put_policy = [&](std::string_view key) {
    const std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::mine/*","Condition":{"StringEquals":{")" +
        std::string(key) + R"(":"1"}}}]})";
    return said(answer("PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy}}));
  };
  for (const auto* key :
       {"s3:authType", "S3:AUTHTYPE", "s3:signatureAge", "s3:prefix", "s3:ExistingObjectTag/team",
        "s3:RequestObjectTagKeys", "s3:DataAccessPointArn", "s3:object-lock-remaining-retention-days",
        "aws:SourceIp", "s3:x-amz-copy-source", "s3:if-none-match", "s3:VersionId"}) {
    EXPECT_EQ(put_policy(key), "ok") << key;
  }
  for (const auto* key : {"s3:authTyp", "s3:x-amz-meta-team", "s3:", "s3:ExistingObjectTag/", "s3:max-key"}) {
    EXPECT_EQ(put_policy(key), "MalformedPolicy 400") << key;
  }
}

// Who may put but not read learns of no object that it is there, nor what it holds.
TEST_F(ConditionKeysTest, a_put_that_compares_asks_for_reading) {
  const auto actions = [&](std::string_view operation, object input) {
    input["Bucket"] = "mine";
    input["Key"] = "there";
    const auto request = make(operation, std::move(input));
    const auto asks = run(service->asks(*request->call));
    std::vector<std::string> all;
    for (const auto& ask : *asks) {
      all.push_back(ask.action);
    }
    return all;
  };
  EXPECT_THAT(actions("PutObject", {}), ElementsAre("s3:PutObject"));
  EXPECT_THAT(actions("PutObject", {{"IfNoneMatch", "*"}}), ElementsAre("s3:PutObject"));
  EXPECT_THAT(actions("PutObject", {{"IfMatch", "*"}}), ElementsAre("s3:PutObject", "s3:GetObject"));
  EXPECT_THAT(actions("CompleteMultipartUpload", {{"UploadId", "u"}, {"IfMatch", "*"}}),
              ElementsAre("s3:PutObject", "s3:GetObject"));
  EXPECT_THAT(actions("GetObject", {{"IfMatch", "*"}}), ElementsAre("s3:GetObject"));

  ASSERT_TRUE(answer("PutObjectTagging",
                     {{"Bucket", "mine"},
                      {"Key", "there"},
                      {"Tagging", object{{"TagSet", array{object{{"Key", "secret"}, {"Value", "yes"}}}}}}}));
  const auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "there"}, {"IfMatch", "*"}});
  EXPECT_EQ(key_of(*request, "s3:ExistingObjectTag/secret", true), "yes");
  EXPECT_EQ(key_of(*request, "s3:ExistingObjectTag/secret"), "(none)");
  EXPECT_EQ(said(perform(*request)), "ok");
}

}  // namespace
}  // namespace cairn::services::s3::testing
