// Trails of an organization: whose records they take, from which position on, and where these lie.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr journal::Partition kPartition{0};
constexpr const char* kMember = "444455556666";
constexpr const char* kOrganization = "o-k3strel9ab";

class OrganizationTest : public DeliveryTest {
 protected:
  void member(const std::string& account, std::optional<std::string> organization) {
    entries.add_control(organization::control_of({.account = account, .organization = std::move(organization)}));
  }
  void says(const std::string& account, std::string_view id) {
    entries.add_record(record(id, account, "eu-west-1"));
  }
  static trail::Trail all_of(const std::string& organization, const std::string& name = "all") {
    auto trail = make_trail(name, name, "eu-west-1", true);
    trail.organization = organization;
    return trail;
  }
};

TEST_F(OrganizationTest, members_records_lie_below_the_organization) {
  open();
  member(std::string(kAccount), kOrganization);
  member(kMember, kOrganization);
  control(all_of(kOrganization));
  control(make_trail("own", "own", "eu-west-1", true));
  control(all_of("o-another000", "another"));
  says(std::string(kAccount), "1");
  says(kMember, "2");
  says("777788889999", "nobody's");
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_THAT(ids("all"), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(ids("own"), ElementsAre("1"));
  EXPECT_THAT(ids("another"), ElementsAre());
  for (const auto& put : s3.puts()) {
    EXPECT_EQ(put.bucket == "all", put.key.starts_with("AWSLogs/o-k3strel9ab/")) << put.key;
    EXPECT_EQ(put.call.on_behalf.source_account, kAccount) << "the trail is the management account's";
  }
}

// Joining, leaving, and a trail that becomes another's hold from their place in the journal, in a replay too.
TEST_F(OrganizationTest, a_change_of_the_members_holds_from_its_position) {
  open();
  auto trail = all_of(kOrganization);
  member(std::string(kAccount), kOrganization);
  control(trail);
  says(kMember, "before it joined");
  member(kMember, kOrganization);
  says(kMember, "1");
  member(kMember, std::nullopt);
  says(kMember, "after it left");
  member(kMember, "o-another000");
  says(kMember, "in another");
  member(kMember, kOrganization);
  says(kMember, "2");
  trail.organization = "";
  control(trail);
  says(kMember, "the account's alone");
  says(std::string(kAccount), "3");
  trail.organization = kOrganization;
  control(trail);
  says(kMember, "4");
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_THAT(ids("all"), UnorderedElementsAre("1 2 4", "3"));

  for (std::size_t cut = 0; cut <= entries.size(); ++cut) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    const auto before = s3.puts().size();
    open();
    ASSERT_TRUE(delivery->take(*entries.batch(0, cut)));
    pass();
    reopen();
    position = delivery->cursor(kPartition).raw();
    ASSERT_TRUE(take());
    pass();
    ASSERT_TRUE(all_uploaded());
    const auto puts = s3.puts();
    EXPECT_EQ(delivered({puts.begin() + static_cast<std::ptrdiff_t>(before), puts.end()}), entries.expected())
        << cut;
  }
}

TEST_F(OrganizationTest, a_damaged_membership_stops_delivery_and_loses_nothing) {
  open();
  control(all_of(kOrganization));
  entries.add_control(R"({"type":"member","account":"444455556666"})");
  says(kMember, "1");
  EXPECT_EQ(take().error().code, Errc::corrupt);
}

}  // namespace
}  // namespace cairn::delivery::testing
