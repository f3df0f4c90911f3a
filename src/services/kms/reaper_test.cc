#include "services/kms/reaper.h"

#include "event/outbox_row.h"
#include "services/kms/testing.h"

namespace cairn::services::kms {
namespace {

class ReaperTest : public testing::KmsWorld {
 protected:
  struct At final : Clock {
    Time time;
    Time now() const override { return time; }
  };

  std::size_t reap(Time time) {
    clock.time = time;
    const auto reaped = run(reaper.reap());
    EXPECT_TRUE(reaped);
    return reaped ? *reaped : 0;
  }

  At clock;
  Reaper reaper{catalog, clock};
};

TEST_F(ReaperTest, a_key_goes_with_its_aliases_when_it_is_due_and_the_others_stay) {
  const auto due = new_key();
  const auto kept = new_key();
  const auto saved = new_key();
  for (const auto& [alias, key] : {std::pair("alias/due", due), std::pair("alias/kept", kept)}) {
    ASSERT_EQ(text("CreateAlias", {{"AliasName", alias}, {"TargetKeyId", key}}), "{}");
  }
  ASSERT_TRUE(answer("ScheduleKeyDeletion", {{"KeyId", due}, {"PendingWindowInDays", 7}}));
  ASSERT_TRUE(answer("ScheduleKeyDeletion", {{"KeyId", saved}, {"PendingWindowInDays", 7}}));
  ASSERT_TRUE(answer("CancelKeyDeletion", {{"KeyId", saved}}));
  EXPECT_EQ(reap(now + std::chrono::days(7) - Millis{1}), 0U);
  EXPECT_EQ(all().size(), 5U);
  EXPECT_EQ(reap(now + std::chrono::days(7)), 1U);
  EXPECT_EQ(all().size(), 3U);
  EXPECT_EQ(answer("ListAliases")->at("Aliases").at(0).at("AliasName"), "alias/kept");
  const auto rows = run(catalog.outbox(0, 10));
  ASSERT_EQ(rows->size(), 1U);
  const auto body = std::string(event::decode_outbox_row(rows->front().payload)->body);
  EXPECT_NE(body.find(R"("eventName":"DeleteKey")"), std::string::npos);
  EXPECT_NE(body.find(arn_of(due)), std::string::npos);
  EXPECT_EQ(reap(now + std::chrono::days(8)), 0U);
}

}  // namespace
}  // namespace cairn::services::kms
