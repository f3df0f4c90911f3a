// Signatures of version 2: AWS's own examples, what boto3 made, and everything that must be refused.
#include "aws/sigv2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/model.h"

namespace cairn::aws::sigv2 {
namespace {

using testing::HasSubstr;

constexpr std::string_view kKey = "AKIAIOSFODNN7EXAMPLE";
const crypto::Secret kSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
const Time kThen = parse_http_date("Tue, 27 Mar 2007 20:00:00 GMT").value();

Result<void, Fault> checked(const codec::RequestHead& head, std::string_view host_bucket, Time now,
                            const crypto::Secret& secret = kSecret) {
  CAIRN_TRY(const auto authorization, parse_authorization(head));
  return verify({head, authorization, secret, host_bucket, now, std::chrono::hours(2)});
}

codec::RequestHead with_header(std::string method, std::string target, std::string_view signature,
                               codec::Headers headers) {
  headers.add("Authorization", "AWS " + std::string(kKey) + ":" + std::string(signature));
  return {std::move(method), std::move(target), std::move(headers)};
}

// The examples of "Signing and authenticating REST requests" in the S3 user guide.
TEST(Sigv2, headers_of_the_user_guide) {
  const std::pair<codec::RequestHead, std::string_view> rows[] = {
      {with_header("GET", "/photos/puppy.jpg",
                   "bWq2s1WEIj+Ydj0vQ697zp+IXMU=", {{"Date", "Tue, 27 Mar 2007 19:36:42 +0000"}}),
       "johnsmith"},
      {with_header("PUT", "/photos/puppy.jpg", "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
                   {{"Content-Type", "image/jpeg"}, {"Date", "Tue, 27 Mar 2007 21:15:45 +0000"}}),
       "johnsmith"},
      {with_header("GET", "/?prefix=photos&max-keys=50&marker=puppy",
                   "htDYFYduRNen8P9ZfE/s9SuKy0U=", {{"Date", "Tue, 27 Mar 2007 19:42:41 +0000"}}),
       "johnsmith"},
      {with_header("GET", "/?acl",
                   "c2WLPFtWHVgbEmeEG93a4cG37dM=", {{"Date", "Tue, 27 Mar 2007 19:44:46 +0000"}}),
       "johnsmith"},
      {with_header("PUT", "/db-backup.dat.gz", "ilyl83RwaSoYIEdixDQcA4OnAnc=",
                   {{"Date", "Tue, 27 Mar 2007 21:06:08 +0000"},
                    {"x-amz-acl", "public-read"},
                    {"content-type", "application/x-download"},
                    {"Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="},
                    {"X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"},
                    {"X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"},
                    {"X-Amz-Meta-FileChecksum", "0x02661779"},
                    {"X-Amz-Meta-ChecksumAlgorithm", "crc32"}}),
       "static.johnsmith.net"},
  };
  for (const auto& [head, bucket] : rows) {
    EXPECT_EQ(signature_in(head), Place::header);
    const auto right = checked(head, bucket, kThen);
    EXPECT_TRUE(right) << head.target << (right ? std::string() : right.error().message);
    EXPECT_EQ(checked(head, bucket, kThen, crypto::Secret("other")).error().code, "SignatureDoesNotMatch");
    EXPECT_EQ(checked(head, bucket, kThen + std::chrono::hours(4)).error().code, "RequestTimeTooSkewed");
    EXPECT_EQ(checked(head, bucket, kThen - std::chrono::hours(4)).error().code, "RequestTimeTooSkewed");
  }
}

codec::RequestHead of_query() {
  return {"GET",
          "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&"
          "Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620",
          {}};
}
const Time kUntil{std::chrono::seconds(1'175'139'620)};

TEST(Sigv2, the_query_of_the_user_guide_holds_until_it_expires) {
  EXPECT_EQ(signature_in(of_query()), Place::query);
  EXPECT_TRUE(checked(of_query(), "johnsmith", kUntil));
  const auto late = checked(of_query(), "johnsmith", kUntil + std::chrono::seconds(1));
  EXPECT_EQ(late.error().code, "AccessDenied");
  EXPECT_EQ(late.error().message, "Request has expired");
}

// Made with botocore 1.43: generate_presigned_url, by default.
TEST(Sigv2, what_boto3_presigns) {
  const crypto::Secret secret("secret");
  const codec::RequestHead of_object{
      "GET",
      "/b/a%20b/c?versionId=xx&response-content-type=text%2Fplain&AWSAccessKeyId=AKIAEXAMPLEEXAMPLE11&"
      "Signature=bAScUbjv841R8FyUwkugkTiw8N0%3D&Expires=1795301954",
      {}};
  EXPECT_TRUE(checked(of_object, "", kUntil, secret));
  const codec::RequestHead of_session{
      "GET",
      "/b/a%20b/c?AWSAccessKeyId=AKIAEXAMPLEEXAMPLE11&Signature=FZrt%2FltLp2HbCoSj4WnALg7l4t4%3D&"
      "x-amz-security-token=tok&Expires=1795301954",
      {}};
  EXPECT_TRUE(checked(of_session, "", kUntil, secret));
  EXPECT_EQ(parse_authorization(of_session)->security_token, "tok");
  for (const auto* of_bucket :
       {"/bucket?list-type=2&encoding-type=url&Signature=MndTwqNTosgG%2Bh%2FoV6UJbjDj8e8%3D&",
        "/bucket?acl&Signature=coVUSB%2BWsij4lTM6cP%2BhtPUJIaU%3D&"}) {
    codec::RequestHead head{
        "GET", std::string(of_bucket) + "AWSAccessKeyId=AKIAEXAMPLEEXAMPLE11&Expires=1795301954", {}};
    EXPECT_TRUE(checked(head, "", kUntil, secret)) << "signed as /bucket/";
    head.target.insert(head.target.find('?'), "s");
    EXPECT_FALSE(checked(head, "", kUntil, secret));
  }
  codec::RequestHead put{
      "PUT",
      "/b/a?AWSAccessKeyId=AKIAEXAMPLEEXAMPLE11&Signature=mBYA3MI0m%2BS0%2Bd96C9tMYkpapuY%3D&"
      "content-type=text%2Fx&x-amz-meta-a=b&Expires=1795301954",
      {{"Content-Type", "text/x"}}};
  EXPECT_FALSE(checked(put, "", kUntil, secret)) << "a header that was signed is not there";
  put.headers.add("X-Amz-Meta-A", "b");
  EXPECT_TRUE(checked(put, "", kUntil, secret));
  put.headers.add("x-amz-acl", "public-read");
  EXPECT_FALSE(checked(put, "", kUntil, secret)) << "a header that was not signed is there";
}

TEST(Sigv2, a_header_of_another_kind_is_not_ours) {
  for (const auto* header : {"", "x", "AWS", "AWS4-HMAC-SHA256 Credential=a/b"}) {
    auto head = of_query();
    head.headers.add("Authorization", header);
    EXPECT_EQ(signature_in(head), Place::none) << header;
    EXPECT_FALSE(checked(head, "johnsmith", kThen)) << header;
    head.target = "/?AWSAccessKeyId=a";
    EXPECT_EQ(signature_in(head), Place::none) << header;
    EXPECT_FALSE(checked(head, "", kThen)) << header;
  }
}

TEST(Sigv2, whatever_says_something_else_is_refused) {
  const auto other = [](std::string method, std::string_view from, std::string_view to) {
    auto head = of_query();
    head.method = std::move(method);
    if (!from.empty()) {
      head.target.replace(head.target.find(from), from.size(), to);
    }
    const auto result = checked(head, "johnsmith", kThen);
    return result ? std::string("accepted") : result.error().code;
  };
  EXPECT_EQ(other("GET", "", ""), "accepted");
  EXPECT_EQ(other("DELETE", "", ""), "SignatureDoesNotMatch");
  EXPECT_EQ(other("GET", "puppy", "kitty"), "SignatureDoesNotMatch");
  EXPECT_EQ(other("GET", "1175139620", "1175139621"), "SignatureDoesNotMatch");
  EXPECT_EQ(other("GET", "?AWS", "?versionId=1&AWS"), "SignatureDoesNotMatch");
  EXPECT_EQ(other("GET", "?AWS", "?%76ersionId=1&AWS"), "InvalidURI") << "not signed, and acted on";
  EXPECT_EQ(other("GET", "?AWS", "?legal+hold&AWS"), "InvalidURI");
  EXPECT_EQ(other("GET", "NpgC", "npgC"), "SignatureDoesNotMatch");
  EXPECT_EQ(other("GET", "&Expires=1175139620", ""), "AccessDenied");
  EXPECT_EQ(other("GET", "1175139620", "never"), "AccessDenied");
  EXPECT_EQ(other("GET", "1175139620", "-1"), "AccessDenied");
  EXPECT_EQ(other("GET", "1175139620", "9223372036854775807"), "AccessDenied");
  EXPECT_EQ(other("GET", "Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D", "Signature="), "AccessDenied");
  EXPECT_EQ(other("GET", "&Expires", "&AWSAccessKeyId=B&Expires"), "AccessDenied");
}

TEST(Sigv2, one_signature_is_enough) {
  auto head = of_query();
  head.headers.add("Authorization", "AWS AKIA:c2lnbmF0dXJl");
  EXPECT_EQ(parse_authorization(head).error().code, "InvalidArgument");
  head.target += "&X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_EQ(parse_authorization(head).error().code, "InvalidArgument");
  EXPECT_EQ(signature_in({"GET", "/?X-Amz-Algorithm=A&Signature=x", {}}), Place::none);
  EXPECT_EQ(signature_in({"GET", "/?Action=ListUsers&SignatureVersion=2&AWSAccessKeyId=A&Signature=x", {}}),
            Place::none);
  EXPECT_EQ(signature_in({"GET", "/bucket?prefix=Signature", {}}), Place::none);
  EXPECT_TRUE(parse_authorization(
                  {"GET",
                   "/b?prefix=X-Amz-Algorithm",
                   {{"Date", "Tue, 27 Mar 2007 19:36:42 +0000"}, {"Authorization", "AWS AKIA:c2lnbmF0dXJl"}}})
                  .has_value());
}

// A parameter that says which operation is meant, and is not signed, would make a presigned URL one for more.
TEST(Sigv2, every_key_that_chooses_an_operation_is_signed) {
  const auto* s3 = catalogue().by_signing_name("s3");
  ASSERT_NE(s3, nullptr);
  const Authorization authorization{.access_key = "A", .signature = {}, .security_token = {}, .time = kThen};
  std::size_t keys = 0;
  for (const auto& [operation, model] : s3->operations) {
    for (const auto& [name, value] : model.query) {
      if (name == "x-id" || name == "list-type") {
        continue;  // of a client's own; another form of the same list
      }
      ++keys;
      EXPECT_THAT(string_to_sign({"GET", "/b?" + name, {}}, authorization, ""), HasSubstr("/b?" + name));
    }
  }
  EXPECT_GT(keys, 30U);
}

}  // namespace
}  // namespace cairn::aws::sigv2
