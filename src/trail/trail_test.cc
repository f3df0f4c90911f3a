// Names, keys, documents, control entries, and which events concern a trail.
#include "trail/trail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::trail {
namespace {

Trail kestrel() {
  Trail trail;
  trail.account = "210987654321";
  trail.name = "kestrel-main";
  trail.home_region = "eu-west-1";
  trail.bucket = "kestrel-audit";
  trail.logging = true;
  return trail;
}

struct NameCase {
  std::string name;
  std::string complaint;  // part of the message; empty: the name is good
};

TEST(TrailRules, names) {
  const NameCase cases[] = {
      {"abc", ""},
      {"kestrel-main", ""},
      {"a.b_c-d", ""},
      {std::string(128, 'x'), ""},
      {"1.2.3", ""},
      {"192.168.5.4x", ""},
      {"", "too short"},
      {"ab", "Specified name length: 2"},
      {std::string(129, 'x'), "Specified name length: 129"},
      {"-abc", "must starts"},
      {"abc.", "must ends"},
      {"a--b", "adjacent"},
      {"a-_b", "adjacent"},
      {"192.168.5.4", "IP address"},
      {"has space", "can only contain"},
      {"ünicode", "can only contain"},
  };
  for (const auto& c : cases) {
    const auto checked = check_name(c.name);
    EXPECT_EQ(checked.has_value(), c.complaint.empty()) << c.name;
    if (!checked) {
      EXPECT_EQ(checked.error().code, "InvalidTrailNameException");
      EXPECT_THAT(checked.error().message, testing::HasSubstr(c.complaint));
    }
  }
}

TEST(TrailRules, bucket_names) {
  for (const auto* good : {"abc", "kestrel-audit", "a.b.c", "123"}) {
    EXPECT_TRUE(check_bucket_name(good)) << good;
  }
  for (const auto* bad :
       {"", "ab", "Upper", "under_score", "a..b", "a.-b", "a-.b", "-ab", "ab-", "1.2.3.4"}) {
    EXPECT_FALSE(check_bucket_name(bad)) << bad;
  }
}

TEST(TrailKeys, log_file_key_has_cloudtrails_layout) {
  auto trail = kestrel();
  const auto time = *parse_rfc3339("2026-03-02T10:19:59Z");
  EXPECT_EQ(log_file_key(trail, "210987654321", "CloudTrail", "eu-west-1", time, "q7GmT2xLw0RbZ4nC"),
            "AWSLogs/210987654321/CloudTrail/eu-west-1/2026/03/02/"
            "210987654321_CloudTrail_eu-west-1_20260302T1015Z_q7GmT2xLw0RbZ4nC.json.gz");
  trail.prefix = "logs/deep";
  EXPECT_EQ(log_file_key(trail, "210987654321", "CloudTrail", "us-east-1", time, "x").substr(0, 18), "logs/deep/AWSLogs/");
  EXPECT_EQ(marker_key(trail), "logs/deep/AWSLogs/210987654321/CloudTrail/");
  trail.organization = "o-k3strel9ab";
  trail.prefix = "logs";
  EXPECT_EQ(log_file_key(trail, "345678901234", "CloudTrail", "eu-west-1", time, "q7GmT2xLw0RbZ4nC"),
            "logs/AWSLogs/o-k3strel9ab/345678901234/CloudTrail/eu-west-1/2026/03/02/"
            "345678901234_CloudTrail_eu-west-1_20260302T1015Z_q7GmT2xLw0RbZ4nC.json.gz");
  EXPECT_EQ(marker_key(trail), "logs/AWSLogs/o-k3strel9ab/210987654321/CloudTrail/");
}

TEST(Trail, digests_chain_since_the_last_thing_that_began_them) {
  auto trail = kestrel();
  const auto at = [](const char* text) { return *parse_rfc3339(text); };
  trail.created = at("2026-03-02T10:00:00Z");
  EXPECT_FALSE(trail.chained());
  trail.logging = true;
  EXPECT_FALSE(trail.chained());
  trail.validation = true;
  EXPECT_EQ(trail.chained(), at("2026-03-02T10:00:00Z"));
  trail.started = at("2026-03-02T10:10:00Z");
  EXPECT_EQ(trail.chained(), at("2026-03-02T10:10:00Z"));
  trail.validated = at("2026-03-02T10:20:00Z");
  EXPECT_EQ(trail.chained(), at("2026-03-02T10:20:00Z"));
  trail.started = at("2026-03-02T10:30:00Z");
  EXPECT_EQ(trail.chained(), at("2026-03-02T10:30:00Z"));
  trail.logging = false;
  EXPECT_FALSE(trail.chained());
}

TEST(Trail, documents_and_controls_round_trip) {
  auto trail = kestrel();
  trail.multi_region = true;
  trail.started = *parse_rfc3339("2026-03-02T10:19:59.123Z");
  trail.validation = true;
  trail.validated = *parse_rfc3339("2026-03-02T10:20:59.123Z");
  trail.tags = {{"team", "audit"}, {"empty", ""}, {"none", std::nullopt}};
  const auto back = from_document(to_document(trail));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_document(*back), to_document(trail));
  EXPECT_EQ(back->tags, trail.tags) << "no value is not an empty one";

  const auto change = parse_control(control_of(trail));
  ASSERT_TRUE(change && *change);
  EXPECT_EQ((*change)->arn, "arn:aws:cloudtrail:eu-west-1:210987654321:trail/kestrel-main");
  EXPECT_EQ(to_document(*(*change)->trail), to_document(trail));

  // Written before there were organizations.
  auto before = to_document(trail);
  before.erase("organization");
  EXPECT_EQ(from_document(before)->organization, "");
  trail.organization = "o-k3strel9ab";
  EXPECT_EQ(from_document(to_document(trail))->organization, "o-k3strel9ab");

  // Written before there were digests.
  before.erase("validation");
  before.erase("validated");
  EXPECT_FALSE(from_document(before)->validation);
  EXPECT_FALSE(from_document(before)->validated);

  const auto gone = parse_control(deletion_control_of(trail));
  ASSERT_TRUE(gone && *gone);
  EXPECT_FALSE((*gone)->trail);
  EXPECT_FALSE(*parse_control(R"({"type":"other"})"));
  EXPECT_FALSE(parse_control("[]"));
}

struct ConcernCase {
  std::string_view why;
  bool multi_region;
  bool logging;
  std::string account;
  std::string region;
  event::Category category;
  bool concerned;
};

TEST(Trail, concerns_events_of_its_account_and_regions) {
  using enum event::Category;
  const ConcernCase cases[] = {
      {"its own region", false, true, "210987654321", "eu-west-1", management, true},
      {"another region", false, true, "210987654321", "us-east-1", management, false},
      {"another region, multi-region trail", true, true, "210987654321", "us-east-1", management, true},
      {"stopped", true, false, "210987654321", "eu-west-1", management, false},
      {"another account", true, true, "345678901234", "eu-west-1", management, false},
      {"a data event", true, true, "210987654321", "eu-west-1", data, true},
  };
  for (const auto& c : cases) {
    auto trail = kestrel();
    trail.multi_region = c.multi_region;
    trail.logging = c.logging;
    event::View view;
    view.recipient_account = c.account;
    view.region = c.region;
    view.category = c.category;
    EXPECT_EQ(concerns(trail, view), c.concerned) << c.why;
  }
}

TEST(Trail, an_organizations_concerns_events_of_its_members) {
  auto trail = kestrel();
  trail.logging = true;
  trail.organization = "o-k3strel9ab";
  event::View view;
  view.region = "eu-west-1";
  for (const auto* account : {"210987654321", "345678901234"}) {
    view.recipient_account = account;
    EXPECT_TRUE(concerns(trail, view, "o-k3strel9ab"));
    EXPECT_FALSE(concerns(trail, view, "o-another000"));
    EXPECT_FALSE(concerns(trail, view)) << "who is in none, whoever made the trail";
  }
  trail.organization.clear();
  EXPECT_FALSE(concerns(trail, view, "o-k3strel9ab")) << "a trail of its account alone";
}

TEST(Trail, global_services_events_can_be_left_out) {
  auto trail = kestrel();
  trail.home_region = "us-east-1";
  for (const bool include : {true, false}) {
    trail.include_global_service_events = include;
    for (const auto* source :
         {"iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com", "s3.amazonaws.com"}) {
      event::View view;
      view.recipient_account = "210987654321";
      view.region = "us-east-1";
      view.source = source;
      EXPECT_EQ(concerns(trail, view), include || view.source == "s3.amazonaws.com") << source;
    }
  }
  trail.home_region = "eu-west-1";
  event::View regional;
  regional.recipient_account = "210987654321";
  regional.region = "eu-west-1";
  regional.source = "sts.amazonaws.com";
  EXPECT_TRUE(concerns(trail, regional)) << "a Regional endpoint's calls are not global";
}

}  // namespace
}  // namespace cairn::trail
