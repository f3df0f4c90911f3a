// Digests where something stands in the way: buckets that refuse or change, trails that go and come back,
// restarts, full spools, and keys.
#include "delivery/digests_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(DigestsTest, a_bucket_that_refuses_has_its_digests_later_and_in_order) {
  open_with_keys();
  const auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  s3.refuse("audit", "AccessDenied");
  say("two");
  ASSERT_TRUE(take());
  pass();  // 10:17: a file, and a digest behind it
  pass();
  pass();  // 10:19: another digest, empty
  ASSERT_TRUE(eventually([&] { return status_of(trail).digest_error == "AccessDenied"; }));
  EXPECT_EQ(status_of(trail).error, "AccessDenied");
  EXPECT_EQ(waiting(), 3U);
  s3.refuse("audit", "");
  ASSERT_TRUE(all_uploaded());
  EXPECT_EQ(status_of(trail).digest_error, "");
  pass_and_deliver();
  pass_and_deliver();  // 10:21
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                     "10:17:00-10:19:00", "10:19:00-10:21:00 1"));
}

TEST_F(DigestsTest, another_bucket_and_prefix_go_on_with_the_chain) {
  open_with_keys();
  auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  pass_and_deliver();  // 10:17
  trail.bucket = "other";
  trail.prefix = "logs";
  control(trail);
  say("two");
  pass_and_deliver();
  pass_and_deliver();  // 10:19
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome),
              ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1", "10:17:00-10:19:00 1"));
  const auto last = s3.puts().back();
  EXPECT_EQ(last.bucket, "other");
  EXPECT_THAT(last.key, ::testing::StartsWith("logs/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/"));
  EXPECT_THAT(codec::gzip_decompress(last.body, 1U << 20).value(),
              HasSubstr(R"("previousDigestS3Bucket":"audit")"));
}

TEST_F(DigestsTest, a_trail_that_is_deleted_and_made_again_has_another_chain) {
  open_with_keys();
  auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  say("the call that deletes it");
  entries.add_control(trail::deletion_control_of(trail));
  trail.created = trail.started.emplace(clock.now() + Millis{30'000});
  trail.validated = trail.started;
  control(trail);
  say("two");
  pass_and_deliver();  // 10:17: the former chain ends at once, the new one begins
  clock.advance(Millis{2'000});
  EXPECT_TRUE(tick());
  pass_and_deliver();
  pass_and_deliver();
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                 "10:17:00-10:17:01 begins 2", "10:17:01-10:18:30"));
  EXPECT_EQ(undigested(), 0U);
}

TEST_F(DigestsTest, a_trail_that_is_deleted_has_a_last_digest) {
  open_with_keys();
  const auto trail = validated();
  control(trail);
  say("one");
  say("the call that deletes it");
  entries.add_control(trail::deletion_control_of(trail));
  pass_and_deliver();  // 10:16: no chain was ever begun
  clock.advance(Millis{2'000});
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:16:00-10:16:02 begins 1"));
  clock.advance(std::chrono::days(6));
  reopen(options());
  EXPECT_THAT(run(catalog->scan(std::string(kChainPrefix), "", 10)).value(), SizeIs(1));
  clock.advance(std::chrono::days(2));
  reopen(options());
  EXPECT_THAT(run(catalog->scan(std::string(kChainPrefix), "", 10)).value(), IsEmpty());
}

TEST_F(DigestsTest, a_trail_of_one_region_again_ends_the_others_chains) {
  open_with_keys();
  auto trail = validated(true);
  control(trail);
  say("there", "us-east-1");
  pass_and_deliver();  // 10:16
  pass_and_deliver();  // 10:17
  trail.multi_region = false;
  control(trail);
  pass_and_deliver();  // 10:18
  pass_and_deliver();  // 10:19
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome),
              ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00", "10:17:00-10:19:00"));
  EXPECT_THAT(audit.lanes.at(kElsewhere), ElementsAre("10:15:00-10:17:00 begins 1", "10:17:00-10:18:00"));
}

TEST_F(DigestsTest, without_validation_a_last_digest_and_then_none) {
  open_with_keys();
  auto trail = validated();
  control(trail);
  say("one");
  pass_and_deliver();  // 10:16
  trail.validation = false;
  control(trail);
  for (int i = 0; i < 4; ++i) {
    say("not listed");
    pass_and_deliver();
  }
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1"));
  trail.validation = true;
  trail.validated = clock.now();  // 10:20
  control(trail);
  say("listed");
  pass_and_deliver();
  pass_and_deliver();
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                 "10:18:00-10:20:00 begins", "10:20:00-10:22:00 1"));
  EXPECT_THAT(audit.listed, SizeIs(2));
}

TEST_F(DigestsTest, what_was_planned_before_validation_and_delivered_after_is_listed) {
  open_with_keys();
  auto trail = validated();
  trail.validation = false;
  control(trail);
  say("before");
  s3.hold("audit", true);
  ASSERT_TRUE(take());
  pass();  // 10:16
  trail.validation = true;
  trail.validated = clock.now();
  control(trail);
  ASSERT_TRUE(take());
  pass();
  s3.hold("audit", false);
  ASSERT_TRUE(all_uploaded());
  pass_and_deliver();  // 10:18
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome), ElementsAre("10:14:00-10:16:00 begins", "10:16:00-10:18:00 1"));
  EXPECT_EQ(audit.listed.size(), audit.delivered.size());
  EXPECT_THAT(codec::gzip_decompress(s3.puts().back().body, 1U << 20).value(),
              HasSubstr(R"("newestEventTime":"2026-03-02T10:15:00Z")"));
}

// Its bytes are read a second time for that, and are gone by then: it is in its bucket, in no digest, and
// counted.
TEST_F(DigestsTest, what_cannot_be_read_again_is_in_no_digest_and_counted) {
  open_with_keys();
  auto trail = validated();
  trail.validation = false;
  control(trail);
  say("before");
  s3.hold("audit", true);
  ASSERT_TRUE(take());
  pass();  // 10:16
  const auto plans = run(catalog->scan(std::string(kPlanPrefix), "", 10)).value();
  ASSERT_THAT(plans, SizeIs(1));
  const auto spool = plan_from(plans[0].value)->spool;
  trail.validation = true;
  trail.validated = clock.now();
  control(trail);
  ASSERT_TRUE(take());
  pass();
  bool is_removed = false;
  const auto remove = [&](std::size_t) {
    if (!std::exchange(is_removed, true)) {
      std::thread([&] {
        async::Loops other{1};
        EXPECT_TRUE(async::run(async::Executor(other.at(0).get_executor()), blob->remove(spool)));
      }).join();
    }
  };
  s3.watch([] { return std::optional<std::size_t>(0); }, remove);
  s3.hold("audit", false);
  ASSERT_TRUE(all_uploaded());
  pass_and_deliver();  // 10:18
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_unlisted_files_total 1"));
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome), ElementsAre("10:14:00-10:16:00 begins", "10:16:00-10:18:00"));
  EXPECT_THAT(audit.delivered, SizeIs(1));
  EXPECT_THAT(audit.listed, IsEmpty());
}

TEST_F(DigestsTest, a_time_without_cairn_is_in_one_digest) {
  open_with_keys();
  control(validated());
  say("one");
  pass_and_deliver();  // 10:16
  close();
  clock.advance(Millis{600'000});
  reopen(options());  // 10:26
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  clock.advance(Millis{60'000});
  EXPECT_TRUE(tick());
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1",
                                                     "10:17:00-10:25:00", "10:25:00-10:27:00"));
}

TEST_F(DigestsTest, what_one_digest_cannot_hold_is_in_the_next) {
  auto few = options();
  few.digest_files_max = 2;
  few.file_bytes_max = 300;  // a record each
  open(few);
  control(validated());
  for (int i = 0; i < 5; ++i) {
    say(std::to_string(i));
  }
  pass_and_deliver();  // 10:16
  pass_and_deliver();  // 10:17
  pass_and_deliver();
  pass_and_deliver();  // 10:19
  const auto audit = audited();
  EXPECT_THAT(audit.lanes.at(kHome),
              ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 2", "10:17:00-10:17:01 2",
                          "10:17:01-10:17:02 1", "10:17:02-10:19:00"));
  EXPECT_THAT(audit.listed, SizeIs(5));
}

TEST_F(DigestsTest, a_full_spool_has_no_room_for_a_digest_and_the_interval_goes_on) {
  auto small = options();
  small.spool_files_max = 1;
  open(small);
  const auto trail = validated();
  control(trail);
  say("one");
  s3.hold("audit", true);
  ASSERT_TRUE(take());
  for (int i = 0; i < 4; ++i) {
    pass();  // to 10:19
  }
  EXPECT_EQ(waiting(), 1U);
  s3.hold("audit", false);
  ASSERT_TRUE(all_uploaded());
  for (int i = 0; i < 3; ++i) {
    pass_and_deliver();
  }
  const auto audit = audited();
  EXPECT_EQ(audit.lanes.at(kHome).front(), "10:13:00-10:15:00 begins");
  EXPECT_EQ(audit.listed.size(), 1U);
}

TEST_F(DigestsTest, a_key_is_of_the_time_that_its_digest_ends) {
  auto daily = options();
  daily.digest_interval = std::chrono::days(20);
  open(daily);
  control(validated());
  for (int i = 0; i < 3; ++i) {
    say("one");
    pass_and_deliver();
    clock.advance(std::chrono::days(20));
  }
  pass_and_deliver();
  EXPECT_THAT(audited().lanes.at(kHome), SizeIs(4));
  EXPECT_EQ(run(catalog->scan(std::string(signing::kKeysPrefix), "", 10))->size(), 3U);
}

TEST_F(DigestsTest, a_key_that_does_not_open_holds_up_no_log_file) {
  open(options());
  control(validated());
  say("one");
  pass_and_deliver();  // 10:16: with a key
  close();
  const crypto::Sealer other{crypto::MasterKey::generate()};
  auto opened = run(Delivery::open(options(), *catalog, *blob, s3, other, executor(), clock, metrics));
  ASSERT_TRUE(opened);
  delivery = *std::move(opened);
  delivery->start();
  say("two");
  pass_and_deliver();
  EXPECT_EQ(s3.puts().size(), 3U) << "two files and the first digest";
  reopen(options());
  EXPECT_TRUE(eventually([this] { return tick() && s3.puts().size() == 4U; }));
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(audited().lanes.at(kHome), ElementsAre("10:13:00-10:15:00 begins", "10:15:00-10:17:00 1"));
}

}  // namespace
}  // namespace cairn::delivery::testing
