#include "services/sns/endpoint.h"

#include <gtest/gtest.h>

#include <array>

namespace cairn::services::sns {
namespace {

TEST(HttpEndpoint, is_taken_apart) {
  const auto one = http_endpoint("HTTPS://Hooks.Example.org:8443/in?a=1");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->origin, "https://Hooks.Example.org:8443");
  EXPECT_EQ(one->host, "hooks.example.org");
  EXPECT_EQ(one->target, "/in?a=1");
  EXPECT_EQ(http_endpoint("http://h?q")->target, "/?q");
  EXPECT_EQ(http_endpoint("http://[::1]:80")->host, "[::1]");
  for (const auto* const bad : {"", "h", "ftp://h/", "http://", "http:///p", "http://h/#f", "http://h/a b",
                                "http://h\\@e/", "http://h/\n"}) {
    EXPECT_FALSE(http_endpoint(bad)) << bad;
  }
}

TEST(HttpEndpoint, has_a_user_and_a_password) {
  const auto one = http_endpoint("https://ann%40x:p%3Aw%20d@Hooks.example.org:8443/in@a");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->origin, "https://Hooks.example.org:8443");
  EXPECT_EQ(one->host, "hooks.example.org");
  EXPECT_EQ(one->target, "/in@a");
  EXPECT_EQ(one->user, "ann@x");
  EXPECT_EQ(one->password, "p:w d");
  EXPECT_EQ(http_endpoint("https://ann@h")->user, "ann");
  EXPECT_EQ(http_endpoint("https://ann@h")->password, std::nullopt);
  EXPECT_EQ(http_endpoint("https://:pw@h")->user, "");
  EXPECT_EQ(http_endpoint("https://a:b:c@h")->password, "b:c");
  EXPECT_EQ(http_endpoint("http://h/in@a")->user, std::nullopt);
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  for (const auto* const bad :
       {"http://@h/", "http://a@b@h/", "http://a:b@", "http://a:b@/p", "http://a%3Ab:c@h/",
        "http://a:b%0D@h/", "http://a%:b@h/", "http://a\\b:c@h/", "http://u:p/w@h/"}) {
    const auto read = http_endpoint(bad);
    EXPECT_FALSE(read && read->user) << bad;
  }
}

TEST(Hosts, are_allowed_by_name_or_domain) {
  const std::array<std::string, 2> patterns = {"hooks.example.org", "*.nest.example"};
  EXPECT_TRUE(is_host_allowed("hooks.example.org", patterns));
  EXPECT_TRUE(is_host_allowed("a.b.nest.example", patterns));
  for (const auto* const other :
       {"example.org", "xhooks.example.org", "nest.example", "evilnest.example", ""}) {
    EXPECT_FALSE(is_host_allowed(other, patterns)) << other;
  }
  EXPECT_TRUE(is_host_allowed("anything", {}));
  for (const auto* const local : {"localhost", "127.0.0.1", "10.1.2.3", "[::1]", "[::ffff:192.168.1.1]"}) {
    EXPECT_FALSE(is_host_allowed(local, {})) << local;
  }
  const std::array<std::string, 1> here = {"127.0.0.1"};
  EXPECT_TRUE(is_host_allowed("127.0.0.1", here));
}

TEST(Queues, are_read_from_arns) {
  EXPECT_EQ(queue_of("arn:aws:sqs:eu-west-1:111122223333:q")->url(),
            "https://sqs.eu-west-1.amazonaws.com/111122223333/q");
  for (const auto* const bad :
       {"", "q", "arn:aws:sns:eu-west-1:111122223333:q", "arn:aws:sqs::111122223333:q",
        "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:eu-west-1:111122223333:a/b"}) {
    EXPECT_FALSE(queue_of(bad)) << bad;
  }
}

}  // namespace
}  // namespace cairn::services::sns
