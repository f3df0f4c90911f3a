// Spooled files that are gone or damaged, and the age at which what waits is given up.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SpoolTest : public DeliveryTest {
 protected:
  // A file of each record, none of which can be put yet.
  void plan(const std::vector<std::string>& records) {
    control(trail);
    s3.unreachable(true);
    for (const auto& one : records) {
      say(one);
      ASSERT_TRUE(take());
      pass();
    }
    ASSERT_EQ(waiting(), records.size());
  }
  // Of the plans, in their order.
  std::vector<std::string> spool_names() {
    std::vector<std::string> names;
    const auto documents = run(catalog->scan(std::string(kPlanPrefix), "", 1000)).value();
    for (const auto& document : documents) {
      names.push_back(plan_from(document.value)->spool);
    }
    return names;
  }
  void put_blob(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(run(blob->put(name, std::as_bytes(std::span(bytes)))));
  }
  // The bytes that were there.
  std::string remove_blob(const std::string& name) {
    auto bytes = run(blob->get(name)).value();
    EXPECT_TRUE(run(blob->remove(name)));
    return bytes;
  }

  const trail::Trail trail = make_trail("kestrel", "audit");
};

TEST_F(SpoolTest, a_file_that_is_gone_lets_the_next_ones_go_and_may_come_back) {
  open();
  plan({"1", "2", "3"});
  const auto name = spool_names()[1];
  const auto bytes = remove_blob(name);
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return waiting() == 1 && status_of(trail).unreadable_files == 1; }));
  EXPECT_THAT(ids("audit"), ElementsAre("1", "3"));
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_unreadable_files 1"));
  EXPECT_EQ(status_of(trail).error, "");  // the bucket has nothing to do with it
  EXPECT_EQ(status_of(trail).gap_files, 0U);
  reopen();
  say("4");
  ASSERT_TRUE(take());
  pass();
  ASSERT_TRUE(eventually([&] { return ids("audit").size() == 3; }));
  EXPECT_EQ(status_of(trail).unreadable_files, 1U);  // counted once
  put_blob(name, bytes);
  expect_all_delivered();
  EXPECT_THAT(ids("audit"), ElementsAre("1", "3", "4", "2"));
  ASSERT_TRUE(eventually([&] { return status_of(trail).unreadable_files == 0; }));
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_unreadable_files 0"));
  EXPECT_EQ(status_of(trail).files, 4U);
}

TEST_F(SpoolTest, damaged_bytes_are_never_put) {
  for (const bool same_size : {true, false}) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    entries = {};
    s3.forget();
    open();
    plan({"1", "2"});
    const auto name = spool_names()[0];
    const auto bytes = remove_blob(name);
    auto damaged = bytes;
    damaged[bytes.size() / 2] ^= 1;
    put_blob(name, same_size ? damaged : bytes.substr(1));
    s3.unreachable(false);
    ASSERT_TRUE(eventually([&] { return status_of(trail).unreadable_files == 1; }));
    ASSERT_TRUE(eventually([&] { return waiting() == 1; }));
    EXPECT_THAT(ids("audit"), ElementsAre("2"));
    static_cast<void>(remove_blob(name));
    put_blob(name, bytes);
    expect_all_delivered();
    close();
  }
}

TEST_F(SpoolTest, what_is_gone_turns_no_new_file_away) {
  auto options = quick();
  options.spool_files_max = 3;
  open(options);
  plan({"1", "2", "3"});
  for (const auto& name : spool_names()) {
    static_cast<void>(remove_blob(name));
  }
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return status_of(trail).unreadable_files == 3; }));
  for (const auto* id : {"4", "5"}) {
    say(id);
    ASSERT_TRUE(take());
    pass();
  }
  ASSERT_TRUE(eventually([&] { return ids("audit").size() == 2; }));
  EXPECT_EQ(status_of(trail).gap_files, 0U);
}

TEST_F(SpoolTest, what_does_not_come_back_is_a_gap) {
  open();
  plan({"1", "2", "3"});
  for (const auto& name : {spool_names()[0], spool_names()[1]}) {
    static_cast<void>(remove_blob(name));
  }
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return status_of(trail).unreadable_files == 2; }));
  clock.advance(std::chrono::days{29});
  reopen();
  std::this_thread::sleep_for(Millis{20});
  EXPECT_EQ(status_of(trail).unreadable_files, 2U);
  clock.advance(std::chrono::days{2});
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(status_of(trail).unreadable_files, 0U);
  EXPECT_EQ(status_of(trail).gap_files, 2U);
  EXPECT_EQ(status_of(trail).gap_events, 2U);
  EXPECT_EQ(status_of(trail).files, 1U);
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_delivery_gap_events_total 2"));
}

// ---- the age of what waits ----

TEST_F(SpoolTest, a_bucket_has_its_time_from_its_first_refusal_on_over_restarts) {
  open();
  plan({"1"});
  clock.advance(std::chrono::days{40});  // an outage is no refusal
  s3.refuse("audit", "AccessDenied");
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "AccessDenied"; }));
  clock.advance(std::chrono::days{20});
  reopen();
  const auto attempts = s3.attempts("audit");
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") > attempts + 2; }));
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(status_of(trail).gap_files, 0U);
  clock.advance(std::chrono::days{10});
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(status_of(trail).gap_files, 1U);
}

TEST_F(SpoolTest, a_delivery_ends_the_refusal) {
  open();
  plan({"1", "2"});
  s3.refuse("audit", "AccessDenied");
  s3.unreachable(false);
  ASSERT_TRUE(eventually([&] { return status_of(trail).error == "AccessDenied"; }));
  clock.advance(std::chrono::days{20});
  s3.refuse("audit", "");
  ASSERT_TRUE(all_uploaded());
  s3.refuse("audit", "AccessDenied");
  say("3");
  ASSERT_TRUE(take());
  pass();
  clock.advance(std::chrono::days{20});
  const auto attempts = s3.attempts("audit");
  ASSERT_TRUE(eventually([&] { return s3.attempts("audit") > attempts + 2; }));
  EXPECT_EQ(waiting(), 1U);
  s3.refuse("audit", "");
  expect_all_delivered();
}

// The wall's clock steps; the one that ages are counted by does not.
TEST_F(SpoolTest, one_clock_says_how_old_a_file_is) {
  for (const auto step : {std::chrono::days{3650}, std::chrono::days{-3650}}) {
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    blob = std::make_unique<blob::memory::MemoryBlob>();
    entries = {};
    FakeClock ages;
    auto options = quick();
    options.ages = &ages;
    open(options);
    clock.advance(step);
    plan({"1"});
    s3.refuse("audit", "AccessDenied");
    s3.unreachable(false);
    ASSERT_TRUE(eventually([&] { return status_of(trail).error == "AccessDenied"; }));
    clock.advance(step);
    ages.advance(std::chrono::days{29});
    const auto attempts = s3.attempts("audit");
    ASSERT_TRUE(eventually([&] { return s3.attempts("audit") > attempts + 2; }));
    EXPECT_EQ(waiting(), 1U);
    ages.advance(std::chrono::days{1});
    EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
    EXPECT_THAT(ids("audit"), IsEmpty());
    close();
    s3.refuse("audit", "");
  }
}

}  // namespace
}  // namespace cairn::delivery::testing
