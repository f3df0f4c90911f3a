// Objects that KMS has a say in: its part is played by a stand-in that encrypts nothing and forgets nothing.
#include "services/s3/encryption.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr const char* kKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
constexpr std::size_t kPart = 5U << 20;

class Kms final : public front::Forwarding {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> forward(const front::Call& from,
                                                      front::ForwardedCall call) override {
    EXPECT_EQ(call.service, "kms");
    EXPECT_EQ(call.region, "us-east-1");
    calls.push_back(call.operation + " " + json::serialize(call.input.at("EncryptionContext")));
    callers.push_back(from.caller.principal.account);
    if (!refusal.empty()) {
      co_return aws::Fault{refusal, refusal == "Down" ? 503 : 400, "no"};
    }
    aws::ClientAnswer answer;
    answer.output["KeyId"] = kKey;
    if (call.operation == "GenerateDataKey") {
      EXPECT_EQ(call.input.at("KeySpec"), "AES_256");
      last_key = call.input.at("KeyId").get_string();
      const auto plain = codec::base64_encode(std::string(32, static_cast<char>('a' + made.size())));
      const auto wrapped = codec::base64_encode("wrapped " + std::to_string(made.size()));
      made[wrapped] = {plain, json::serialize(call.input.at("EncryptionContext"))};
      answer.output["Plaintext"] = plain;
      answer.output["CiphertextBlob"] = wrapped;
      co_return answer;
    }
    const auto& [plain, context] = made.at(std::string(call.input.at("CiphertextBlob").get_string()));
    if (context != json::serialize(call.input.at("EncryptionContext"))) {
      co_return aws::Fault{"InvalidCiphertextException", 400, ""};
    }
    answer.output["Plaintext"] = plain;
    co_return answer;
  }

  std::string refusal;
  std::string last_key;
  std::vector<std::string> calls;
  std::vector<std::string> callers;
  std::map<std::string, std::pair<std::string, std::string>> made;
};

class EncryptionTest : public S3Test {
 protected:
  EncryptionTest() {
    kms = &stand_in;
    make_service();
    make_bucket("mine");
  }
  Answered put_by_kms(std::string_view key, std::string body, object more = {}) {
    more["Bucket"] = "mine";
    more["Key"] = key;
    more["ServerSideEncryption"] = "aws:kms";
    more["SSEKMSKeyId"] = "alias/eggs";
    return answer("PutObject", std::move(more), std::move(body));
  }
  Object stored(std::string_view key) {
    const auto document = run(catalog->get(documents("s3/object/").front()));
    for (const auto& at : documents("s3/object/")) {
      const auto object = object_from((*run(catalog->get(at)))->value);
      if (object->key == key) {
        return *object;
      }
    }
    return {};
  }

  Kms stand_in;
};

TEST_F(EncryptionTest, a_data_key_of_its_own_for_each_object) {
  const std::string large(200'000, 'x');
  for (const auto& [key, body] :
       std::map<std::string, std::string>{{"few", "eggs"}, {"large", large}, {"none", ""}}) {
    const auto made = put_by_kms(key, body);
    EXPECT_EQ(at(made, "/ServerSideEncryption"), "aws:kms") << key;
    EXPECT_EQ(at(made, "/SSEKMSKeyId"), kKey);
    EXPECT_EQ(stand_in.last_key, "alias/eggs");
    EXPECT_EQ(stand_in.calls.back(), R"(GenerateDataKey {"aws:s3:arn":"arn:aws:s3:::mine/)" + key + "\"}");
    EXPECT_EQ(get("mine", key), body);
    EXPECT_EQ(stand_in.calls.back(), R"(Decrypt {"aws:s3:arn":"arn:aws:s3:::mine/)" + key + "\"}");
    EXPECT_EQ(stand_in.callers.back(), kAnn) << "with the permissions of who asks";
    const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", key}});
    EXPECT_EQ(at(head, "/SSEKMSKeyId"), kKey);
  }
  EXPECT_EQ(stand_in.made.size(), 3U);
  EXPECT_EQ(stand_in.calls.size(), 6U) << "who asks for the head alone needs no key";
  const auto range =
      answer("GetObject", {{"Bucket", "mine"}, {"Key", "large"}, {"Range", "bytes=65530-65545"}});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->body, std::string(16, 'x'));
  EXPECT_EQ(stored("few").seal.master, "") << "the master key alone opens nothing";
  EXPECT_EQ(at_rest.key(stored("few").seal, nullptr).error().code, Errc::denied);
}

TEST_F(EncryptionTest, the_callers_context_is_part_of_it) {
  const auto asked = codec::base64_encode(R"({"nest": "7"})");
  ASSERT_TRUE(put_by_kms("a", "eggs", {{"SSEKMSEncryptionContext", asked}}));
  EXPECT_EQ(stand_in.calls.back(), R"(GenerateDataKey {"nest":"7","aws:s3:arn":"arn:aws:s3:::mine/a"})");
  EXPECT_EQ(get("mine", "a"), "eggs");
  for (const auto* wrong : {"[]", R"({"a":1})", "nest"}) {
    EXPECT_EQ(said(put_by_kms("b", "eggs", {{"SSEKMSEncryptionContext", codec::base64_encode(wrong)}})),
              "InvalidArgument 400")
        << wrong;
  }
  EXPECT_EQ(said(put_by_kms("b", "eggs", {{"SSEKMSEncryptionContext", "*"}})), "InvalidArgument 400");
}

TEST_F(EncryptionTest, without_kmss_leave_nothing_is_put_and_nothing_read) {
  ASSERT_TRUE(put_by_kms("a", "eggs"));
  for (const auto& [refusal, expected] :
       std::map<std::string, std::string>{{"AccessDeniedException", "AccessDenied 403"},
                                          {"DisabledException", "KMS.DisabledException 400"},
                                          {"NotFoundException", "KMS.NotFoundException 400"},
                                          {"Down", "ServiceUnavailable 503"}}) {
    stand_in.refusal = refusal;
    EXPECT_EQ(said(put_by_kms("b", "eggs")), expected);
    EXPECT_EQ(get("mine", "a"), expected);
    EXPECT_EQ(said(answer("CopyObject", {{"Bucket", "mine"}, {"Key", "c"}, {"CopySource", "mine/a"}})),
              expected);
  }
  stand_in.refusal.clear();
  EXPECT_EQ(get("mine", "b"), "NoSuchKey 404");
  EXPECT_EQ(get("mine", "a"), "eggs");
}

TEST_F(EncryptionTest, a_copy_is_encrypted_as_the_copy_is_to_be) {
  ASSERT_TRUE(put_by_kms("a", "eggs"));
  const auto plain = answer("CopyObject", {{"Bucket", "mine"}, {"Key", "b"}, {"CopySource", "mine/a"}});
  EXPECT_EQ(at(plain, "/ServerSideEncryption"), "AES256");
  const auto calls = stand_in.calls.size();
  EXPECT_EQ(get("mine", "b"), "eggs");
  EXPECT_EQ(stand_in.calls.size(), calls);
  const auto sealed = answer("CopyObject", {{"Bucket", "mine"},
                                            {"Key", "b"},
                                            {"CopySource", "mine/b"},
                                            {"ServerSideEncryption", "aws:kms"},
                                            {"SSEKMSKeyId", "alias/eggs"}});
  EXPECT_EQ(at(sealed, "/SSEKMSKeyId"), kKey) << "onto itself, for its encryption's sake";
  EXPECT_EQ(get("mine", "b"), "eggs");
}

TEST_F(EncryptionTest, an_upload_in_parts_has_one_data_key) {
  const auto begun = answer(
      "CreateMultipartUpload",
      {{"Bucket", "mine"}, {"Key", "a"}, {"ServerSideEncryption", "aws:kms"}, {"SSEKMSKeyId", "alias/eggs"}});
  EXPECT_EQ(at(begun, "/SSEKMSKeyId"), kKey);
  const auto id = at(begun, "/UploadId");
  json::array parts;
  const std::string first(kPart, 'x');
  for (const auto& [number, body] : std::map<int, std::string>{{1, first}, {2, "eggs"}}) {
    const auto part = answer(
        "UploadPart", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}, {"PartNumber", number}}, body);
    EXPECT_EQ(at(part, "/ServerSideEncryption"), "aws:kms");
    parts.push_back(object{{"PartNumber", number}, {"ETag", at(part, "/ETag")}});
  }
  const auto done =
      answer("CompleteMultipartUpload",
             {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}, {"MultipartUpload", {{"Parts", parts}}}});
  EXPECT_EQ(at(done, "/SSEKMSKeyId"), kKey);
  EXPECT_EQ(stand_in.made.size(), 1U);
  EXPECT_TRUE(get("mine", "a") == first + "eggs");
  const auto range = answer(
      "GetObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Range", "bytes=" + std::to_string(kPart - 1) + "-"}});
  EXPECT_EQ(range->body, "xeggs");
  stand_in.refusal = "DisabledException";
  EXPECT_EQ(get("mine", "a"), "KMS.DisabledException 400");
}

TEST_F(EncryptionTest, kms_is_asked_for_whom_it_can_name_alone) {
  ASSERT_TRUE(put_by_kms("a", "eggs"));
  ASSERT_TRUE(put("mine", "plain", "eggs"));
  const auto calls = stand_in.calls.size();
  const auto refused = [&](std::string_view operation, object input) {
    const auto said_of = said(answer(operation, std::move(input), operation == "PutObject" ? "eggs" : ""));
    return said_of == "InvalidArgument 400" && stand_in.calls.size() == calls;
  };
  caller_kind = access::PrincipalKind::anonymous;
  EXPECT_TRUE(refused("GetObject", {{"Bucket", "mine"}, {"Key", "a"}}));
  EXPECT_TRUE(refused("CopyObject", {{"Bucket", "mine"}, {"Key", "b"}, {"CopySource", "mine/a"}}));
  EXPECT_EQ(said(put_by_kms("b", "eggs")), "InvalidArgument 400");
  EXPECT_EQ(get("mine", "plain"), "eggs");
  caller_kind = access::PrincipalKind::user;
  for (const auto* target : {"/mine/a?AWSAccessKeyId=AKIA&Signature=x&Expires=1", "/mine/a"}) {
    const auto request = make("GetObject", {{"Bucket", "mine"}, {"Key", "a"}});
    request->head.target = target;
    if (std::string_view(target) == "/mine/a") {
      request->head.headers.set("Authorization", "AWS AKIA:x");
    }
    const auto answered = perform(*request);
    EXPECT_EQ(said(answered), "InvalidArgument 400") << target;
    EXPECT_EQ(answered.error().message,
              "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature "
              "Version 4.");
  }
  EXPECT_EQ(stand_in.calls.size(), calls);
}

TEST_F(EncryptionTest, what_the_query_says_of_encryption_is_refused_and_no_key_is_recorded) {
  ASSERT_TRUE(put("mine", "a", "eggs"));
  const std::string key = "c2VjcmV0LWtleS1zZWNyZXQta2V5LXNlY3JldC1rZXk9";
  for (const auto* name :
       {"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
        "X-Amz-Server-Side-Encryption-Context", "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-MD5",
        "X-AMZ-Copy-Source-Server-Side-Encryption-Customer-Key"}) {
    for (const auto* operation : {"GetObject", "PutObject", "ListObjectsV2"}) {
      const auto request = make(operation, {{"Bucket", "mine"}, {"Key", "a"}}, "nest");
      request->head.target = "/mine/a?X-Amz-Signature=00&" + std::string(name) + "=" + key;
      const auto answered = perform(*request);
      EXPECT_EQ(said(answered), "InvalidArgument 400") << name;
      EXPECT_EQ(answered.error().message.find(key), std::string::npos);
      const auto recorded = json::serialize(*last_record.request_parameters);
      EXPECT_EQ(recorded.find(key) == std::string::npos,
                codec::lower(name).find("customer-key") != std::string::npos || name[0] == 'X')
          << recorded;
    }
  }
  EXPECT_EQ(get("mine", "a"), "eggs");
}

TEST_F(EncryptionTest, a_bucket_may_ask_for_it_by_default) {
  const object rule{{"ApplyServerSideEncryptionByDefault",
                     {{"SSEAlgorithm", "aws:kms"}, {"KMSMasterKeyID", "alias/nest"}}}};
  ASSERT_TRUE(
      answer("PutBucketEncryption",
             {{"Bucket", "mine"}, {"ServerSideEncryptionConfiguration", {{"Rules", json::array{rule}}}}}));
  EXPECT_EQ(at(put("mine", "a", "eggs"), "/ServerSideEncryption"), "aws:kms");
  EXPECT_EQ(stand_in.last_key, "alias/nest");
  EXPECT_EQ(last_record.additional.at("SSEApplied"), "Default_SSE_KMS");
  EXPECT_EQ(get("mine", "a"), "eggs");
  const auto other =
      answer("PutObject", {{"Bucket", "mine"}, {"Key", "b"}, {"ServerSideEncryption", "AES256"}}, "eggs");
  EXPECT_EQ(at(other, "/ServerSideEncryption"), "AES256") << "the request's word is the last";
  const auto asked = make(
      "PutObject",
      {{"Bucket", "mine"}, {"Key", "c"}, {"ServerSideEncryption", "aws:kms"}, {"SSEKMSKeyId", "alias/eggs"}},
      "eggs");
  asked->head.headers.set("x-amz-server-side-encryption", "aws:kms");
  ASSERT_TRUE(perform(*asked));
  EXPECT_EQ(stand_in.last_key, "alias/eggs");
  EXPECT_EQ(last_record.additional.at("SSEApplied"), "SSE_KMS");
  EXPECT_EQ(last_record.response_elements->at("x-amz-server-side-encryption-aws-kms-key-id"), kKey);
}

TEST_F(EncryptionTest, what_is_not_there_is_refused_by_name) {
  const struct {
    object more;
    const char* said;
  } rows[] = {
      {{{"ServerSideEncryption", "aws:kms"}}, "NotImplemented 501"},
      {{{"ServerSideEncryption", "aws:kms:dsse"}, {"SSEKMSKeyId", "k"}}, "InvalidArgument 400"},
      {{{"ServerSideEncryption", "aws:kms:dsse"}}, "NotImplemented 501"},
      {{{"SSEKMSKeyId", "k"}}, "InvalidArgument 400"},
      {{{"ServerSideEncryption", "AES256"}, {"SSEKMSKeyId", "k"}}, "InvalidArgument 400"},
      {{{"ServerSideEncryption", "aws:kms"}, {"SSEKMSKeyId", "k"}, {"BucketKeyEnabled", true}},
       "NotImplemented 501"},
      {{{"ServerSideEncryption", "aws:kms"}, {"SSEKMSKeyId", "k"}, {"BucketKeyEnabled", false}}, "ok"},
  };
  for (const auto& row : rows) {
    auto input = row.more;
    input["Bucket"] = "mine";
    input["Key"] = "a";
    EXPECT_EQ(said(answer("PutObject", input, "x")), row.said) << json::serialize(row.more);
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
