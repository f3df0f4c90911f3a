// ListPublicKeys: what is listed, when, and what is refused.
#include "codec/base64.h"
#include "crypto/master_key.h"
#include "services/cloudtrail/cloudtrail_testing.h"
#include "signing/signing_keys.h"

namespace cairn::services::cloudtrail {
namespace {

using ListPublicKeysTest = CloudTrailTest;

TEST_F(ListPublicKeysTest, lists_the_keys_of_a_time_and_region) {
  const crypto::Sealer sealer{crypto::MasterKey::generate()};
  auto made = signing::make_key(sealer, "us-east-1", now);
  ASSERT_TRUE(made);
  const auto kept = run(signing::keep_key(catalog, sealer, *std::move(made)));
  ASSERT_TRUE(kept);
  const auto& key = kept->shown;
  const auto shown = json::serialize(
      object{{"PublicKeyList", array{object{{"Value", codec::base64_encode(key.der)},
                                            {"ValidityStartTime", seconds_since_epoch(key.valid_from)},
                                            {"ValidityEndTime", seconds_since_epoch(key.valid_until)},
                                            {"Fingerprint", key.fingerprint}}}}});
  const std::string none = R"({"PublicKeyList":[]})";
  const auto at = seconds_since_epoch(now);
  constexpr double kMonth = 30 * 86'400;
  EXPECT_EQ(text("ListPublicKeys"), shown) << "now, where no time is given";
  EXPECT_EQ(text("ListPublicKeys", {{"StartTime", at - 99 * kMonth}}), shown);
  EXPECT_EQ(text("ListPublicKeys", {{"EndTime", at + kMonth}}), shown);
  EXPECT_EQ(text("ListPublicKeys", {{"StartTime", at - 3 * kMonth}, {"EndTime", at - 2 * kMonth}}), none);
  EXPECT_EQ(text("ListPublicKeys", {{"StartTime", at + 2 * kMonth}, {"EndTime", at + 3 * kMonth}}), none);
  EXPECT_EQ(text("ListPublicKeys", {}, "eu-west-1"), none);
}

TEST_F(ListPublicKeysTest, refuses_what_is_no_time_and_any_token) {
  const auto at = seconds_since_epoch(now);
  EXPECT_THAT(text("ListPublicKeys", {{"StartTime", at + 1}}), StartsWith("InvalidTimeRangeException"));
  EXPECT_THAT(text("ListPublicKeys", {{"EndTime", at - 1}}), StartsWith("InvalidTimeRangeException"));
  EXPECT_THAT(text("ListPublicKeys", {{"StartTime", 1e300}}), StartsWith("InvalidTimeRangeException"));
  EXPECT_THAT(text("ListPublicKeys", {{"NextToken", "x"}}), StartsWith("InvalidTokenException"));
}

}  // namespace
}  // namespace cairn::services::cloudtrail
