// A bucket's CORS rules: which requests of a page they allow, and what they say of it.
#include "services/s3/cross_origin.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class CrossOriginTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  void set_rules(std::string_view rules) {
    ASSERT_TRUE(answer("PutBucketCors",
                       {{"Bucket", "mine"},
                        {"CORSConfiguration", *json::parse(R"({"CORSRules":[)" + std::string(rules) + "]}")}}));
  }
  Result<codec::Headers, aws::Fault> ask(front::PageRequest page) {
    return run(service->cross_origin(std::move(page)));
  }
};

TEST_F(CrossOriginTest, the_first_rule_that_allows_all_of_it) {
  set_rules(R"({"AllowedOrigins":["https://one.example","https://*.two.example"],"AllowedMethods":["GET","PUT"],
                "AllowedHeaders":["x-amz-*","Content-Type"],"ExposeHeaders":["ETag","x-amz-request-id"],"MaxAgeSeconds":30},
               {"AllowedOrigins":["*"],"AllowedMethods":["GET"]})");
  const struct {
    const char* origin;
    const char* method;
    std::vector<std::string> headers;
    std::string_view allowed;  // origin; empty: it is not
  } rows[] = {
      {"https://one.example", "PUT", {}, "https://one.example"},
      {"https://one.example", "PUT", {"X-Amz-Date", "content-type"}, "https://one.example"},
      {"https://one.example", "PUT", {"x-amz-date", "authorization"}, ""},
      {"https://one.example", "DELETE", {}, ""},
      {"https://one.example", "put", {}, ""},
      {"https://a.two.example", "PUT", {}, "https://a.two.example"},
      {"https://.two.example", "PUT", {}, "https://.two.example"},
      {"https://two.example", "PUT", {}, ""},
      {"https://a.two.example.evil", "PUT", {}, ""},
      {"HTTPS://ONE.EXAMPLE", "PUT", {}, ""},
      {"https://other", "GET", {}, "*"},
      {"null", "GET", {}, "*"},
      {"https://other", "GET", {"x-amz-date"}, ""},
      {"https://other", "PUT", {}, ""},
  };
  for (const auto& row : rows) {
    const auto said =
        ask({.bucket = "mine", .origin = row.origin, .method = row.method, .headers = row.headers});
    EXPECT_EQ(said ? said->get("Access-Control-Allow-Origin") : "", row.allowed) << row.origin << row.method;
    EXPECT_EQ(said ? "" : said.error().code, row.allowed.empty() ? "AccessForbidden" : "") << row.origin;
  }
  const auto all = ask({.bucket = "mine", .origin = "https://one.example", .method = "GET", .headers = {"X-Amz-A", "X-Amz-B"}});
  EXPECT_EQ(all->get("Access-Control-Allow-Methods"), "GET, PUT");
  EXPECT_EQ(all->get("Access-Control-Allow-Headers"), "x-amz-a, x-amz-b");
  EXPECT_EQ(all->get("Access-Control-Expose-Headers"), "ETag, x-amz-request-id");
  EXPECT_EQ(all->get("Access-Control-Max-Age"), "30");
  EXPECT_EQ(all->get("Access-Control-Allow-Credentials"), "true");
  EXPECT_THAT(std::string(all->get("Vary")), HasSubstr("Origin"));
  const auto anybody = ask({.bucket = "mine", .origin = "https://other", .method = "GET"});
  EXPECT_FALSE(anybody->contains("Access-Control-Allow-Credentials"));
  EXPECT_FALSE(anybody->contains("Access-Control-Max-Age"));
}

TEST_F(CrossOriginTest, no_rules_and_no_bucket) {
  const auto none = ask({.bucket = "mine", .of_object = true, .origin = "https://one", .method = "GET"});
  EXPECT_EQ(none.error().status, 403);
  EXPECT_EQ(none.error().message, "CORSResponse: CORS is not enabled for this bucket.");
  EXPECT_THAT(none.error().extra, ElementsAre(std::pair("Method", "GET"), std::pair("ResourceType", "OBJECT")));
  EXPECT_EQ(ask({.bucket = "none", .origin = "https://one", .method = "GET"}).error().message,
            "CORSResponse: Bucket not found");
}

}  // namespace
}  // namespace cairn::services::s3::testing
