#include "services/kms/upkeep.h"

#include "event/outbox_row.h"
#include "services/kms/testing.h"

namespace cairn::services::kms {
namespace {

class UpkeepTest : public testing::KmsWorld {
 protected:
  struct At final : Clock {
    Time time;
    Time now() const override { return time; }
  };

  Upkeep::Done pass(Time time) {
    clock.time = time;
    const auto done = run(upkeep.pass());
    EXPECT_TRUE(done);
    return done ? *done : Upkeep::Done();
  }
  std::size_t reap(Time time) { return pass(time).removed; }

  At clock;
  Upkeep upkeep{catalog, sealer, clock};
};

TEST_F(UpkeepTest, a_key_goes_with_its_aliases_when_it_is_due_and_the_others_stay) {
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

TEST_F(UpkeepTest, material_is_replaced_on_its_day_and_the_old_still_decrypts) {
  const auto key = new_key();
  const auto old = answer("Encrypt", {{"KeyId", key}, {"Plaintext", "ZWdncw=="}});
  ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}, {"RotationPeriodInDays", 90}}), "{}");
  EXPECT_EQ(pass(now + std::chrono::days(90) - Millis{1}).rotated, 0U);
  EXPECT_EQ(pass(now + std::chrono::days(90)).rotated, 1U);
  EXPECT_EQ(pass(now + std::chrono::days(91)).rotated, 0U);
  EXPECT_EQ(pass(now + std::chrono::days(180)).rotated, 1U) << "from the last time on";
  const auto body = std::string(event::decode_outbox_row(run(catalog.outbox(0, 10))->front().payload)->body);
  EXPECT_NE(body.find(R"("eventName":"RotateKey")"), std::string::npos);
  EXPECT_EQ(answer("Decrypt", {{"CiphertextBlob", old->at("CiphertextBlob")}})->at("Plaintext"), "ZWdncw==");
  const auto rotations = answer("ListKeyRotations", {{"KeyId", key}})->at("Rotations");
  ASSERT_EQ(rotations.as_array().size(), 2U);
  EXPECT_EQ(rotations.at(0).at("RotationType"), "AUTOMATIC");
  EXPECT_EQ(rotations.at(0).at("KeyMaterialState"), "NON_CURRENT");
  EXPECT_EQ(rotations.at(1).at("KeyMaterialState"), "CURRENT");
}

TEST_F(UpkeepTest, what_does_not_rotate_is_left_alone) {
  const auto never = new_key();
  const auto no_longer = new_key();
  const auto going = new_key();
  for (const auto& key : {no_longer, going}) {
    ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}}), "{}");
  }
  ASSERT_EQ(text("DisableKeyRotation", {{"KeyId", no_longer}}), "{}");
  ASSERT_TRUE(answer("ScheduleKeyDeletion", {{"KeyId", going}, {"PendingWindowInDays", 30}}));
  EXPECT_EQ(pass(now + std::chrono::days(29)).rotated, 0U);
  const auto done = pass(now + std::chrono::days(366));
  EXPECT_EQ(done.rotated, 0U);
  EXPECT_EQ(done.removed, 1U);
  EXPECT_EQ(answer("ListKeyRotations", {{"KeyId", never}})->at("Rotations").as_array().size(), 0U);
}

}  // namespace
}  // namespace cairn::services::kms
