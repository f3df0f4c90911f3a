// Killed at every point of a seal, refused by a catalog or a blob store that fails, and opened on what such a
// day leaves behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/whole_testing.h"

namespace cairn::store::testing {
namespace {

using catalog::memory::Faults;

constexpr std::size_t kEvents = 300;

TEST(StoreCrash, nothing_is_lost_or_doubled_when_it_is_killed_between_put_and_commit) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, kEvents);
  world.catalog->fail({.every = 1, .kind = Faults::Kind::unavailable});
  ASSERT_FALSE(world.store->seal().has_value());
  EXPECT_EQ(world.blob_names().size(), 6U);
  expect_whole(world);
  ASSERT_TRUE(world.restart().has_value());
  EXPECT_TRUE(world.blob_names().empty());  // the orphans
  EXPECT_EQ(world.store->cursor().raw(), 0U);
  expect_whole(world);
  ASSERT_TRUE(world.store->seal().has_value());
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

TEST(StoreCrash, nothing_is_lost_or_doubled_when_it_is_killed_after_the_commit) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, kEvents);
  ASSERT_TRUE(world.store->seal().has_value());
  add(world, 50);
  ASSERT_TRUE(world.restart().has_value());
  EXPECT_EQ(world.store->cursor().raw(), kEvents);
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

// Killed with a commit on its way: the catalog has it or not, and what is read from the journal fits.
TEST(StoreCrash, an_unknown_commit_is_settled_by_the_next_open) {
  for (const auto kind : {Faults::Kind::unknown_applied, Faults::Kind::unknown_not_applied}) {
    World world;
    ASSERT_TRUE(world.open().has_value());
    add(world, kEvents);
    world.catalog->fail({.every = 1, .kind = kind});
    static_cast<void>(world.store->seal());
    ASSERT_TRUE(world.restart().has_value());
    EXPECT_EQ(world.store->cursor().raw(), kind == Faults::Kind::unknown_applied ? kEvents : 0U);
    expect_whole(world);
    EXPECT_TRUE(world.tidy());
  }
}

TEST(StoreCrash, an_unknown_commit_is_settled_by_reading) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, kEvents);
  world.catalog->fail({.every = 1, .kind = Faults::Kind::unknown_applied});
  EXPECT_TRUE(world.store->seal().has_value());
  EXPECT_EQ(world.store->cursor().raw(), kEvents);
  expect_whole(world);
  EXPECT_TRUE(world.tidy());

  add(world, kEvents);
  world.catalog->fail({.every = 1, .kind = Faults::Kind::unknown_not_applied});
  EXPECT_FALSE(world.store->seal().has_value());
  EXPECT_EQ(world.store->cursor().raw(), kEvents);
  expect_whole(world);
  world.catalog->fail({});
  add(world, 10);
  EXPECT_TRUE(world.store->seal().has_value());
  ASSERT_TRUE(world.maintain().has_value());
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

TEST(StoreCrash, a_failed_put_leaves_nothing_and_is_tried_again_after_a_while) {
  auto options = Options{};
  options.seal_rows = 100;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  add(world, 150);
  world.blob->fail_after(4);  // the third segment's
  EXPECT_FALSE(world.maintain().has_value());
  EXPECT_TRUE(world.blob_names().empty());
  world.blob->fail_after(1000);
  ASSERT_TRUE(world.maintain().has_value());  // too soon: not even tried
  EXPECT_EQ(world.store->cursor().raw(), 0U);
  world.clock.advance(1500ms);
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.store->cursor().raw(), 150U);
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

TEST(StoreCrash, a_head_that_cannot_be_sealed_takes_no_more_and_recovers) {
  auto options = Options{};
  options.seal_rows = 100;
  options.head_rows_max = 100;
  options.heads_max = 2;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  world.blob->fail_writers(true);
  add(world, 100);
  add(world, 100);
  EXPECT_FALSE(world.maintain().has_value());
  world.journal.push_back(simple_event(world.clock.now(), "late"));
  const auto refused = world.follow();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::limit);
  world.blob->fail_writers(false);
  world.clock.advance(5000ms);
  ASSERT_TRUE(world.maintain().has_value());
  ASSERT_TRUE(world.follow().has_value());
  expect_whole(world);
}

// Each append but the first finds both heads full, and a seal on its way.
TEST(StoreCrash, an_append_to_full_heads_waits_for_the_seal_that_runs) {
  auto options = Options{};
  options.seal_rows = 100;
  options.head_rows_max = 100;
  options.heads_max = 2;
  options.room_patience = Millis{120'000};  // a busy machine seals slowly
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  for (int i = 0; i < 6; ++i) {
    add(world, 100);
    ASSERT_TRUE(world.store->maintain(world.clock.now()).has_value());
  }
  ASSERT_TRUE(world.maintain().has_value());
  expect_whole(world);
  EXPECT_TRUE(world.tidy());
}

// As many records of the largest size as a head ever holds, within a job's default limit.
TEST(StoreCrash, a_full_head_of_large_records_is_sealed_and_read_within_the_memory_limit) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  for (int i = 0; i < 260; ++i) {
    std::mt19937 random(static_cast<unsigned>(i));
    std::string filler(255U << 10, ' ');
    std::ranges::generate(filler, [&] { return static_cast<char>('a' + random() % 26); });
    world.journal.push_back(
        event_of(simple_view(world.clock.now() - Millis(i), fmt::format("id-{}", i)), filler));
  }
  ASSERT_TRUE(world.follow(16).has_value());
  for (const bool sealed : {false, true}) {
    if (sealed) {
      const auto done = world.store->seal();
      ASSERT_TRUE(done.has_value()) << done.error().text();
    }
    const auto page = world.lookup(everything());
    ASSERT_TRUE(page.has_value()) << page.error().text();
    ASSERT_EQ(page->events.size(), 50U);
    EXPECT_EQ(page->events[49].json, world.journal[49].json);
  }
}

TEST(StoreCrash, appending_what_is_there_already_changes_nothing) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, 100);
  std::vector<Row> again;
  for (std::size_t i = 50; i < 120; ++i) {
    if (i >= world.journal.size()) {
      world.journal.push_back(simple_event(world.clock.now(), fmt::format("id-{}", i)));
    }
    again.push_back({journal::Position{i}, world.journal[i].view, world.journal[i].json});
  }
  world.write_journal();
  ASSERT_TRUE(world.store->append(again, journal::Position{120}).has_value());
  ASSERT_TRUE(world.store->append(again, journal::Position{120}).has_value());
  expect_whole(world);
}

TEST(StoreCrash, a_cursor_moves_over_entries_that_are_no_records) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  world.journal.resize(70, Event{.recorded = false, .view = {}, .json = {}});
  ASSERT_TRUE(world.follow().has_value());
  world.clock.advance(world.options.seal_age);
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.store->cursor().raw(), 70U);
  EXPECT_TRUE(world.blob_names().empty());
}

// Eight bytes (seven may be between two sections) anywhere behind the head: an error, never a page that lacks
// an event.
TEST(StoreCrash, a_damaged_index_is_an_error_of_the_lookup) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, kEvents);
  ASSERT_TRUE(world.store->seal().has_value());
  world.crash();
  const auto names = world.blob_names();
  const auto name =
      *std::ranges::find_if(names, [](const auto& one) { return one.ends_with(".postings.sealed"); });
  const std::filesystem::path path = world.run(world.real_blob->local_file(name))->path;
  std::filesystem::permissions(path, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  const auto size = std::filesystem::file_size(path);
  for (const auto at : {size / 4, size / 2, size * 3 / 4}) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto turn = [&] {
      std::array<char, 8> bytes{};
      file.seekg(static_cast<std::streamoff>(at)).read(bytes.data(), bytes.size());
      std::ranges::for_each(bytes, [](char& byte) { byte = static_cast<char>(byte ^ 0x10); });
      file.seekp(static_cast<std::streamoff>(at)).write(bytes.data(), bytes.size()).flush();
    };
    turn();
    ASSERT_TRUE(world.open().has_value());
    auto query = everything();
    query.limit = 1000;  // all, so that every segment is read
    const auto page = world.lookup(query);
    ASSERT_FALSE(page.has_value()) << at;
    EXPECT_EQ(page.error().code, Errc::corrupt);
    world.crash();
    turn();
  }
  ASSERT_TRUE(world.open().has_value());
  expect_whole(world);
}

TEST(StoreCrash, opening_refuses_a_newer_format) {
  World world;
  catalog::Transaction transaction;
  transaction.writes.push_back({"store/history/segment/x", R"({"format":4})", 0});
  ASSERT_TRUE(world.run(world.catalog->commit(std::move(transaction))).has_value());
  const auto opened = world.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::invalid);
}

TEST(StoreCrash, opening_empties_its_scratch_folder) {
  World world;
  std::filesystem::create_directories(world.folder.path("scratch/history"));
  std::ofstream(world.folder.path("scratch/history/half.parquet")) << "PAR1";
  ASSERT_TRUE(world.open().has_value());
  EXPECT_FALSE(std::filesystem::exists(world.folder.path("scratch/history/half.parquet")));
}

TEST(StoreRetention, removes_whole_segments_and_hides_the_rest) {
  auto options = Options{};
  options.retention = std::chrono::hours(24 * 10);
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  for (int day = 0; day < 9; ++day) {
    for (int i = 0; i < 10; ++i) {
      world.journal.push_back(
          simple_event(world.clock.now() + std::chrono::hours(i), fmt::format("{}-{}", day, i)));
    }
    ASSERT_TRUE(world.follow().has_value());
    ASSERT_TRUE(world.store->seal().has_value());
    world.clock.advance(std::chrono::hours(24));
  }
  auto query = everything();
  query.limit = 1000;
  EXPECT_EQ(world.all(query).size(), 90U);
  // 10 days after the first event, and five hours: of the first day's ten events, five are left, and the
  // segment is.
  world.clock.set(kStart + std::chrono::hours(24 * 10 + 5));
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.all(query).size(), 85U);
  EXPECT_EQ(world.segments(), 9U);
  world.clock.advance(std::chrono::hours(24 * 2));
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.segments(), 7U);
  EXPECT_EQ(world.all(query).size(), 65U);
  EXPECT_TRUE(world.tidy());
}

TEST(StoreRetention, a_blob_that_could_not_be_removed_goes_later) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, 30);
  ASSERT_TRUE(world.store->seal().has_value());
  world.clock.advance(world.options.retention.get() + std::chrono::hours(100));
  world.blob->fail_removes(true);
  ASSERT_TRUE(world.maintain().has_value());
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.segments(), 0U);
  EXPECT_EQ(world.blob_names().size(), 6U);
  world.blob->fail_removes(false);
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_TRUE(world.blob_names().empty());
}

// A seal every few minutes must not leave hundreds of tiny files a day.
TEST(StoreMerge, a_quiet_day_has_few_segments) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  world.clock.set(Time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 20)));
  for (int i = 0; i < 100; ++i) {
    world.journal.push_back(simple_event(world.clock.now(), fmt::format("id-{}", i)));
    ASSERT_TRUE(world.follow().has_value());
    world.clock.advance(world.options.seal_age);
    ASSERT_TRUE(world.maintain().has_value());
  }
  EXPECT_EQ(world.store->cursor().raw(), 100U);
  EXPECT_LE(world.segments(), 7U);
  auto query = everything();
  query.limit = 1000;
  EXPECT_EQ(world.all(query).size(), 100U);
  EXPECT_TRUE(world.tidy());
}

}  // namespace
}  // namespace cairn::store::testing
