// A form as the PutObject it stands for: what becomes of its fields, who signed it, what its file is held to.
#include "front/form_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/loops.h"
#include "codec/base64.h"

namespace cairn::front {
namespace {

using ::testing::HasSubstr;

std::string field(std::string_view name, std::string_view value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}
std::string file(std::string_view bytes, std::string_view name = "C:\\dir\\a b.txt") {
  return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(bytes) + "\r\n--B--\r\n";
}

class FormUploadTest : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(0).get_executor()), std::move(task));
  }
  FormFile& open(std::string body) {
    source_ = http::body_of(std::move(body));
    form_.emplace(*source_, "B");
    return *form_;
  }
  std::string put(std::string body) {
    auto& form = open(std::move(body));
    if (const auto read = run(form.read_fields()); !read) {
      return read.error().code;
    }
    const codec::RequestHead head{.method = "POST", .target = "/mine", .headers = {{"Host", "h"}}};
    const auto put = put_of_form(head, form);
    if (!put) {
      return put.error().code;
    }
    std::string out = put->method + " " + put->target;
    for (const auto& [name, value] : put->headers) {
      out += " " + name + ":" + value;
    }
    return out;
  }

 private:
  async::Loops loops_{1};
  std::unique_ptr<http::BodySource> source_;
  std::optional<FormFile> form_;
};

TEST_F(FormUploadTest, fields_become_key_headers_and_metadata) {
  EXPECT_EQ(put(field("key", "up/${filename}") + field("Acl", "private") + field("Content-Type", "text/plain") +
                field("x-amz-meta-Team", "blue") + field("x-amz-signature", "s") + field("submit", "ok") +
                file("x")),
            "PUT /mine/up/a%20b.txt Host:h x-amz-acl:private Content-Type:text/plain x-amz-meta-team:blue");
  EXPECT_EQ(put(field("a", "b") + file("x")), "InvalidArgument");
  EXPECT_EQ(put(field("key", "a") + field("tagging", "<Tagging/>") + file("x")), "NotImplemented");
  EXPECT_EQ(put(field("key", "a") + field("x-amz-meta-a", "b\r\nc: d") + file("x")), "MalformedPOSTRequest");
  EXPECT_EQ(put(field("key", "a") + field("x-amz-meta-a b", "c") + file("x")), "MalformedPOSTRequest");
  EXPECT_EQ(put(field("key", "a") + "--B--\r\n"), "InvalidArgument");
  EXPECT_EQ(put(field("key", "a") + field("acl", "private") + field("ACL", "public-read") + file("x")),
            "InvalidArgument")
      << "one would be checked, the other used";
  EXPECT_EQ(put("no form"), "MalformedPOSTRequest");
  EXPECT_EQ(put(field("key", std::string(30'000, 'x')) + file("x")), "MaxPostPreDataLengthExceeded");
}

TEST_F(FormUploadTest, the_file_is_as_long_as_the_policy_allows) {
  const struct {
    std::size_t bytes;
    const char* said;
  } rows[] = {{1, "EntityTooSmall"}, {2, "ok"}, {4, "ok"}, {5, "EntityTooLarge"}};
  for (const auto& row : rows) {
    auto& form = open(field("key", "a") + file(std::string(row.bytes, 'x')));
    ASSERT_TRUE(run(form.read_fields()));
    form.set_rules({.bytes_min = 2, .bytes_max = 4});
    const auto all = run(http::read_all(form, 100));
    EXPECT_EQ(all ? "ok" : form.fault(aws::Family::s3)->code, row.said) << row.bytes;
  }
  auto& cut = open(field("key", "a") + "--B\r\nContent-Disposition: form-data; name=file\r\n\r\nxyz");
  ASSERT_TRUE(run(cut.read_fields()));
  EXPECT_FALSE(run(http::read_all(cut, 100)));
}

TEST_F(FormUploadTest, who_signed_it) {
  FormFields fields{{"key", "a"}};
  EXPECT_FALSE(*signer_of_form(fields));
  fields.emplace_back("policy", "e30=");
  EXPECT_FALSE(signer_of_form(fields));
  fields.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  fields.emplace_back("x-amz-credential", "AKID/20260302/eu-west-1/s3/aws4_request");
  fields.emplace_back("x-amz-date", "20260302T101500Z");
  fields.emplace_back("x-amz-signature", "00");
  const auto signer = signer_of_form(fields);
  ASSERT_TRUE(signer && *signer);
  auto authorization = **signer;
  EXPECT_EQ(authorization.access_key, "AKID");
  const crypto::Secret secret(ByteView("secret"));
  EXPECT_FALSE(is_signed_by("e30=", authorization, secret));
  authorization.signature = codec::hex_encode(
      crypto::hmac_sha256(aws::sigv4::signing_key(secret, authorization.scope).bytes(), "e30="));
  EXPECT_TRUE(is_signed_by("e30=", authorization, secret));
  EXPECT_FALSE(is_signed_by("e31=", authorization, secret));
}

TEST(FormAnswer, is_what_the_form_asks_for) {
  const codec::RequestHead put{.method = "PUT", .target = "/mine/a%20b", .headers = {{"Host", "h"}}};
  bool tls = false;
  const auto answer = [&](const FormFields& fields) {
    http::Response response;
    response.headers.set("ETag", "\"e\"");
    answer_form(fields, put, tls, "mine", "a b", response);
    return std::to_string(response.status) + " " + std::string(response.headers.get("Location")) + " " +
           std::get<std::string>(response.body);
  };
  EXPECT_EQ(answer({}), "204 http://h/mine/a%20b ");
  tls = true;
  EXPECT_EQ(answer({}), "204 https://h/mine/a%20b ");
  tls = false;
  EXPECT_EQ(answer({{"success_action_status", "200"}}), "200 http://h/mine/a%20b ");
  EXPECT_EQ(answer({{"success_action_status", "500"}}), "204 http://h/mine/a%20b ");
  EXPECT_THAT(answer({{"success_action_status", "201"}}), HasSubstr("<Bucket>mine</Bucket><Key>a b</Key>"));
  EXPECT_EQ(answer({{"success_action_redirect", "https://x/?a=b"}}),
            "303 https://x/?a=b&bucket=mine&key=a%20b&etag=%22e%22 ");
}

TEST(FormUpload, which_requests_are_one) {
  const auto boundary = [](std::string method, std::string target, codec::Headers headers) {
    return form_upload_boundary({.method = std::move(method), .target = std::move(target), .headers = std::move(headers)});
  };
  const std::string type = "multipart/form-data; boundary=B";
  EXPECT_EQ(boundary("POST", "/mine", {{"Content-Type", type}}), "B");
  EXPECT_FALSE(boundary("PUT", "/mine", {{"Content-Type", type}}));
  EXPECT_FALSE(boundary("POST", "/mine?delete", {{"Content-Type", type}}));
  EXPECT_FALSE(boundary("POST", "/mine", {{"Content-Type", type}, {"Authorization", "x"}}));
  EXPECT_FALSE(boundary("POST", "/mine", {{"Content-Type", "application/xml"}}));
}

}  // namespace
}  // namespace cairn::front
