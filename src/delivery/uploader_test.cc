// Buckets that refuse, are slow, are out of reach or gone, and the gaps that come of it.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using CatalogFault = catalog::memory::Faults::Kind;

// ---- buckets that do not take ----

TEST_F(DeliveryTest, a_bucket_that_refuses_is_retried_and_caught_up_in_order) {
  open();
  const auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
  control(trail);
  s3.refuse("audit", "NoSuchBucket");
  for (int i = 0; i < 5; ++i) {
    say(std::to_string(i));
    say("us" + std::to_string(i), "us-east-1");
    ASSERT_TRUE(take());
    pass();
  }
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") >= 3; }));
  EXPECT_EQ(status_of(trail).error, "NoSuchBucket");
  EXPECT_EQ(status_of(trail, "us-east-1").error, "NoSuchBucket");  // its files wait for the same bucket
  EXPECT_FALSE(status_of(trail).delivered);
  EXPECT_TRUE(status_of(trail).attempted);
  EXPECT_EQ(waiting(), 10U);
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size());  // the journal is not pinned

  s3.refuse("audit", "AccessDenied");
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "AccessDenied"; }));
  s3.refuse("audit", "");
  expect_all_delivered();
  EXPECT_THAT(ids("audit"), ElementsAre("0", "us0", "1", "us1", "2", "us2", "3", "us3", "4", "us4"));
  EXPECT_EQ(status_of(trail).error, "");
  EXPECT_EQ(status_of(trail, "us-east-1").error, "");
  EXPECT_EQ(status_of(trail).files, 5U);
  EXPECT_TRUE(status_of(trail).delivered);
}

TEST_F(DeliveryTest, retries_back_off) {
  auto options = quick();
  options.retry_least = Millis{20};
  options.retry_most = Millis{80};
  open(options);
  control(make_trail("kestrel", "audit"));
  say("1");
  ASSERT_TRUE(take());
  s3.refuse("audit", "NoSuchBucket");
  const auto began = std::chrono::steady_clock::now();
  pass();
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") == 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, Millis{20 + 40 + 80 + 80});
}

TEST_F(DeliveryTest, an_unreachable_s3_is_no_delivery_error) {
  open();
  const auto trail = make_trail("kestrel", "audit");
  control(trail);
  say("1");
  ASSERT_TRUE(take());
  s3.unreachable(true);
  pass();
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") >= 2 && status_of(trail).attempted; }));
  EXPECT_EQ(status_of(trail).error, "");
  EXPECT_FALSE(status_of(trail).delivered);
  s3.unreachable(false);
  s3.refuse("audit", "AccessDenied");
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "AccessDenied"; }));
  s3.unreachable(true);
  const auto attempts = s3.attempts("audit");
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") > attempts + 2; }));
  EXPECT_EQ(status_of(trail).error, "AccessDenied");  // all that is known of the bucket
  s3.unreachable(false);
  s3.refuse("audit", "");
  expect_all_delivered();
  EXPECT_EQ(status_of(trail).error, "");
}

TEST_F(DeliveryTest, a_slow_bucket_holds_up_nobody_else) {
  open();
  control(make_trail("slow", "slow"));
  control(make_trail("swift", "swift"));
  s3.hold("slow", true);
  for (int i = 0; i < 3; ++i) {
    say(std::to_string(i));
    ASSERT_TRUE(take());
    pass();
  }
  ASSERT_TRUE(eventually([&] { return ids("swift").size() == 3; }));
  EXPECT_EQ(s3.attempts("slow"), 1U);  // in order, so one at a time
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size());
  s3.hold("slow", false);
  expect_all_delivered();
}

TEST_F(DeliveryTest, stop_waits_for_the_upload_that_runs) {
  open();
  control(make_trail("kestrel", "audit"));
  say("1");
  ASSERT_TRUE(take());
  s3.hold("audit", true);
  pass();
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") == 1; }));
  std::atomic<bool> stopped{false};
  std::thread stopper([&] {
    delivery->stop();
    stopped = true;
  });
  std::this_thread::sleep_for(Millis{30});
  EXPECT_FALSE(stopped);
  s3.hold("audit", false);
  stopper.join();
  EXPECT_EQ(s3.puts().size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(DeliveryTest, another_bucket_is_not_kept_waiting_by_the_one_that_is_gone) {
  open();
  auto trail = make_trail("kestrel", "gone");
  control(trail);
  say("1");
  ASSERT_TRUE(take());
  s3.refuse("gone", "NoSuchBucket");
  pass();
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "NoSuchBucket"; }));
  trail.bucket = "new";
  control(trail);
  say("2");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(eventually([&] { return status_of(trail).delivered.has_value(); }));
  const auto attempts = s3.attempts("gone");
  ASSERT_TRUE(eventually([&] { return s3.attempts("gone") > attempts + 2; }));
  EXPECT_EQ(status_of(trail).error, "");  // the trail has nothing to do with the old bucket any more
  EXPECT_THAT(ids("new"), ElementsAre("2"));
  s3.refuse("gone", "");
  expect_all_delivered();
}

// ---- gaps ----

TEST_F(DeliveryTest, a_full_spool_is_a_gap_and_others_go_on) {
  auto options = quick();
  options.spool_bytes_max = 1000;
  open(options);
  const auto full = make_trail("full", "full");
  const auto fine = make_trail("fine", "fine");
  control(full);
  control(fine);
  s3.refuse("full", "AccessDenied");
  for (int i = 0; i < 10; ++i) {
    say(std::to_string(i));
    say(std::to_string(i) + "b");
    ASSERT_TRUE(take());
    pass();
    ASSERT_TRUE(eventually([&] { return ids("fine").size() == static_cast<std::size_t>(i + 1); }));
  }
  // The last fine file's plan goes a moment after its bytes came.
  ASSERT_TRUE(eventually([&] { return waiting() + status_of(full).gap_files == 10; }));
  const auto kept = waiting();
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, 10U);
  EXPECT_EQ(status_of(full).gap_events, 2 * (10 - kept));
  EXPECT_EQ(status_of(fine).gap_files, 0U);
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size());
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_files_total " + std::to_string(10 - kept)));
  EXPECT_THAT(metrics.text(),
              HasSubstr("cairn_delivery_gap_events_total " + std::to_string(2 * (10 - kept))));

  // What waits is not lost, and what comes when there is room again is not dropped.
  s3.refuse("full", "");
  ASSERT_TRUE(all_uploaded());
  say("last");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(all_uploaded());
  EXPECT_EQ(ids("full").size(), kept + 1);
  EXPECT_EQ(ids("full").back(), "last");
  EXPECT_EQ(status_of(full).error, "");
  EXPECT_EQ(status_of(full).gap_files, 10 - kept);
  reopen(options);
  EXPECT_EQ(status_of(full).gap_files, 10 - kept);
}

TEST_F(DeliveryTest, small_files_are_bounded_by_their_number) {
  auto options = quick();
  options.spool_files_max = 3;
  open(options);
  const auto trail = make_trail("full", "full");
  control(trail);
  s3.unreachable(true);
  for (int i = 0; i < 5; ++i) {
    say(std::to_string(i));
    ASSERT_TRUE(take());
    pass();
  }
  EXPECT_EQ(waiting(), 3U);
  EXPECT_EQ(status_of(trail).gap_files, 2U);
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size()) << "the journal is not pinned";
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_spool_fullest_bytes_limit "));
  s3.unreachable(false);
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_spool_fullest_bytes 0"));
}

// The spool's limit counts what the same commit makes, and a gap is counted once, whatever becomes of the
// commit.
TEST_F(DeliveryTest, gaps_are_counted_once) {
  for (const auto kind :
       {CatalogFault::unavailable, CatalogFault::unknown_applied, CatalogFault::unknown_not_applied}) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    auto options = quick();
    options.spool_bytes_max = 1200;
    options.file_bytes_max = 600;
    open(options);
    auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
    trail.created += Millis{static_cast<int>(kind)};
    control(trail);
    s3.hold("audit", true);
    for (int i = 0; i < 10; ++i) {
      say(std::to_string(i), "eu-west-1", 400);
    }
    catalog->fail({.every = 1, .kind = kind});
    const auto taken = take();
    EXPECT_EQ(taken.has_value(), kind == CatalogFault::unknown_applied);
    catalog->fail({});
    if (!taken) {
      ASSERT_TRUE(take());
    }
    const auto kept = waiting();
    EXPECT_GT(kept, 1U);
    EXPECT_LT(kept, 10U);
    EXPECT_EQ(status_of(trail).gap_files, 10 - kept) << static_cast<int>(kind);
    s3.hold("audit", false);
    ASSERT_TRUE(all_uploaded());
    entries = {};
    close();
  }
}

TEST_F(DeliveryTest, a_bucket_that_refuses_for_too_long_is_given_up) {
  auto options = quick();
  options.give_up_after = std::chrono::days{30};
  open(options);
  const auto trail = make_trail("kestrel", "audit");
  control(trail);
  s3.refuse("audit", "NoSuchBucket");
  say("1");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "NoSuchBucket"; }));
  clock.advance(std::chrono::days{20});
  say("2");
  say("3");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "NoSuchBucket"; }));
  EXPECT_EQ(waiting(), 2U);
  s3.unreachable(true);
  clock.advance(std::chrono::days{11});
  const auto attempts = s3.attempts("audit");
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") > attempts + 3; }));
  EXPECT_EQ(waiting(), 2U);  // an outage is no refusal
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return waiting() == 1 && spooled() == 1; }));
  EXPECT_EQ(status_of(trail).gap_files, 1U);
  EXPECT_EQ(status_of(trail).gap_events, 1U);
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_files_total 1"));
  s3.refuse("audit", "");
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(ids("audit"), ElementsAre("2 3"));
  EXPECT_EQ(status_of(trail).error, "");
}

}  // namespace
}  // namespace cairn::delivery::testing
