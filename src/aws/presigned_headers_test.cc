// Which headers a presigned URL brings along, and which it cannot.
#include "aws/presigned_headers.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

const std::string kSigned =
    "/logs/"
    "a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260302%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260302T101500Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";

codec::RequestHead put(std::string target, codec::Headers headers = {}) {
  return {.method = "PUT", .target = std::move(target), .headers = std::move(headers)};
}

TEST(PresignedHeaders, the_querys_are_taken_as_if_they_had_been_sent) {
  const auto head = with_headers_of_query(
      put(kSigned + "&x-amz-meta-team=blue%20birds&X-Amz-Tagging=a%3Db%2Bc&x-amz-copy-source=b%2Fk%2520",
          {{"Host", "h"}}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.get("x-amz-meta-team"), "blue birds");
  EXPECT_EQ(head->headers.get("x-amz-tagging"), "a=b+c");
  EXPECT_EQ(head->headers.get("x-amz-copy-source"), "b/k%20");
  EXPECT_EQ(head->headers.get("Host"), "h");
  EXPECT_EQ(head->query(), put(head->target).query());
}

TEST(PresignedHeaders, what_was_sent_wins_and_of_two_the_first) {
  const auto head = with_headers_of_query(
      put(kSigned + "&x-amz-acl=private&x-amz-meta-a=1&x-amz-meta-a=2", {{"X-Amz-Acl", "public-read"}}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.get("x-amz-acl"), "public-read");
  EXPECT_EQ(head->headers.get("x-amz-meta-a"), "1");
}

TEST(PresignedHeaders, the_rest_stays_in_the_query) {
  for (const auto* pair :
       {"x-id=PutObject", "X-Amz-Security-Token=t", "x-amz-content-sha256=UNSIGNED-PAYLOAD",
        "x-amz-checksum-crc32=AAAAAA%3D%3D", "x-amz-sdk-checksum-algorithm=CRC32",
        "x-amz-server-side-encryption=AES256", "x-amz-server-side-encryption-customer-key=k",
        "x-amz-copy-source-server-side-encryption-customer-key=k", "x-amz-trailer=x-amz-checksum-crc32",
        "x-amz-decoded-content-length=1", "x-amz-meta-a=b%0D%0Ax-amz-acl:c", "x-amz-meta-a%0D%0Ab=c",
        "x-amz-meta-a%3A=c"}) {
    EXPECT_FALSE(with_headers_of_query(put(kSigned + "&" + pair))) << pair;
  }
  EXPECT_TRUE(with_headers_of_query(put(kSigned + "&x-amz-checksum-mode=ENABLED")));
}

TEST(PresignedHeaders, a_query_that_signs_nothing_brings_none) {
  const std::string meta = "x-amz-meta-a=b";
  EXPECT_FALSE(with_headers_of_query(put("/logs/a?" + meta)));
  EXPECT_FALSE(with_headers_of_query(put("/logs/a?AWSAccessKeyId=a&Signature=b&Expires=1&" + meta)));
  auto other = kSigned + "&" + meta;
  other.replace(other.find("%2Fs3%2F"), 8, "%2Fsqs%2F");
  EXPECT_FALSE(with_headers_of_query(put(other)));
  EXPECT_FALSE(with_headers_of_query(put(kSigned + "&%zz&" + meta)));
}

}  // namespace
}  // namespace cairn::aws
