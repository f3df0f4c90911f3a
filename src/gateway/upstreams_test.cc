#include "gateway/upstreams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/access_key.h"

namespace cairn::gateway {
namespace {

constexpr std::string_view kScope =
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE00000001/20260302/eu-west-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, "
    "Signature=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

struct Row {
  std::string name;
  codec::RequestHead head;
  std::string service;
};

TEST(AskedService, by_scope_target_host_and_what_is_left) {
  const Row rows[] = {
      {"scope",
       {"POST", "/", {{"Authorization", std::string(kScope)}, {"X-Amz-Date", "20260302T101500Z"}}},
       "dynamodb"},
      {"presigned",
       {"GET",
        "/b/"
        "k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE00000001%2F20260302%2Feu-west-1%2Fs3%"
        "2Faws4_request&X-Amz-Date=20260302T101500Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-"
        "Signature="
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        {}},
       "s3"},
      {"version 2", {"GET", "/b/k", {{"Authorization", "AWS AKIA:abc"}}}, "s3"},
      {"target", {"POST", "/", {{"X-Amz-Target", "AWSCognitoIdentityService.GetId"}}}, "cognito-identity"},
      {"host", {"GET", "/", {{"Host", "lambda.eu-west-1.amazonaws.com:443"}}}, "lambda"},
      {"a host of one's own", {"GET", "/", {{"Host", "lambda.example.org"}}}, "s3"},
      {"form", {"POST", "/", {{"Content-Type", std::string(kForm)}}}, "sts"},
      {"a link to confirm", {"GET", "/?Action=ConfirmSubscription&Token=x", {}}, "sns"},
      {"nothing", {"GET", "/bucket/key", {}}, "s3"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(asked_by(row.head).service, row.service) << row.name;
  }
}

TEST(Upstreams, a_name_wins_and_the_star_takes_what_is_not_ours) {
  std::vector<Upstream> all;
  all.push_back({.service = "s3", .url = "http://rgw"});
  all.push_back({.service = "*", .url = "http://moto"});
  const Upstreams with_star(std::move(all), {"s3", "iam"});
  EXPECT_EQ(with_star.find("s3")->url, "http://rgw");
  EXPECT_EQ(with_star.find("dynamodb")->url, "http://moto");
  EXPECT_EQ(with_star.find("iam"), nullptr);
  std::vector<Upstream> one;
  one.push_back({.service = "s3", .url = "http://rgw"});
  const Upstreams without(std::move(one), {"s3", "iam"});
  EXPECT_EQ(without.find("dynamodb"), nullptr);
  EXPECT_EQ(without.find(""), nullptr);
}

TEST(AccessKey, has_its_account_in_its_letters) {
  struct Case {
    std::string key;
    std::optional<std::string> account;
  };
  const Case cases[] = {
      {"ASIAQNZGKIQY56JQ7WML", "029608264753"},
      {"AKIAIOSFODNN7EXAMPLE", std::nullopt},  // an old one
      {"AKIAJOSFODNN7EXAMPLE", std::nullopt},
      {"AIDAQNZGKIQY56JQ7WML", std::nullopt},  // no access key
      {"ASIAQNZGKIQY56JQ7WM", std::nullopt},
      {"ASIAQNZGKIQY06JQ7WML", std::nullopt},  // 0 is no such letter
      {"testing", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(account_of(row.key), row.account) << row.key;
  }
}

}  // namespace
}  // namespace cairn::gateway
