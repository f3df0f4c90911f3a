// What a digest is told of a log file, and its documents.
#include "delivery/listing.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/hash.h"
#include "delivery/delivery_testing.h"

namespace cairn::delivery::testing {
namespace {

const std::string kHash = "aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899";

Undigested file() {
  return {
      .lane = {.trail_arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel",
               .account = "111122223333",
               .region = "us-east-1"},
      .trail_created = kStart,
      .number = 31,
      .bucket = "kestrel-audit",
      .key =
          "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/111122223333_CloudTrail_us-east-1_x.json.gz",
      .delivered = kStart + Millis{1},
      .listing = {.account = "111122223333", .hash = kHash, .newest = kStart, .oldest = std::nullopt}};
}

TEST(Listing, is_what_the_file_says) {
  const auto one = record("one", "111122223333", "eu-west-1");
  auto two = record("two", "111122223333", "eu-west-1");
  two.replace(two.find("10:15:00Z"), 9, "10:14:07Z");
  const auto json = "{\"Records\":[" + one + "," + two + "]}";
  const auto listing = listing_of("111122223333", json);
  EXPECT_EQ(listing.hash, codec::hex_encode(crypto::sha256(json)));
  EXPECT_EQ(listing.newest, *parse_rfc3339("2026-03-02T10:15:00Z"));
  EXPECT_EQ(listing.oldest, *parse_rfc3339("2026-03-02T10:14:07Z"));
  const auto none = listing_of("111122223333", "no records");
  EXPECT_EQ(none.hash.size(), 64U);
  EXPECT_FALSE(none.newest || none.oldest);
  EXPECT_EQ(account_in(file().key), "111122223333");
}

TEST(Listing, documents_are_read_and_written_alike) {
  const auto kept = file();
  EXPECT_EQ(
      kept.catalog_key(),
      "delivery/undigested/arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel/111122223333/us-east-1/"
      "00000000000000000031");
  const auto read = undigested_from({.key = kept.catalog_key(), .value = kept.document(), .version = 1});
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->document(), kept.document());
  EXPECT_EQ(read->listing, kept.listing);
  EXPECT_EQ(read->delivered, kept.delivered);
  EXPECT_EQ(read->trail_created, kept.trail_created);
}

TEST(Listing, what_was_not_written_is_noticed) {
  const auto text = file().document();
  const auto with = [&](std::string_view is, std::string_view becomes) {
    auto changed = text;
    changed.replace(changed.find(is), is.size(), becomes);
    return undigested_from({.key = file().catalog_key(), .value = changed, .version = 1}).has_value();
  };
  EXPECT_TRUE(with("\"v\":1", "\"v\":1"));
  EXPECT_FALSE(with("\"v\":1", "\"v\":2"));
  EXPECT_FALSE(with("\"number\":31", "\"number\":32"));
  EXPECT_FALSE(with("us-east-1", "us-east-2"));
  EXPECT_FALSE(with("\"bucket\":\"kestrel-audit\"", "\"bucket\":\"\""));
  EXPECT_FALSE(with("\"delivered\":1", "\"delivered\":\"1\",\"x\":1"));
  EXPECT_FALSE(with("\"sha256\":\"aa", "\"sha256\":\"a"));
  EXPECT_FALSE(undigested_from({.key = file().catalog_key(), .value = "[]", .version = 1}));
}

}  // namespace
}  // namespace cairn::delivery::testing
