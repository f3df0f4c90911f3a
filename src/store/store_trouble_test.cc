// What is too much for a job, and what is damaged: the history goes on, and says so.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/whole_testing.h"

namespace cairn::store::testing {
namespace {

constexpr std::size_t kEvents = 300;

// A row of little text and very many resources: what it takes is in its view and its terms.
Event wide_event(Time time, std::size_t number, std::size_t resources) {
  auto view = simple_view(time, fmt::format("id-{}", number));
  for (std::size_t i = 0; i < resources; ++i) {
    view.resources.push_back({"", fmt::format("{}-{}", number, i)});
  }
  return event_of(view);
}

TEST(StoreTrouble, a_head_is_full_by_what_it_takes_in_memory) {
  auto options = Options{};
  options.head_bytes_max = 4U << 20;
  options.heads_max = 3;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  world.blob->fail_writers(true);
  std::size_t highest = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    world.journal.push_back(wide_event(world.clock.now() - Millis(i), i, 200));
    if (!world.follow(10)) {
      break;
    }
    const auto text = world.metrics.text();
    constexpr std::string_view kName = "\ncairn_store_head_bytes{store=\"history\"} ";
    highest = std::max<std::size_t>(
        highest, std::strtoull(text.c_str() + text.find(kName) + kName.size(), nullptr, 10));
  }
  EXPECT_LT(world.journal.size(), 3000U);
  EXPECT_GT(highest, 6U << 20);
  EXPECT_LE(highest, 13U << 20);  // an append's rows are not parted
}

// Refuses a seal of much, as a worker does that has too little memory for it, and any of some rows.
class SmallRunner final : public JobRunner {
 public:
  SmallRunner(JobRunner& real, World& world, std::size_t bytes_max)
      : real_(real), world_(world), bytes_max_(bytes_max) {}
  void start(Job job, Done done) override {
    const auto* const seal = std::get_if<SealJob>(&job.work);
    std::size_t bytes = 0;
    bool poisoned = false;
    for (auto i = seal != nullptr ? seal->from.raw() : 0; seal != nullptr && i < seal->to.raw(); ++i) {
      bytes += world_.journal[i].json.size() + world_.journal[i].view.bytes();
      poisoned = poisoned || poison == i;
    }
    if (poisoned || bytes > bytes_max_) {
      ++refused;
      return done(Error{poisoned ? Errc::unavailable : Errc::limit, "have a worker do a job: too much"});
    }
    real_.start(std::move(job), std::move(done));
  }

  std::optional<std::uint64_t> poison;
  int refused = 0;

 private:
  JobRunner& real_;
  World& world_;
  const std::size_t bytes_max_;
};

TEST(StoreTrouble, a_seal_that_is_too_much_for_its_worker_is_done_in_parts) {
  auto options = Options{};
  options.seal_rows = 100;
  World world(options);
  const auto real = std::move(world.runner);
  auto small = std::make_unique<SmallRunner>(*real, world, 80'000);  // of a few rows at a time
  auto& refusing = *small;
  world.runner = std::move(small);
  ASSERT_TRUE(world.open().has_value());
  std::size_t rows = 0;
  for (std::size_t round = 0; round < 3; ++round) {
    for (; rows < 150 * (round + 1); ++rows) {
      world.journal.push_back(wide_event(world.clock.now() - Millis(rows), rows, rows % 50 == 0 ? 250 : 5));
    }
    ASSERT_TRUE(world.follow().has_value());
    // A lookup between any two parts sees each row once.
    for (int step = 0; step < 200 && world.store->cursor() < world.store->end(); ++step) {
      const auto maintained = world.store->maintain(world.clock.now());
      ASSERT_TRUE(maintained.has_value()) << maintained.error().text();
      expect_whole(world);
      while (world.store->working() && !world.maintain()) {
      }
    }
    EXPECT_EQ(world.store->cursor(), world.store->end());
    if (round == 1) {
      ASSERT_TRUE(world.restart().has_value());
    }
    expect_whole(world);
  }
  EXPECT_GT(refusing.refused, 3);
  EXPECT_TRUE(world.tidy());
  world.crash();
}

// A row that kills whoever seals it, three times at each size: the others are sealed, and it is not lost.
TEST(StoreTrouble, a_row_that_cannot_be_sealed_is_set_aside) {
  auto options = Options{};
  options.seal_rows = 40;
  World world(options);
  const auto real = std::move(world.runner);
  auto small = std::make_unique<SmallRunner>(*real, world, 1U << 30);
  small->poison = 17;
  world.runner = std::move(small);
  ASSERT_TRUE(world.open().has_value());
  add(world, 40);
  for (int step = 0; step < 200 && world.store->cursor() < world.store->end(); ++step) {
    static_cast<void>(world.maintain());  // says what failed
    expect_whole(world);
    world.clock.advance(61s);
  }
  EXPECT_EQ(world.store->cursor().raw(), 40U);
  EXPECT_EQ(world.documents("store/history/aside/"), 1U);
  for (int again = 0; again < 2; ++again) {
    expect_whole(world);
    ASSERT_TRUE(world.restart().has_value());
    auto query = everything();
    query.attribute = {Attribute::event_id, "id-17"};
    ASSERT_EQ(world.all(query), (std::vector<std::uint64_t>{17}));
  }
  world.clock.advance(world.options.retention.get() + std::chrono::hours(100));
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.documents("store/history/"), 1U);  // the cursor
  EXPECT_TRUE(world.all(everything()).empty());
  world.crash();
}

TEST(StoreTrouble, a_job_whose_blobs_cannot_be_found_leaves_none) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, 30);
  world.blob->fail_local_paths(true);
  EXPECT_FALSE(world.store->seal().has_value());
  EXPECT_TRUE(world.blob_names().empty());
  world.blob->fail_local_paths(false);
  ASSERT_TRUE(world.store->seal().has_value());
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

TEST(StoreTrouble, a_job_that_cannot_be_started_is_tried_again_after_a_while) {
  auto options = Options{};
  options.seal_rows = 10;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  add(world, 30);
  const auto scratch = world.folder.path("scratch/history");
  std::filesystem::remove_all(scratch);
  std::ofstream(scratch) << "no folder";
  EXPECT_FALSE(world.store->maintain(world.clock.now()).has_value());
  EXPECT_TRUE(world.store->maintain(world.clock.now()).has_value());  // too soon: not even tried
  std::filesystem::remove(scratch);
  world.clock.advance(1500ms);
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.store->cursor(), world.store->end());
  expect_whole(world);
}

// The others are there: a page that needs nothing of it is whole, and a page that does is an error.
TEST(StoreTrouble, a_segment_that_is_missing_or_has_another_size_is_an_error_of_lookups_that_need_it) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, kEvents);
  ASSERT_TRUE(world.store->seal().has_value());
  world.crash();
  const auto names = world.blob_names();
  const auto name =
      *std::ranges::find_if(names, [](const auto& one) { return one.find("/2026-02-") != one.npos; });
  const auto path = world.run(world.real_blob->local_file(name))->path;
  std::filesystem::permissions(path, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  for (const bool missing : {false, true}) {
    if (missing) {
      ASSERT_TRUE(world.run(world.real_blob->remove(name)).has_value());
    } else {
      std::ofstream(path, std::ios::app) << "x";
    }
    const auto opened = world.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    EXPECT_EQ(world.store->unreadable_segments(), 1U);
    EXPECT_NE(world.metrics.text().find("cairn_history_segments_unreadable{store=\"history\"} 1"),
              std::string::npos);
    auto query = everything();
    EXPECT_EQ(world.lookup(query)->events.size(), 50U);
    query.limit = 1000;
    const auto page = world.lookup(query);
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, Errc::corrupt);
    EXPECT_EQ(page.error().subject, name);
    query.from = world.clock.now() - std::chrono::hours(24 * 10);
    EXPECT_EQ(world.all(query).size(), kEvents / 3 * 2);
    world.crash();
  }
  ASSERT_TRUE(world.open().has_value());
  world.clock.advance(world.options.retention.get() + std::chrono::hours(24));
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.store->unreadable_segments(), 0U);
  EXPECT_TRUE(world.tidy());
}

// The one that makes merges fail is left out, with one innocent at most; a merge that is too much takes
// fewer.
TEST(StoreTrouble, goes_on_past_a_damaged_segment) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  world.clock.set(Time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 20)));
  std::string damaged;
  for (int i = 0; i < 16; ++i) {
    world.journal.push_back(simple_event(world.clock.now(), fmt::format("id-{}", i)));
    ASSERT_TRUE(world.follow().has_value());
    ASSERT_TRUE(world.store->seal().has_value());
    if (damaged.empty()) {
      const auto names = world.blob_names();
      damaged =
          *std::ranges::find_if(names, [](const auto& one) { return one.ends_with(".parquet.sealed"); });
      const std::filesystem::path path = world.run(world.real_blob->local_file(damaged))->path;
      std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                   std::filesystem::perm_options::add);
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) - 4)).write("PAR2", 4);
    }
    world.clock.advance(world.options.seal_age);
    static_cast<void>(world.maintain());  // says what failed
  }
  for (int i = 0; i < 20; ++i) {
    world.clock.advance(120s);
    static_cast<void>(world.maintain());
  }
  EXPECT_LE(world.segments(), 8U);
  auto query = everything();
  query.limit = 10;  // of those that are whole
  EXPECT_EQ(world.lookup(query)->events.size(), 10U);
  const auto names = world.blob_names();
  EXPECT_NE(std::ranges::find(names, damaged), names.end());
}

}  // namespace
}  // namespace cairn::store::testing
