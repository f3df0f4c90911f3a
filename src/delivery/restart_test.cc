// Restarts, and stores whose writes fail or end nobody knows how, while the process lives. (What dies is in
// delivery_crash_test.cc.)
#include <gmock/gmock.h>

#include "delivery/closing.h"
#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using CatalogFault = catalog::memory::Faults::Kind;
using BlobFault = blob::memory::Faults::Kind;

// ---- restarts ----

TEST_F(DeliveryTest, what_waits_is_uploaded_after_a_restart) {
  open();
  const auto trail = make_trail("kestrel", "audit");
  control(trail);
  s3.unreachable(true);
  for (int i = 0; i < 12; ++i) {  // more than nine: plans are ordered by number, not by its text
    say(std::to_string(i));
    ASSERT_TRUE(take());
    pass();
  }
  say("in no file yet");
  ASSERT_TRUE(take());
  reopen();
  EXPECT_EQ(position, 13U);
  EXPECT_EQ(waiting(), 12U);
  s3.unreachable(false);
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_THAT(ids("audit"),
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "in no file yet"));
  EXPECT_EQ(status_of(trail).files, 13U);
}

TEST_F(DeliveryTest, orphans_of_the_spool_go_when_it_is_opened) {
  open();
  control(make_trail("kestrel", "audit"));
  say("1");
  ASSERT_TRUE(take());
  s3.unreachable(true);
  pass();
  EXPECT_EQ(spooled(), 1U);
  const std::string text = "left by a crash";
  for (int i = 0; i < 1500; ++i) {  // more than a page
    ASSERT_TRUE(run(blob->put(std::string(kSpoolPrefix) + "orphan-" + std::to_string(i),
                              std::as_bytes(std::span(text)))));
  }
  ASSERT_TRUE(run(blob->put("spoolx/other", std::as_bytes(std::span(text)))));
  reopen();
  EXPECT_EQ(spooled(), 1U);
  EXPECT_TRUE(run(blob->get("spoolx/other")));
  s3.unreachable(false);
  expect_all_delivered();
}

// What docs/formats/delivery.md shows, read as this version reads it.
TEST_F(DeliveryTest, documents_as_they_were_written_first) {
  const std::string arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel";
  const auto plan = plan_from(
      R"({"number":31,"trail":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel","trailCreated":1772400000000,"account":"111122223333","region":"us-east-1","homeRegion":"eu-west-1","bucket":"kestrel-audit","key":"AWSLogs/x.json.gz","spool":"spool/3f0c2e1a","bytes":1188,"events":7,"made":1772446500123})");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->catalog_key(), "delivery/plan/" + arn + "/00000000000000000031");
  EXPECT_EQ(plan->trail_created, Time{Millis{1'772'400'000'000}});
  EXPECT_EQ(plan->made, kStart);
  EXPECT_EQ(plan->events, 7U);
  EXPECT_FALSE(plan->crc32c || plan->refused || plan->unreadable);
  EXPECT_EQ(to_document(*plan_from(to_document(*plan))), to_document(*plan));
  auto later = *plan;
  later.crc32c = 0xFFFFFFFF;
  later.refused = kStart;
  later.unreadable = kStart + Millis{1};
  EXPECT_TRUE(to_document(later).ends_with(
      R"("made":1772446500123,"crc32c":4294967295,"refusedSince":1772446500123,"unreadableSince":1772446500124})"));
  EXPECT_EQ(to_document(*plan_from(to_document(later))), to_document(later));
  const auto state = state_from(R"({"cursor":1207,"plans":31,"commit":"fR2mPz0QyK8sWb4v"})");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->cursor.raw(), 1207U);
  EXPECT_EQ(state->plans, 31U);
  const auto status = status_from(
      R"({"delivered":1772446501000,"attempted":null,"error":"NoSuchBucket","files":4,"events":31,"gapFiles":1,"gapEvents":9})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->delivered, Time{Millis{1'772'446'501'000}});
  EXPECT_FALSE(status->attempted);
  EXPECT_EQ(status->gap_events, 9U);
  const StatusName name{arn, plan->trail_created, "us-east-1"};
  EXPECT_EQ(name.status_key(), "delivery/status/" + arn + "/1772400000000/us-east-1");
  EXPECT_EQ(name.gap_key(), "delivery/gap/" + arn + "/1772400000000/us-east-1");
}

TEST_F(DeliveryTest, damaged_documents_are_named_at_the_start) {
  const struct {
    const char* key;
    const char* value;
  } rows[] = {
      {"delivery/state", R"({"cursor":1})"},
      {"delivery/state", "no json"},
      {"delivery/plan/arn/00000000000000000001", R"({"number":1,"trail":"arn"})"},
      {"delivery/trail/arn", R"({"name":"half"})"},
  };
  for (const auto& row : rows) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    catalog::Transaction transaction;
    transaction.writes.push_back({row.key, row.value, 0});
    ASSERT_TRUE(run(catalog->commit(transaction)));
    EXPECT_FALSE(run(Delivery::open(quick(), *catalog, *blob, s3, the_sealer(), executor(), clock, metrics))) << row.value;
  }
}

// ---- commits that fail, or whose end is unknown ----

// Every nth commit of the follower and the uploader fails in each way, and no process dies: nothing is lost,
// nothing is delivered or counted twice.
TEST_F(DeliveryTest, failing_commits_change_nothing) {
  for (const auto kind :
       {CatalogFault::unavailable, CatalogFault::unknown_applied, CatalogFault::unknown_not_applied}) {
    for (const std::size_t every : {2U, 3U, 5U}) {
      close();
      catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
      entries = {};
      const auto before = s3.puts().size();
      open();
      auto trail = make_trail("kestrel", "audit");
      control(trail);
      catalog->fail({.every = every, .kind = kind});
      for (int i = 0; i < 6; ++i) {
        say(std::to_string(i));
        while (!take()) {
        }
        trail.prefix = i % 2 == 0 ? "even" : "odd";
        control(trail);
        clock.advance(Millis{60'000});
        while (!tick()) {
        }
      }
      catalog->fail({});
      pass();
      ASSERT_TRUE(all_uploaded()) << every;
      const auto puts = s3.puts();
      EXPECT_EQ(delivered({puts.begin() + static_cast<std::ptrdiff_t>(before), puts.end()}),
                entries.expected());
      EXPECT_EQ(status_of(trail).files, 6U) << every << " " << static_cast<int>(kind);
      EXPECT_EQ(status_of(trail).events, 6U);
    }
  }
}

TEST_F(DeliveryTest, failing_puts_into_the_spool_change_nothing) {
  for (const auto kind : {BlobFault::unavailable, BlobFault::limit, BlobFault::unknown_applied,
                          BlobFault::unknown_not_applied}) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    entries = {};
    const auto before = s3.puts().size();
    open();
    const auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
    control(trail);
    blob->fail({.every = 2, .kind = kind});
    for (int i = 0; i < 4; ++i) {
      for (const auto* region : {"eu-west-1", "eu-west-2", "eu-west-3"}) {
        say(region + std::to_string(i), region);
      }
      ASSERT_TRUE(take());
      clock.advance(Millis{60'000});
      while (!tick()) {
      }
    }
    blob->fail({});
    pass();
    ASSERT_TRUE(all_uploaded());  // and no blob is left that no plan names
    const auto puts = s3.puts();
    EXPECT_EQ(delivered({puts.begin() + static_cast<std::ptrdiff_t>(before), puts.end()}),
              entries.expected());
  }
}

// While a commit cannot be made nothing more is taken, so memory stays bounded.
TEST_F(DeliveryTest, nothing_is_taken_while_a_commit_is_owed) {
  open();
  control(make_trail("kestrel", "audit"));
  say("1");
  ASSERT_TRUE(take());
  catalog->fail({.every = 1, .kind = CatalogFault::unavailable});
  EXPECT_TRUE(tick());
  clock.advance(Millis{60'000});
  EXPECT_FALSE(tick());
  say("2");
  EXPECT_FALSE(take());
  EXPECT_FALSE(take());
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 0U);
  catalog->fail({});
  ASSERT_TRUE(take());
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 2U);
  pass();
  expect_all_delivered();
  EXPECT_THAT(ids("audit"), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace cairn::delivery::testing
