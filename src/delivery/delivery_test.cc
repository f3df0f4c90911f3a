// The follower over stores in memory: what is taken, from which position a trail's change holds, and when
// files are made.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TEST_F(DeliveryTest, a_file_is_what_cloudtrail_would_put) {
  open();
  auto trail = make_trail("kestrel", "audit");
  trail.prefix = "logs";
  control(trail);
  say("one");
  say("two");
  ASSERT_TRUE(take());
  EXPECT_TRUE(tick());
  EXPECT_THAT(s3.puts(), IsEmpty());
  pass();
  ASSERT_TRUE(all_uploaded());
  ASSERT_EQ(s3.puts().size(), 1U);
  const auto put = s3.puts()[0];
  EXPECT_THAT(put.key, MatchesRegex("logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/"
                                    "111122223333_CloudTrail_eu-west-1_20260302T1015Z_"
                                    "[A-Za-z0-9]+\\.json\\.gz"));
  EXPECT_EQ(put.key.size() - put.key.rfind('_'), 1 + 16 + std::string_view(".json.gz").size());
  EXPECT_THAT(records_of(put.body),
              ElementsAre(record("one", kAccount, "eu-west-1"), record("two", kAccount, "eu-west-1")));
  EXPECT_EQ(put.call.service, "s3");
  EXPECT_EQ(put.call.operation, "PutObject");
  EXPECT_EQ(put.call.region, "eu-west-1");
  EXPECT_EQ(put.call.input.at("ACL"), "bucket-owner-full-control");
  EXPECT_EQ(put.call.input.at("ContentType"), "application/json");
  EXPECT_EQ(put.call.input.at("ContentEncoding"), "gzip");
  EXPECT_EQ(put.call.on_behalf.service_principal, "cloudtrail.amazonaws.com");
  EXPECT_EQ(put.call.on_behalf.source_arn, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel");
  EXPECT_EQ(put.call.on_behalf.source_account, kAccount);

  const auto now = status_of(trail);
  EXPECT_EQ(now.delivered, clock.now());
  EXPECT_EQ(now.attempted, clock.now());
  EXPECT_EQ(now.error, "");
  EXPECT_EQ(now.files, 1U);
  EXPECT_EQ(now.events, 2U);
  EXPECT_FALSE(status_of(trail, "eu-west-2").delivered);
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 3U);
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_events_total 2"));
}

TEST_F(DeliveryTest, each_account_region_and_trail_has_its_files) {
  open();
  control(make_trail("home", "home"));
  control(make_trail("all", "all", "eu-west-1", true));
  control(make_trail("other", "other", "eu-west-1", true, "444455556666"));
  for (const auto* region : {"eu-west-1", "us-east-1", "eu-west-1"}) {
    say(region, region);
    entries.add_record(record("theirs", "444455556666", region));
    entries.add_record(record("data", kAccount, region, "Data"));
    entries.add_record(record("nobody's", "777788889999", region));
    entries.add_intent();
    entries.add_record(record("outcome", kAccount, region), event::Kind::outcome);
  }
  entries.add_control(R"({"type":"something new","arn":"x"})");
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_EQ(s3.puts().size(), 5U);
  EXPECT_EQ(entries.expected().size(), 5U);
}

// ---- control entries ----

TEST_F(DeliveryTest, a_change_of_a_trail_holds_from_its_position) {
  open();
  auto trail = make_trail("kestrel", "first");
  say("before it was made");
  trail.logging = false;
  control(trail);
  say("before it was started");
  trail.logging = true;
  control(trail);
  say("1");
  trail.bucket = "second";
  control(trail);
  say("2");
  trail.prefix = "logs";
  control(trail);
  say("3");
  trail.bucket = "first";
  trail.prefix = "";
  control(trail);
  say("4");
  trail.logging = false;
  control(trail);
  say("after it was stopped");
  trail.logging = true;
  control(trail);
  say("5");
  entries.add_control(trail::deletion_control_of(trail));
  say("after it was deleted");
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_THAT(ids("first"), ElementsAre("1", "4 5"));
  EXPECT_THAT(ids("second"), ElementsAre("2", "3"));

  // A replay of the same meets the changes at the same places, wherever the cut between two batches is.
  for (std::size_t cut = 0; cut <= entries.size(); ++cut) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    const auto before = s3.puts().size();
    open();
    ASSERT_TRUE(delivery->take(*entries.batch(0, cut)));
    if (cut % 2 == 0) {
      pass();
      reopen();
    }
    position = delivery->cursor(kPartition).raw();
    ASSERT_TRUE(cut % 2 == 0 ? take() : delivery->take(*entries.batch(cut, entries.size())));
    pass();
    ASSERT_TRUE(all_uploaded());
    const auto puts = s3.puts();
    EXPECT_EQ(delivered({puts.begin() + static_cast<std::ptrdiff_t>(before), puts.end()}), entries.expected())
        << cut;
  }
}

TEST_F(DeliveryTest, a_trail_made_again_starts_anew) {
  open();
  auto trail = make_trail("kestrel", "audit");
  control(trail);
  say("1");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(all_uploaded());
  EXPECT_EQ(status_of(trail).files, 1U);

  say("2");
  entries.add_control(trail::deletion_control_of(trail));
  auto again = trail;
  again.created += Millis{5000};
  control(again);
  say("3");
  ASSERT_TRUE(take());
  EXPECT_FALSE(status_of(again).delivered);
  s3.hold("audit", true);
  pass();
  EXPECT_FALSE(status_of(again).delivered);
  EXPECT_EQ(status_of(trail).files, 0U);  // gone
  s3.hold("audit", false);
  expect_all_delivered();
  EXPECT_THAT(ids("audit"), ElementsAre("1", "2", "3"));
  EXPECT_EQ(status_of(again).files, 1U);
  EXPECT_EQ(status_of(trail).files, 0U);  // and a late file of the former trail does not bring it back
}

TEST_F(DeliveryTest, a_damaged_control_entry_stops_delivery_and_loses_nothing) {
  open();
  control(make_trail("kestrel", "audit"));
  say("1");
  entries.add_control(R"({"type":"trail","arn":"x","trail":{"name":"half"}})");
  say("2");
  for (int i = 0; i < 3; ++i) {
    const auto taken = take();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::corrupt);
  }
  pass();
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(ids("audit"), ElementsAre("1"));  // once
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 2U);
}

// ---- when files are made ----

TEST_F(DeliveryTest, a_file_is_split_at_file_bytes_max_and_a_full_one_is_not_waited_for) {
  auto options = quick();
  options.file_bytes_max = 3000;
  open(options);
  control(make_trail("kestrel", "audit"));
  for (int i = 0; i < 7; ++i) {
    say(std::to_string(i), "eu-west-1", i == 4 ? 5000 : 600);
  }
  ASSERT_TRUE(take());
  expect_all_delivered();  // without a tick
  EXPECT_THAT(ids("audit"), ElementsAre("0 1 2", "3", "4", "5 6"));
  for (const auto& put : s3.puts()) {
    const auto json = codec::gzip_decompress(put.body, 1U << 20);
    EXPECT_TRUE(json->size() <= 3000 || records_of(put.body).size() == 1);
  }
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size());
}

TEST_F(DeliveryTest, a_file_is_as_large_as_file_bytes_max_to_the_byte) {
  const auto one = record("1", kAccount, "eu-west-1").size();
  const auto whole = std::string_view("{\"Records\":[]}").size() + 2 * one + 1;
  for (const std::size_t spare : {0U, 1U}) {
    auto options = quick();
    options.file_bytes_max = whole - spare;
    Buffers buffers(options.file_bytes_max);
    const auto trail = make_trail("kestrel", "audit");
    for (const auto* id : {"1", "2"}) {
      const auto text = record(id, kAccount, "eu-west-1");
      buffers.add(trail.arn(), trail, *event::view(text), text);
    }
    EXPECT_EQ(buffers.full(), spare == 1);
    const auto closed = buffers.close([](const auto&, const auto&) { return false; });
    EXPECT_EQ(closed.size(), 1 + spare);
    EXPECT_LE(closed[0].json.size(), options.file_bytes_max);
    EXPECT_TRUE(buffers.empty());
    EXPECT_EQ(buffers.bytes(), 0U);
    EXPECT_FALSE(buffers.full());
  }
}

TEST_F(DeliveryTest, full_memory_is_flushed_early) {
  auto options = quick();
  options.buffer_bytes_max = 7000;
  open(options);
  control(make_trail("one", "one"));
  control(make_trail("two", "two"));
  say("1", "eu-west-1", 1000);
  ASSERT_TRUE(take());
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 0U);
  say("2", "eu-west-1", 1000);
  ASSERT_TRUE(take());
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 4U);
  expect_all_delivered();
  EXPECT_THAT(ids("one"), ElementsAre("1 2"));
}

TEST_F(DeliveryTest, files_are_made_once_an_interval_also_when_the_clock_steps) {
  open();
  control(make_trail("kestrel", "audit"));
  const auto files = [&] {
    const auto planned = waiting();  // first: a file that is put in between is counted twice, not missed
    return planned + s3.puts().size();
  };
  const auto ticks_until_file = [&](Millis step) {
    const auto before = files();
    for (int ticks = 1; ticks < 100; ++ticks) {
      clock.advance(step);
      EXPECT_TRUE(tick());
      if (files() > before) {
        return ticks;
      }
    }
    return 100;
  };
  EXPECT_TRUE(tick());
  say("1");
  ASSERT_TRUE(take());
  EXPECT_EQ(ticks_until_file(Millis{10'000}), 6);
  ASSERT_TRUE(all_uploaded());
  say("2");
  ASSERT_TRUE(take());
  clock.advance(-std::chrono::hours{5});
  EXPECT_EQ(ticks_until_file(Millis{10'000}), 7);  // one to notice, then an interval
  ASSERT_TRUE(all_uploaded());
  say("3");
  ASSERT_TRUE(take());
  clock.advance(std::chrono::hours{7});
  EXPECT_EQ(ticks_until_file(Millis{0}), 1);
  ASSERT_TRUE(all_uploaded());
  EXPECT_EQ(ticks_until_file(Millis{10'000}), 100);  // no events, no file
  EXPECT_THAT(ids("audit"), ElementsAre("1", "2", "3"));
}

TEST_F(DeliveryTest, the_cursor_moves_where_there_is_nothing_to_deliver) {
  open();
  say("nobody's");
  ASSERT_TRUE(take());
  pass();
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 1U);
  const auto commits = catalog->commits_tried();
  pass();
  pass();
  EXPECT_EQ(catalog->commits_tried(), commits);
}

}  // namespace
}  // namespace cairn::delivery::testing
