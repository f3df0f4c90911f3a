#include "front/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::front {
namespace {

using ::testing::ElementsAre;

TEST(Cors, which_bucket_a_page_asks) {
  const std::vector<std::string> domains = {"s3.example.org"};
  const struct {
    const char* host;
    const char* target;
    const char* bucket;  // empty: none
    bool of_object;
  } rows[] = {
      {"127.0.0.1:8080", "/logs/a%20b?acl", "logs", true},
      {"127.0.0.1:8080", "/logs", "logs", false},
      {"127.0.0.1:8080", "/logs/?cors", "logs", false},
      {"127.0.0.1:8080", "/%6cogs/a", "logs", true},
      {"127.0.0.1:8080", "/", "", false},
      {"127.0.0.1:8080", "*", "", false},
      {"127.0.0.1:8080", "/PutAuditEvents", "", false},
      {"127.0.0.1:8080", "/ab", "", false},
      {"127.0.0.1:8080", "/%zz", "", false},
      {"logs.s3.example.org", "/", "logs", false},
      {"logs.s3.example.org", "/a/b", "logs", true},
      {"logs.s3.eu-west-1.amazonaws.com", "/a", "logs", true},
      {"cloudtrail.eu-west-1.amazonaws.com", "/", "", false},
  };
  for (const auto& row : rows) {
    const codec::RequestHead head{"GET", row.target, {{"Host", row.host}, {"Origin", "https://one"}}};
    const auto page = page_request(head, domains);
    EXPECT_EQ(page ? page->bucket : "", row.bucket) << row.host << row.target;
    EXPECT_EQ(page && page->of_object, row.of_object) << row.host << row.target;
  }
}

TEST(Cors, what_a_preflight_says) {
  codec::RequestHead head{"OPTIONS",
                          "/logs/a",
                          {{"Origin", "https://one"},
                           {"Access-Control-Request-Method", "PUT"},
                           {"Access-Control-Request-Headers", " X-Amz-Date,, content-type\t, a "}}};
  const auto asked = page_request(head, {});
  EXPECT_EQ(asked->origin, "https://one");
  EXPECT_EQ(asked->method, "PUT");
  EXPECT_THAT(asked->headers, ElementsAre("X-Amz-Date", "content-type", "a"));
  head.method = "GET";
  const auto sent = page_request(head, {});
  EXPECT_EQ(sent->method, "GET");
  EXPECT_TRUE(sent->headers.empty());
}

}  // namespace
}  // namespace cairn::front
