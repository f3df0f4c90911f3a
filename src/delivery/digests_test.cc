// Digests: what is in which one, where chains begin and end, and what holds a digest up.
#include <gmock/gmock.h>

#include "delivery/digests_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST_F(DigestsTest, a_trail_without_validation_has_none) {
  open(options());
  control(make_trail("kestrel", "audit"));
  for (int i = 0; i < 5; ++i) {
    say("one");
    pass_and_deliver();
  }
  EXPECT_THAT(audited().lanes, IsEmpty());
  EXPECT_EQ(undigested(), 0U);
  EXPECT_THAT(run(catalog->scan(std::string(kChainPrefix), "", 10)).value(), IsEmpty());
  EXPECT_THAT(run(catalog->scan(std::string(signing::kKeysPrefix), "", 10)).value(), IsEmpty());
}

TEST_F(DigestsTest, a_chain_goes_on_from_interval_to_interval) {
  open_with_keys();
  const auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  EXPECT_EQ(undigested(), 1U);
  say("two");
  pass_and_deliver();  // 10:17: the file of before
  say("three");
  pass_and_deliver();  // 10:18
  pass_and_deliver();  // 10:19: two files
  pass_and_deliver();
  pass_and_deliver();  // 10:21: none
  const auto audit = audited();
  EXPECT_THAT(audit.lanes,
              ElementsAre(Pair(kHome, ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                  "10:17:00-10:19:00 2", "10:19:00-10:21:00"))));
  EXPECT_EQ(audit.listed.size(), 3U);
  EXPECT_EQ(undigested(), 0U);
  EXPECT_EQ(status_of(trail).digest_delivered, clock.now());
  EXPECT_EQ(status_of(trail).digest_error, "");
  EXPECT_EQ(status_of(trail).delivered, kStart + Millis{180'000}) << "a digest is no log file";
  EXPECT_EQ(status_of(trail).files, 3U);
  EXPECT_FALSE(status_of(trail, "us-east-1").digest_delivered);
}

TEST_F(DigestsTest, a_digest_says_when_the_events_were) {
  open_with_keys();
  control(validated());
  auto early = record("early", kAccount, "eu-west-1");
  early.replace(early.find("10:15:00Z"), 9, "10:14:07Z");
  entries.add_record(early);
  say("late");
  pass_and_deliver();
  pass_and_deliver();
  const auto put = s3.puts().back();
  ASSERT_TRUE(is_digest(put));
  EXPECT_EQ(put.key,
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/"
            "111122223333_CloudTrail-Digest_eu-west-1_kestrel_eu-west-1_20260302T101700Z.json.gz");
  EXPECT_EQ(put.call.input.at("ContentType"), "application/json");
  EXPECT_EQ(put.call.input.at("ContentEncoding"), "gzip");
  const auto text = codec::gzip_decompress(put.body, 1U << 20);
  const auto digest = integrity::digest_from(*text);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->oldest_event, *parse_rfc3339("2026-03-02T10:14:07Z"));
  EXPECT_EQ(digest->newest_event, *parse_rfc3339("2026-03-02T10:15:00Z"));
  ASSERT_EQ(digest->log_files.size(), 1U);
  EXPECT_EQ(digest->log_files[0].oldest_event, digest->oldest_event);
  EXPECT_EQ(digest->log_files[0].newest_event, digest->newest_event);
}

TEST_F(DigestsTest, a_region_begins_with_its_first_file_and_has_a_key_of_its_own) {
  open(options());
  control(validated(true));
  for (int i = 0; i < 5; ++i) {
    say("here");
    if (i == 3) {
      say("there", "us-east-1");
    }
    pass_and_deliver();
  }
  pass_and_deliver();
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                 "10:17:00-10:19:00 2", "10:19:00-10:21:00 2"));
  EXPECT_THAT(audit.lanes.at(kElsewhere), ElementsAre("10:19:00-10:21:00 begins 1"));
  EXPECT_EQ(run(catalog->scan(std::string(signing::kKeysPrefix), "", 10))->size(), 2U);
}

TEST_F(DigestsTest, a_trail_that_stops_has_a_last_digest_with_all_that_remains) {
  open_with_keys();
  auto trail = validated(true);
  control(trail);
  say("one");
  say("there", "us-east-1");
  pass_and_deliver();  // 10:16
  say("the call that stops it");
  trail.logging = false;
  trail.stopped = clock.now();
  control(trail);
  say("not logged");
  pass_and_deliver();  // 10:17, and the interval's digest
  clock.advance(Millis{2'000});
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  clock.advance(Millis{600'000});
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome),
              ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1", "10:17:00-10:17:02 1"));
  EXPECT_THAT(audit.lanes.at(kElsewhere), ElementsAre("10:15:00-10:17:00 begins 1"));
  EXPECT_EQ(undigested(), 0U);
}

TEST_F(DigestsTest, a_trail_that_starts_again_has_a_new_chain) {
  open_with_keys();
  auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  trail.logging = false;
  control(trail);
  pass_and_deliver();  // 10:17
  clock.advance(Millis{2'000});
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  trail.logging = true;
  trail.started = clock.now();  // 10:17:02
  control(trail);
  say("two");
  pass_and_deliver();  // 10:18:02
  pass_and_deliver();
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                     "10:17:00-10:17:02 begins", "10:17:02-10:19:02 1"));
  EXPECT_EQ(undigested(), 0U);
}

}  // namespace
}  // namespace cairn::delivery::testing
