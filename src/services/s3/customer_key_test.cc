#include "services/s3/customer_key.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::size_t kPart = 5U << 20;

class CustomerKeyTest : public S3Test {
 protected:
  CustomerKeyTest() { make_bucket("mine"); }

  static object key_members(std::string_view key, const std::string& prefix = "") {
    return {{prefix + "SSECustomerAlgorithm", "AES256"},
            {prefix + "SSECustomerKey", codec::base64_encode(key)},
            {prefix + "SSECustomerKeyMD5", codec::base64_encode(ByteView(crypto::md5(key)))}};
  }
  Answered over_tls(std::string_view operation, object input, std::string body = {}) {
    input.emplace("Bucket", "mine");
    input.emplace("Key", "a");
    const auto request = make(operation, std::move(input), std::move(body));
    request->call->tls.emplace();
    return perform(*request);
  }
  static object with(object input, const object& more) {
    for (const auto& pair : more) {
      input[pair.key()] = pair.value();
    }
    return input;
  }

  const std::string one = std::string(32, '1');
  const std::string other = std::string(32, '2');
};

TEST_F(CustomerKeyTest, the_same_key_alone_reads_it) {
  for (const auto& body : {std::string("eggs"), std::string(200'000, 'x'), std::string()}) {
    const auto made = over_tls("PutObject", key_members(one), body);
    EXPECT_EQ(at(made, "/SSECustomerAlgorithm"), "AES256");
    EXPECT_EQ(at(made, "/SSECustomerKeyMD5"), key_members(one).at("SSECustomerKeyMD5").get_string());
    EXPECT_EQ(at(made, "/ServerSideEncryption"), "");
    EXPECT_EQ(last_record.additional.at("SSEApplied"), "SSE_C");
    const auto got = over_tls("GetObject", key_members(one));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->body == body);
    for (const auto* operation : {"GetObject", "HeadObject"}) {
      EXPECT_EQ(said(over_tls(operation, key_members(other))), "AccessDenied 403") << operation;
      EXPECT_EQ(said(over_tls(operation, {})), "InvalidRequest 400") << operation;
    }
    EXPECT_EQ(said(over_tls("GetObjectAttributes", {{"ObjectAttributes", {"ETag"}}})), "InvalidRequest 400");
  }
  const auto document = (*run(catalog->get(documents("s3/object/").front())))->value;
  EXPECT_EQ(document.find(codec::base64_encode(ByteView(crypto::md5(one)))), std::string::npos);
}

TEST_F(CustomerKeyTest, what_was_put_without_a_key_is_read_without) {
  ASSERT_TRUE(over_tls("PutObject", {}, "eggs"));
  EXPECT_EQ(said(over_tls("GetObject", key_members(one))), "InvalidRequest 400");
  EXPECT_EQ(said(over_tls("GetObject", {})), "ok");
}

TEST_F(CustomerKeyTest, what_does_not_belong_together_is_refused) {
  auto short_key = key_members("short");
  auto wrong_md5 =
      with(key_members(one), {{"SSECustomerKeyMD5", key_members(other).at("SSECustomerKeyMD5")}});
  auto algorithm = with(key_members(one), {{"SSECustomerAlgorithm", "aws:kms"}});
  auto both = with(key_members(one), {{"ServerSideEncryption", "AES256"}});
  for (const auto& input :
       {short_key, wrong_md5, algorithm, both, object{{"SSECustomerAlgorithm", "AES256"}}}) {
    EXPECT_EQ(said(over_tls("PutObject", input, "eggs")), "InvalidArgument 400") << json::serialize(input);
  }
  const auto in_the_clear = with(key_members(one), {{"Bucket", "mine"}, {"Key", "a"}});
  EXPECT_EQ(said(answer("PutObject", in_the_clear, "eggs")), "InvalidRequest 400");
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
}

TEST_F(CustomerKeyTest, in_parts_and_copied) {
  const auto begun = over_tls("CreateMultipartUpload", key_members(one));
  const object upload{{"UploadId", at(begun, "/UploadId")}};
  json::array parts;
  for (const auto& [number, body] : std::map<int, std::string>{{1, std::string(kPart, 'x')}, {2, "eggs"}}) {
    const auto input = with(upload, {{"PartNumber", number}});
    EXPECT_EQ(said(over_tls("UploadPart", input, body)), "InvalidRequest 400");
    EXPECT_EQ(said(over_tls("UploadPart", with(input, key_members(other)), body)), "AccessDenied 403");
    const auto part = over_tls("UploadPart", with(input, key_members(one)), body);
    ASSERT_TRUE(part) << part.error().message;
    parts.push_back(object{{"PartNumber", number}, {"ETag", at(part, "/ETag")}});
  }
  const auto all = with(upload, {{"MultipartUpload", {{"Parts", parts}}}});
  EXPECT_EQ(said(over_tls("CompleteMultipartUpload", with(all, key_members(other)))), "AccessDenied 403");
  EXPECT_EQ(said(over_tls("CompleteMultipartUpload", all)), "ok");
  const auto tail = with(key_members(one), {{"Range", "bytes=" + std::to_string(kPart - 1) + "-"}});
  EXPECT_EQ(over_tls("GetObject", tail)->body, "xeggs");

  const object copy{{"Key", "b"}, {"CopySource", "mine/a"}};
  EXPECT_EQ(said(over_tls("CopyObject", copy)), "InvalidRequest 400");
  EXPECT_EQ(said(over_tls("CopyObject", with(copy, key_members(one, "CopySource")))), "ok");
  EXPECT_EQ(over_tls("GetObject", {{"Key", "b"}})->body.size(), kPart + 4);
  EXPECT_EQ(
      said(over_tls("CopyObject", with(with(copy, key_members(one, "CopySource")), key_members(other)))),
      "ok");
  EXPECT_EQ(said(over_tls("GetObject", {{"Key", "b"}})), "InvalidRequest 400");
  EXPECT_EQ(over_tls("GetObject", with(key_members(other), {{"Key", "b"}}))->body.size(), kPart + 4);
}

}  // namespace
}  // namespace cairn::services::s3::testing
