// Digests of many lanes: accounts that come and go, and how much is made at once.
#include <gmock/gmock.h>

#include "delivery/digests_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kMember = "444455556666";
constexpr const char* kOrganization = "o-k3strel9ab";
constexpr const char* kMembers = "444455556666 eu-west-1 kestrel";

class DigestsLanesTest : public DigestsTest {
 protected:
  void member(const std::string& account, std::optional<std::string> organization) {
    entries.add_control(
        organization::control_of({.account = account, .organization = std::move(organization)}));
  }
  void says(const std::string& account) { entries.add_record(record("one", account, "eu-west-1")); }
  trail::Trail of_organization() {
    auto trail = validated(true);
    trail.organization = kOrganization;
    return trail;
  }
  void open_with_keys_and(const Options& options) {
    open_with_keys();
    close();
    open(options);
  }
  // In the order in which they were put.
  std::vector<std::string> digests() {
    std::vector<std::string> accounts;
    for (const auto& put : s3.puts()) {
      if (is_digest(put)) {
        accounts.push_back(integrity::parse_digest_key(put.key)->account);
      }
    }
    return accounts;
  }
};

TEST_F(DigestsLanesTest, an_account_that_left_its_organization_has_no_more) {
  open_with_keys();
  member(std::string(kAccount), kOrganization);
  member(kMember, kOrganization);
  control(of_organization());
  says(kMember);
  pass_and_deliver();  // 10:16
  pass_and_deliver();  // 10:17
  says(kMember);
  member(kMember, std::nullopt);
  says(kMember);       // in no file of the trail
  pass_and_deliver();  // 10:18: a file; behind it the last digest
  for (int i = 0; i < 5; ++i) {
    pass_and_deliver();  // 10:23
  }
  auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kMembers), ElementsAre("10:15:00-10:17:00 begins 1", "10:17:00-10:19:00 1"));
  EXPECT_EQ(audit.lanes.at(kHome).size(), 5U) << "the trail's own account goes on";
  reopen(options());
  pass_and_deliver();  // 10:24
  pass_and_deliver();  // 10:25
  EXPECT_EQ(audited().lanes.at(kMembers).size(), 2U);
  member(kMember, kOrganization);
  says(kMember);
  pass_and_deliver();  // 10:26
  pass_and_deliver();  // 10:27
  member(kMember, "o-another000");
  pass_and_deliver();  // 10:28
  pass_and_deliver();  // 10:29
  pass_and_deliver();
  audit = audited();
  EXPECT_THAT(audit.lanes.at(kMembers), ElementsAre("10:15:00-10:17:00 begins 1", "10:17:00-10:19:00 1",
                                                    "10:25:00-10:27:00 begins 1", "10:27:00-10:28:00"));
  EXPECT_EQ(audit.lanes.at(kHome).size(), 8U);
  EXPECT_EQ(undigested(), 0U);
}

// It was in while the file was made, and not any more when the bucket took it.
TEST_F(DigestsLanesTest, a_file_of_an_account_that_has_left_is_listed) {
  open_with_keys();
  member(std::string(kAccount), kOrganization);
  member(kMember, kOrganization);
  control(of_organization());
  says(kMember);
  s3.hold("audit", true);
  ASSERT_TRUE(take());
  pass();  // 10:16: planned
  member(kMember, std::nullopt);
  ASSERT_TRUE(take());
  pass();
  pass();
  s3.hold("audit", false);
  ASSERT_TRUE(all_uploaded());
  pass_and_deliver();  // 10:19
  pass_and_deliver();  // 10:20
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kMembers), ElementsAre("10:17:00-10:19:00 begins 1"));
  pass_and_deliver();
  pass_and_deliver();
  EXPECT_EQ(audited().lanes.at(kMembers).size(), 1U);
}

TEST_F(DigestsLanesTest, much_that_is_due_at_once_is_made_bit_by_bit_and_the_oldest_first) {
  constexpr std::size_t kMost = 5;
  constexpr int kAccounts = 12;
  auto few = options();
  few.digests_max = kMost;
  open_with_keys_and(few);
  member(std::string(kAccount), kOrganization);
  for (int i = 0; i < kAccounts; ++i) {
    member(std::to_string(444'455'556'600 + i), kOrganization);
  }
  control(of_organization());
  for (int i = 0; i < kAccounts; ++i) {
    says(std::to_string(444'455'556'600 + i));
  }
  pass_and_deliver();  // 10:16: twelve files, and the first digest at home
  ASSERT_EQ(digests().size(), 1U);
  clock.advance(Millis{300'000});  // 10:21: three intervals
  std::size_t before = 1;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(tick());
    ASSERT_TRUE(all_uploaded());
    const auto now = digests().size();
    EXPECT_LE(now, before + kMost);
    before = now;
  }
  const auto made = digests();
  ASSERT_EQ(made.size(), 1U + 2 * (kAccounts + 1));
  const std::set<std::string> first(made.begin() + 1, made.begin() + 1 + kAccounts + 1);
  EXPECT_EQ(first.size(), kAccounts + 1U) << "each has its first one before any has its second";
  EXPECT_EQ(audited().lanes.size(), kAccounts + 1U);
  EXPECT_EQ(undigested(), 0U);
}

TEST_F(DigestsLanesTest, a_call_lists_so_many_files_and_no_more) {
  auto few = options();
  few.digest_files_max = 4;
  open_with_keys_and(few);
  member(std::string(kAccount), kOrganization);
  for (int i = 0; i < 9; ++i) {
    member(std::to_string(444'455'556'600 + i), kOrganization);
  }
  control(of_organization());
  for (int i = 0; i < 9; ++i) {
    says(std::to_string(444'455'556'600 + i));
  }
  pass_and_deliver();
  clock.advance(Millis{60'000});  // 10:17
  std::size_t before = digests().size();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(tick());
    ASSERT_TRUE(all_uploaded());
    EXPECT_LE(digests().size(), before + 4);
    before = digests().size();
  }
  EXPECT_EQ(undigested(), 0U);
}

TEST_F(DigestsLanesTest, digests_that_are_dropped_are_counted) {
  auto impatient = options();
  impatient.give_up_after = Millis{600'000};
  open_with_keys_and(impatient);
  const auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_digests_total 0"));
  s3.refuse("audit", "AccessDenied");
  ASSERT_TRUE(take());
  pass();  // 10:17: a digest
  ASSERT_TRUE(eventually([&] { return status_of(trail).digest_error == "AccessDenied"; }));
  clock.advance(Millis{601'000});
  ASSERT_TRUE(eventually([this] { return waiting() == 0; }));
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_digests_total 1"));
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_files_total 0"));
}

}  // namespace
}  // namespace cairn::delivery::testing
