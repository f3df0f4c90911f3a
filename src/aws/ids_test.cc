#include "aws/ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_set>

#include "aws/regions.h"

namespace cairn::aws {
namespace {

TEST(AccountId, is_twelve_digits) {
  EXPECT_EQ(AccountId::parse("111122223333")->text(), "111122223333");
  EXPECT_EQ(AccountId::parse("000000000000")->text(), "000000000000");
  for (const auto* wrong :
       {"", "11112222333", "1111222233334", "11112222333a", " 11112222333", "१११११११११११"}) {
    EXPECT_FALSE(AccountId::parse(wrong).has_value()) << wrong;
  }
}

TEST(Region, accepts_what_looks_like_one) {
  for (const auto* good : {"us-east-1", "us-gov-west-1", "mx-central-1", "my-site-12", "eusc-de-east-1"}) {
    EXPECT_TRUE(Region::parse(good).has_value()) << good;
  }
  for (const auto* wrong :
       {"", "useast1", "us-east-", "us--east-1", "US-EAST-1", "us-east", "1-us-east", "us/east-1", "-us-1"}) {
    EXPECT_FALSE(Region::parse(wrong).has_value()) << wrong;
  }
}

TEST(Region, knows_aws_list) {
  const auto regions = commercial_regions();
  EXPECT_TRUE(std::ranges::is_sorted(regions));
  EXPECT_EQ(std::unordered_set<std::string_view>(regions.begin(), regions.end()).size(), regions.size());
  for (const auto region : regions) {
    ASSERT_TRUE(Region::parse(region).has_value()) << region;
    EXPECT_EQ(Partition::of(*Region::parse(region)).text(), "aws") << region;
  }
}

TEST(Region, a_word_for_one_is_what_a_key_and_a_label_can_have) {
  for (const auto* good : {"us-east-1", "aws-global", "Local_1", "x"}) {
    EXPECT_TRUE(is_region_word(good)) << good;
  }
  EXPECT_TRUE(is_region_word(std::string(kRegionMax, 'r')));
  EXPECT_FALSE(is_region_word(std::string(kRegionMax + 1, 'r')));
  for (const auto* wrong : {"", "eu-west-1.", "../us-east-1", "eu west", "\xc3\xa9u-west-1", "*"}) {
    EXPECT_FALSE(is_region_word(wrong)) << wrong;
  }
}

TEST(Regions, are_those_that_are_named_or_all_of_aws) {
  const Regions all;
  EXPECT_TRUE(all.contains("us-east-1"));
  EXPECT_TRUE(all.contains("mx-central-1"));
  EXPECT_FALSE(all.contains("eu-west-9"));
  EXPECT_EQ(all.first(), "us-east-1");
  const Regions some({"my-site-1", "eu-west-1"});
  EXPECT_TRUE(some.contains("my-site-1"));
  EXPECT_FALSE(some.contains("us-east-1"));
  EXPECT_EQ(some.first(), "my-site-1");
}

TEST(Partition, follows_from_the_region) {
  const std::pair<const char*, const char*> rows[] = {
      {"eu-west-1", "aws"},
      {"cn-north-1", "aws-cn"},
      {"us-gov-east-1", "aws-us-gov"},
      {"us-iso-east-1", "aws-iso"},
      {"us-isob-east-1", "aws-iso-b"},
      {"us-isof-south-1", "aws-iso-f"},
      {"eu-isoe-west-1", "aws-iso-e"},
      {"eusc-de-east-1", "aws-eusc"},
      {"my-site-1", "aws"},
  };
  for (const auto& [region, partition] : rows) {
    EXPECT_EQ(Partition::of(*Region::parse(region)).text(), partition) << region;
  }
  EXPECT_FALSE(Partition::parse("azure").has_value());
}

TEST(Arn, is_read_into_its_parts) {
  const auto arn = Arn::parse("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
  ASSERT_TRUE(arn.has_value());
  EXPECT_EQ(arn->partition(), "aws");
  EXPECT_EQ(arn->service(), "cloudtrail");
  EXPECT_EQ(arn->region(), "eu-west-1");
  EXPECT_EQ(arn->account(), "111122223333");
  EXPECT_EQ(arn->resource(), "trail/main");
  EXPECT_EQ(arn->resource_type(), "trail");
  EXPECT_EQ(arn->resource_id(), "main");
}

TEST(Arn, takes_what_aws_writes) {
  struct Row {
    const char* text;
    const char* service;
    const char* type;
    const char* id;
  };
  const Row rows[] = {
      {"arn:aws:s3:::logs", "s3", "", "logs"},
      {"arn:aws:s3:::logs/AWSLogs/a:b/c.json.gz", "s3", "logs", "AWSLogs/a:b/c.json.gz"},
      {"arn:aws:iam::aws:policy/AdministratorAccess", "iam", "policy", "AdministratorAccess"},
      {"arn:aws:iam::111122223333:root", "iam", "", "root"},
      {"arn:aws-cn:sns:cn-north-1:111122223333:topic", "sns", "", "topic"},
      {"arn:aws:logs:us-east-1:111122223333:log-group:/aws/trail:*", "logs", "log-group", "/aws/trail:*"},
      {"arn:aws:sts::111122223333:assumed-role/Falcon/nightly", "sts", "assumed-role", "Falcon/nightly"},
  };
  for (const auto& row : rows) {
    const auto arn = Arn::parse(row.text);
    ASSERT_TRUE(arn.has_value()) << row.text;
    EXPECT_EQ(arn->service(), row.service) << row.text;
    EXPECT_EQ(arn->resource_type(), row.type) << row.text;
    EXPECT_EQ(arn->resource_id(), row.id) << row.text;
    EXPECT_EQ(Arn::of({arn->partition(), arn->service(), arn->region(), arn->account(), arn->resource()}),
              *arn)
        << row.text;
  }
}

TEST(Arn, refuses_the_rest) {
  for (const std::string& wrong :
       {std::string(""), std::string("arn:"), std::string("arn:aws:s3::"), std::string("arn:aws:s3:::"),
        std::string("arn::s3:::logs"), std::string("arn:aws::::logs"), std::string("urn:aws:s3:::logs"),
        std::string("arn:aws:s3:::lo\ngs"),
        std::string("arn:aws:s3:::") + std::string(Arn::kBytesMax, 'x')}) {
    EXPECT_FALSE(Arn::parse(wrong).has_value()) << wrong.substr(0, 64);
  }
}

TEST(Arn, hashes_and_orders_by_its_text) {
  const auto a = *Arn::parse("arn:aws:s3:::a");
  const auto b = *Arn::parse("arn:aws:s3:::b");
  EXPECT_LT(a, b);
  EXPECT_EQ(std::unordered_set<Arn>({a, b, a}).size(), 2U);
}

}  // namespace
}  // namespace cairn::aws
