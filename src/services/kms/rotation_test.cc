// Rotation as its callers see it; what happens on its day is upkeep_test.cc's.
#include "keys/key.h"
#include "services/kms/testing.h"

namespace cairn::services::kms {
namespace {

class RotationTest : public testing::KmsWorld {};

TEST_F(RotationTest, what_a_key_says_of_it) {
  const auto key = new_key();
  EXPECT_EQ(text("GetKeyRotationStatus", {{"KeyId", key}}),
            R"({"KeyRotationEnabled":false,"KeyId":")" + key + "\"}");
  ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}}), "{}");
  auto shown = *answer("GetKeyRotationStatus", {{"KeyId", key}});
  EXPECT_EQ(shown.at("KeyRotationEnabled"), true);
  EXPECT_EQ(shown.at("RotationPeriodInDays"), 365);
  const auto date = shown.at("NextRotationDate").as_double();
  EXPECT_EQ(date, static_cast<double>((now + std::chrono::days(365)).time_since_epoch().count()) / 1000);
  now += std::chrono::days(1);
  ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}}), "{}");
  EXPECT_EQ(answer("GetKeyRotationStatus", {{"KeyId", key}})->at("NextRotationDate"), date)
      << "nothing changed";
  ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}, {"RotationPeriodInDays", 90}}), "{}");
  EXPECT_LT(answer("GetKeyRotationStatus", {{"KeyId", key}})->at("NextRotationDate").as_double(), date);
  ASSERT_EQ(text("DisableKeyRotation", {{"KeyId", key}}), "{}");
  EXPECT_EQ(answer("GetKeyRotationStatus", {{"KeyId", key}})->at("KeyRotationEnabled"), false);
}

TEST_F(RotationTest, at_once) {
  const auto key = new_key();
  const auto old = answer("Encrypt", {{"KeyId", key}, {"Plaintext", "ZWdncw=="}});
  const auto before = answer("DescribeKey", {{"KeyId", key}})->at("KeyMetadata").at("CurrentKeyMaterialId");
  EXPECT_EQ(text("RotateKeyOnDemand", {{"KeyId", key}}), R"({"KeyId":")" + key + "\"}");
  EXPECT_NE(answer("DescribeKey", {{"KeyId", key}})->at("KeyMetadata").at("CurrentKeyMaterialId"), before);
  EXPECT_EQ(answer("Decrypt", {{"CiphertextBlob", old->at("CiphertextBlob")}})->at("Plaintext"), "ZWdncw==");
  const auto all = answer("ListKeyRotations", {{"KeyId", key}, {"IncludeKeyMaterial", "ALL_KEY_MATERIAL"}});
  ASSERT_EQ(all->at("Rotations").as_array().size(), 2U);
  EXPECT_EQ(all->at("Rotations").at(0).at("KeyMaterialId"), before);
  EXPECT_EQ(all->at("Rotations").at(1).at("RotationType"), "ON_DEMAND");
  const auto page =
      answer("ListKeyRotations", {{"KeyId", key}, {"IncludeKeyMaterial", "ALL_KEY_MATERIAL"}, {"Limit", 1}});
  EXPECT_EQ(page->at("Truncated"), true);
  const auto rest = answer("ListKeyRotations", {{"KeyId", key},
                                                {"IncludeKeyMaterial", "ALL_KEY_MATERIAL"},
                                                {"Limit", 1},
                                                {"Marker", page->at("NextMarker")}});
  EXPECT_EQ(rest->at("Rotations").at(0), all->at("Rotations").at(1));
  for (std::size_t i = 1; i < cairn::keys::Limits::on_demand_rotations_max; ++i) {
    ASSERT_TRUE(answer("RotateKeyOnDemand", {{"KeyId", key}}));
  }
  EXPECT_EQ(text("RotateKeyOnDemand", {{"KeyId", key}}), "LimitExceededException");
}

TEST_F(RotationTest, of_keys_that_are_in_use) {
  const auto key = new_key();
  ASSERT_EQ(text("EnableKeyRotation", {{"KeyId", key}}), "{}");
  ASSERT_EQ(text("DisableKey", {{"KeyId", key}}), "{}");
  for (const auto* operation : {"EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"}) {
    EXPECT_EQ(text(operation, {{"KeyId", key}}), "DisabledException") << operation;
  }
  ASSERT_TRUE(answer("ScheduleKeyDeletion", {{"KeyId", key}, {"PendingWindowInDays", 7}}));
  EXPECT_EQ(text("EnableKeyRotation", {{"KeyId", key}}), "KMSInvalidStateException");
  EXPECT_EQ(answer("GetKeyRotationStatus", {{"KeyId", key}})->at("KeyRotationEnabled"), false);
}

}  // namespace
}  // namespace cairn::services::kms
