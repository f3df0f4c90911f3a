// The sweeper: garbage after its grace, orphans of earlier runs, leftovers of failed calls; and never a blob
// that an object names.
#include "services/s3/sweeper.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

using CatalogFault = catalog::memory::Faults::Kind;

class SweeperTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  std::size_t garbage() { return run(sweeper->sweep_garbage()).value(); }
  std::size_t orphans() { return run(sweeper->sweep_orphans()).value(); }
  std::size_t leftovers() { return run(sweeper->sweep_leftovers()).value(); }
  void put_blob(const std::string& name) {
    const std::string text = "bytes";
    ASSERT_TRUE(run(blob->put(name, std::as_bytes(std::span(text)))));
  }
};

TEST_F(SweeperTest, garbage_goes_after_its_grace) {
  ASSERT_TRUE(put("mine", "a", noise(10'000, 1)));
  ASSERT_TRUE(put("mine", "b", noise(10'000, 2)));
  ASSERT_TRUE(put("mine", "a", noise(10'000, 3)));
  timers.advance(Millis{6'000});
  ASSERT_TRUE(remove("mine", "b"));
  EXPECT_EQ(garbage(), 0U);
  EXPECT_EQ(blobs().size(), 3U);
  timers.advance(Sweeper::kGrace - Millis{6'001});
  EXPECT_EQ(garbage(), 0U);
  timers.advance(Millis{1});
  EXPECT_EQ(garbage(), 1U);
  EXPECT_EQ(blobs().size(), 2U);
  timers.advance(Sweeper::kGrace);
  EXPECT_EQ(garbage(), 1U);
  EXPECT_EQ(blobs().size(), 1U);
  EXPECT_THAT(documents("s3/garbage/"), IsEmpty());
  EXPECT_EQ(get("mine", "a"), noise(10'000, 3));
  EXPECT_EQ(garbage(), 0U);
  expect_consistent();
}

// A read that has just begun still finds its blob, whatever the wall's clock does; and garbage that an
// earlier run dated by a clock far ahead is not kept for as long.
TEST_F(SweeperTest, steps_of_the_walls_clock_change_nothing) {
  for (const auto step : {Millis{-3'600'000}, Millis{3'600'000}}) {
    clock.advance(step);
    ASSERT_TRUE(put("mine", "a", noise(10'000)));
    ASSERT_TRUE(remove("mine", "a"));
    timers.advance(Sweeper::kGrace - Millis{1});
    EXPECT_EQ(garbage(), 0U);
    EXPECT_EQ(blobs().size(), 1U);
    timers.advance(Millis{1});
    EXPECT_EQ(garbage(), 1U);
    EXPECT_THAT(blobs(), IsEmpty());
  }
  ASSERT_TRUE(put("mine", "a", noise(10'000)));
  ASSERT_TRUE(remove("mine", "a"));
  timers.advance(-Millis{3'600'000});
  EXPECT_EQ(garbage(), 0U);
  timers.advance(Sweeper::kGrace - Millis{1});
  EXPECT_EQ(garbage(), 0U);
  timers.advance(Millis{1});
  EXPECT_EQ(garbage(), 1U);
  EXPECT_THAT(blobs(), IsEmpty());
}

TEST_F(SweeperTest, more_garbage_than_a_page) {
  catalog::Transaction transaction;
  for (int i = 0; i < 2300; ++i) {
    const auto name = "s3/run1/00/" + std::to_string(i);
    put_blob(name);
    transaction.writes.push_back({garbage_key(name), "0", 0});
  }
  ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
  EXPECT_EQ(garbage(), 2300U);
  EXPECT_THAT(blobs(), IsEmpty());
  EXPECT_THAT(documents("s3/garbage/"), IsEmpty());
}

TEST_F(SweeperTest, garbage_that_was_removed_but_not_noted_is_no_error) {
  ASSERT_TRUE(put("mine", "a", noise(10'000)));
  ASSERT_TRUE(remove("mine", "a"));
  timers.advance(Sweeper::kGrace);
  for (const auto kind :
       {CatalogFault::unavailable, CatalogFault::unknown_not_applied, CatalogFault::unknown_applied}) {
    catalog->fail({.every = 1, .kind = kind});
    EXPECT_EQ(run(sweeper->sweep_garbage()).has_value(), false);
    EXPECT_THAT(blobs(), IsEmpty());
  }
  catalog->fail({});
  EXPECT_EQ(garbage(), 0U);  // the last one had been noted after all
  EXPECT_THAT(documents("s3/garbage/"), IsEmpty());
}

TEST_F(SweeperTest, a_document_that_is_no_blobs_name_is_not_in_the_others_way) {
  ASSERT_TRUE(put("mine", "a", noise(10'000)));
  ASSERT_TRUE(remove("mine", "a"));
  catalog::Transaction transaction;
  transaction.writes.push_back({garbage_key("Not a blob's name"), "0", 0});
  ASSERT_TRUE(run(catalog->commit(transaction)));
  timers.advance(Sweeper::kGrace);
  EXPECT_FALSE(run(sweeper->sweep_garbage()));
  EXPECT_THAT(blobs(), IsEmpty());
}

TEST_F(SweeperTest, orphans_of_earlier_runs_go_and_nothing_else) {
  ASSERT_TRUE(put("mine", "kept", noise(10'000, 1)));
  ASSERT_TRUE(put("mine", "overwritten", noise(10'000, 2)));
  ASSERT_TRUE(put("mine", "overwritten", noise(10'000, 3)));
  for (int i = 0; i < 1200; ++i) {  // more than a page
    put_blob("s3/run2/ff/orphan" + std::to_string(i));
  }
  put_blob("s3/run1/00/orphan");
  put_blob("segments/other");
  restart("run3");
  put_blob("s3/run3/00/being-put");
  EXPECT_EQ(orphans(), 1201U);
  EXPECT_EQ(blobs().size(), 5U);
  EXPECT_EQ(get("mine", "kept"), noise(10'000, 1));
  EXPECT_EQ(get("mine", "overwritten"), noise(10'000, 3));
  EXPECT_EQ(orphans(), 0U);
  timers.advance(Sweeper::kGrace);
  EXPECT_EQ(garbage(), 1U);
  expect_consistent();
}

// A key is deleted and put anew while another put of it is under way: versions start again, so that one
// overwrites what it has not seen, whose blob then nobody would name as garbage.
TEST_F(SweeperTest, what_was_put_anew_is_not_overwritten_unseen) {
  ASSERT_TRUE(put("mine", "a", noise(10'000, 1)));
  auto late = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, noise(10'000, 2));
  auto outcome = run(service->run(*late->call));
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(remove("mine", "a"));
  ASSERT_TRUE(put("mine", "a", noise(10'000, 3)));
  const auto committed = run(catalog->commit(std::move(outcome->effects)));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Errc::conflict);
  EXPECT_EQ(get("mine", "a"), noise(10'000, 3));
}

// As a Cairn that did not expect s3/gone/… left it behind.
TEST_F(SweeperTest, what_was_overwritten_unseen_is_an_orphan) {
  for (const std::size_t before : {std::size_t{5}, std::size_t{10'000}}) {
    ASSERT_TRUE(put("mine", "a", noise(before, 1)));
    auto late = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, noise(10'000, 2));
    auto outcome = run(service->run(*late->call));
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(remove("mine", "a"));
    ASSERT_TRUE(put("mine", "a", noise(10'000, 3)));
    outcome->effects.expectations.clear();
    ASSERT_TRUE(run(catalog->commit(std::move(outcome->effects))));
    EXPECT_EQ(get("mine", "a"), noise(10'000, 2));
    late.reset();
    restart("run3");
    EXPECT_EQ(orphans(), 1U);
    EXPECT_EQ(orphans(), 0U);
    timers.advance(Sweeper::kGrace);
    garbage();
    EXPECT_EQ(blobs().size(), 1U);
    EXPECT_EQ(get("mine", "a"), noise(10'000, 2));
    expect_consistent();
    ASSERT_TRUE(remove("mine", "a"));
    timers.advance(Sweeper::kGrace);
    garbage();
    EXPECT_THAT(blobs(), IsEmpty());
    restart("run2");
  }
}

TEST_F(SweeperTest, a_crash_at_every_commit_leaves_nothing_for_ever) {
  for (const auto kind :
       {CatalogFault::unavailable, CatalogFault::unknown_not_applied, CatalogFault::unknown_applied}) {
    for (std::size_t nth = 1; nth <= 4; ++nth) {
      catalog->fail({.every = nth, .kind = kind});
      static_cast<void>(put("mine", "a", noise(10'000, 1)));
      static_cast<void>(put("mine", "a", noise(10'000, 2)));
      static_cast<void>(put("mine", "b", "small"));
      static_cast<void>(remove("mine", "a"));
      restart("run" + std::to_string(nth) + std::to_string(static_cast<int>(kind)));
      orphans();
      timers.advance(Sweeper::kGrace);
      garbage();
      expect_consistent();
      EXPECT_EQ(blobs().size(), documents("s3/blob/").size());
      static_cast<void>(remove("mine", "a"));
      timers.advance(Sweeper::kGrace);
      garbage();
      EXPECT_THAT(blobs(), IsEmpty());
    }
  }
}

TEST_F(SweeperTest, calls_that_fail_after_their_blob_leave_nothing) {
  catalog->fail({.every = 1, .kind = CatalogFault::unavailable});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(said(put("mine", "a", noise(10'000))), "ServiceUnavailable 503");
  }
  catalog->fail({.every = 1, .kind = CatalogFault::unknown_applied});
  EXPECT_NE(said(put("mine", "b", noise(10'000, 2))), "ok");
  catalog->fail({});
  ASSERT_TRUE(put("mine", "c", noise(10'000, 3)));
  ASSERT_TRUE(put("mine", "d", noise(10'000, 4)));
  ASSERT_TRUE(remove("mine", "d"));
  EXPECT_EQ(blobs().size(), 6U);
  EXPECT_EQ(leftovers(), 3U);
  EXPECT_EQ(blobs().size(), 3U);
  EXPECT_EQ(get("mine", "b"), noise(10'000, 2));
  EXPECT_EQ(get("mine", "c"), noise(10'000, 3));
  EXPECT_EQ(leftovers(), 0U);
  timers.advance(Sweeper::kGrace);
  EXPECT_EQ(garbage(), 1U);
  expect_consistent();
}

// As long as the call may still commit, its blob is left alone.
TEST_F(SweeperTest, a_call_under_way_keeps_its_blob) {
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, noise(10'000));
  auto outcome = run(service->run(*request->call));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(leftovers(), 0U);
  EXPECT_EQ(orphans(), 0U);
  EXPECT_EQ(blobs().size(), 1U);
  ASSERT_TRUE(run(catalog->commit(std::move(outcome->effects))));
  request.reset();
  EXPECT_EQ(leftovers(), 0U);
  EXPECT_EQ(get("mine", "a"), noise(10'000));
}

TEST_F(SweeperTest, leftovers_are_bounded) {
  Leftovers some;
  for (std::size_t i = 0; i < Leftovers::kMax + 10; ++i) {
    some.add(std::to_string(i));
  }
  EXPECT_EQ(some.take().size(), Leftovers::kMax);
  EXPECT_THAT(some.take(), IsEmpty());
}

TEST_F(SweeperTest, runs_by_itself_and_stops) {
  put_blob("s3/run1/00/orphan");
  async::Loops loops(1);
  sweeper->start(loops.at(0).get_executor());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!blobs().empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(Millis{1});
  }
  EXPECT_THAT(blobs(), IsEmpty());
  sweeper->stop();
}

}  // namespace
}  // namespace cairn::services::s3::testing
