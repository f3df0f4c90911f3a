#include "organization/organization.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cairn::organization {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};

catalog::Document document(std::string value) {
  return {.key = "organization/of/o-k3strel9ab", .value = std::move(value), .version = 1};
}

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/organization/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Organization kestrel() {
  const auto read = decode(document(sample("organization_v1.json")));
  EXPECT_TRUE(read) << read.error().text();
  return *read;
}

TEST(Organization, a_new_one_has_its_management_account_at_its_root) {
  const auto made = make("111122223333", true, kNow);
  EXPECT_EQ(made.id.size(), 12U);
  EXPECT_TRUE(made.id.starts_with("o-"));
  EXPECT_EQ(made.root.size(), 6U);
  EXPECT_EQ(made.accounts_below(made.root), std::vector<std::string>{"111122223333"});
  EXPECT_NE(made.id, make("111122223333", true, kNow).id);
  EXPECT_EQ(new_unit_id(made).substr(0, 8), "ou-" + made.root.substr(2) + "-");
  EXPECT_EQ(new_request_id().size(), 36U);
}

TEST(Organization, documents_of_version_1_are_read_and_written_alike) {
  const auto read = kestrel();
  EXPECT_EQ(encode(read), sample("organization_v1.json"));
  EXPECT_EQ(read.management, "111122223333");
  EXPECT_EQ(read.members.at("444455556666").parent, "ou-k3st-aaaa1111");
  EXPECT_FALSE(read.members.at("444455556666").invited);
  EXPECT_TRUE(read.trusts(kCloudTrail));
  EXPECT_TRUE(read.is_delegate("444455556666"));
  EXPECT_TRUE(read.is_delegate("444455556666", kCloudTrail));
  EXPECT_FALSE(read.is_delegate("444455556666", "config.amazonaws.com"));
  EXPECT_FALSE(read.is_delegate("111122223333"));
  EXPECT_EQ(read.delegates_of(kCloudTrail), 1U);
  const auto request = decode_request(document(sample("request_v1.json")));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->account, "444455556666");
  EXPECT_EQ(encode(*request), sample("request_v1.json"));
}

TEST(Organization, says_where_everything_is) {
  auto at = kestrel();
  at.units["ou-k3st-bbbb2222"] = {.name = "Small", .parent = "ou-k3st-aaaa1111"};
  EXPECT_EQ(at.path_of(at.root), "o-k3strel9ab/r-k3st/");
  EXPECT_EQ(at.path_of("ou-k3st-bbbb2222"), "o-k3strel9ab/r-k3st/ou-k3st-aaaa1111/ou-k3st-bbbb2222/");
  EXPECT_EQ(at.depth_of(at.root), 0U);
  EXPECT_EQ(at.depth_of("ou-k3st-bbbb2222"), 2U);
  EXPECT_EQ(at.units_below(at.root), std::vector<std::string>{"ou-k3st-aaaa1111"});
  EXPECT_EQ(at.accounts_below("ou-k3st-aaaa1111"), std::vector<std::string>{"444455556666"});
  EXPECT_EQ(at.arn(), "arn:aws:organizations::111122223333:organization/o-k3strel9ab");
  EXPECT_EQ(at.account_arn("444455556666"), "arn:aws:organizations::111122223333:account/o-k3strel9ab/444455556666");
  EXPECT_EQ(at.root_arn(), "arn:aws:organizations::111122223333:root/o-k3strel9ab/r-k3st");
  EXPECT_EQ(at.unit_arn("ou-k3st-aaaa1111"), "arn:aws:organizations::111122223333:ou/o-k3strel9ab/ou-k3st-aaaa1111");
}

TEST(Organization, what_was_not_written_is_noticed) {
  const auto good = sample("organization_v1.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    auto bad = good;
    const auto at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    bad.replace(at, from.size(), to);
    return bad;
  };
  for (const auto& bad :
       {std::string(), std::string("[]"), with("\"v\":1", "\"v\":2"), with("\"root\":", "\"rood\":"),
        with("true]", "1]"), with("\"Birds\",\"r-k3st\"", "\"Birds\",\"ou-k3st-aaaa1111\""),
        with("\"ou-k3st-aaaa1111\",1772446500124", "\"ou-k3st-cccc1111\",1772446500124"),
        with("\"management\":\"111122223333\"", "\"management\":\"999922223333\"")}) {
    const auto read = decode(document(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(Organization, the_largest_fits_into_a_document) {
  auto full = make("111122223333", true, kNow);
  for (std::size_t i = 0; i < Limits::units_max; ++i) {
    full.units[new_unit_id(full)] = {.name = std::string(128, 'n'), .parent = full.root};
  }
  const auto& unit = full.units.begin()->first;
  for (std::size_t i = 0; full.members.size() < Limits::accounts_max; ++i) {
    full.members[std::to_string(200'000'000'000 + i)] = {.parent = unit, .joined = kNow};
  }
  for (std::size_t i = 0; i < Limits::delegations_max; ++i) {
    full.delegations[{std::to_string(200'000'000'000 + i), std::string(128, 's')}] = kNow;
  }
  for (std::size_t i = 0; i < Limits::services_max; ++i) {
    full.services[std::string(125, 's') + std::to_string(100 + i)] = kNow;
  }
  EXPECT_LT(encode(full).size(), catalog::Limits().value_bytes_max);
  EXPECT_EQ(*decode(document(encode(full))), full);
}

TEST(Organization, controls_name_the_account) {
  EXPECT_EQ(control_of({.account = "444455556666", .organization = "o-k3strel9ab"}),
            R"({"type":"member","account":"444455556666","organization":"o-k3strel9ab"})");
  EXPECT_EQ(control_of({.account = "444455556666", .organization = {}}),
            R"({"type":"member","account":"444455556666","organization":null})");
  const auto joined = parse_control(control_of({.account = "444455556666", .organization = "o-k3strel9ab"}));
  ASSERT_TRUE(joined && *joined);
  EXPECT_EQ((*joined)->account, "444455556666");
  EXPECT_EQ((*joined)->organization, "o-k3strel9ab");
  const auto left = parse_control(control_of({.account = "444455556666", .organization = {}}));
  ASSERT_TRUE(left && *left);
  EXPECT_FALSE((*left)->organization);
  EXPECT_FALSE(*parse_control(R"({"type":"trail"})"));
  for (const auto* bad : {"[]", R"({"type":"member"})", R"({"type":"member","account":"4"})",
                          R"({"type":"member","account":"4","organization":1})"}) {
    EXPECT_FALSE(parse_control(bad)) << bad;
  }
}

}  // namespace
}  // namespace cairn::organization
