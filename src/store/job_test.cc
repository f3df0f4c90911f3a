// Jobs by themselves: what the files of a seal and of a merge hold, and what makes a job fail.
#include "store/job.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "crypto/random.h"
#include "crypto/sealed_file.h"
#include "store/columns.h"
#include "store/segment_files.h"
#include "store/store_testing.h"
#include "store/terms.h"

namespace cairn::store::testing {
namespace {

struct Fixture {
  Fixture() { std::filesystem::create_directories(folder.path("out")); }

  Job job(std::variant<SealJob, MergeJob> work, std::string id = "a") const {
    return {.id = std::move(id),
            .folder = folder.path("out"),
            .memory_bytes_max = 256U << 20,
            .deadline = Millis{60'000},
            .key = key,
            .work = std::move(work)};
  }
  SealJob everything(std::size_t from, std::size_t to) const {
    return {.partition = journal::Partition{0},
            .from = journal::Position{from},
            .to = journal::Position{to},
            .now = kStart,
            .oldest = kStart - std::chrono::hours(24 * 90)};
  }
  JobPorts ports() {
    return {.journal = [this](journal::Partition partition, journal::Position from) {
      return world.real_journal.reader(partition, from);
    }};
  }
  Result<JobResult> run(const Job& job) {
    world.write_journal();
    return run_job(job, ports());
  }
  MergeSource source(const Made& made) const { return {file(made.parquet), made.rows}; }
  blob::LocalFile file(const std::string& name) const {
    return {.path = folder.path("out/" + name), .key = key};
  }

  // A segment's rows as its files have them: scope by scope, newest first.
  std::vector<std::string> ids(const Made& made, const std::string& scope) {
    SegmentFiles files(file(made.parquet), file(made.postings), made.rows);
    const auto index = files.open(std::make_shared<postings::BlockCache>(1U << 20));
    EXPECT_TRUE(index.has_value()) << (index ? "" : index.error().text());
    const auto range = index->index->scope(scope);
    EXPECT_TRUE(range.has_value());
    std::vector<std::uint64_t> rows;
    for (auto row = range->begin; row < range->end; ++row) {
      rows.push_back(row);
    }
    parquet::RowReader reader;
    const auto texts = files.texts(*index, reader, rows);
    EXPECT_TRUE(texts.has_value()) << (texts ? "" : texts.error().text());
    std::vector<std::string> ids;
    for (const auto& text : *texts) {
      ids.emplace_back(event::view(text)->event_id);
    }
    return ids;
  }

  World world;
  Folder folder;
  std::shared_ptr<const crypto::Secret> key =
      std::make_shared<const crypto::Secret>(crypto::random_secret(crypto::SealedFile::kKeyBytes));
};

event::View view_of(Time time, std::string id, std::string account = "111122223333") {
  auto view = simple_view(time, std::move(id));
  view.recipient_account = std::move(account);
  return view;
}

using Ids = std::vector<std::string>;
constexpr std::string_view kScope = "111122223333/us-east-1/Management";

TEST(Job, a_seal_sorts_by_scope_and_time_and_parts_days) {
  Fixture f;
  f.world.journal = {event_of(view_of(kStart, "c")), event_of(view_of(kStart - 2ms, "a")),
                     event_of(view_of(kStart - 1ms, "x", "000000000000")),
                     event_of(view_of(kStart - 24h, "yesterday")), event_of(view_of(kStart - 1ms, "b"))};
  const auto result = f.run(f.job(f.everything(0, 5)));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  ASSERT_EQ(result->made.size(), 2U);
  EXPECT_EQ(result->made[0].group, "2026-03-19");
  EXPECT_EQ(result->made[0].rows, 1U);
  const auto& today = result->made[1];
  EXPECT_EQ(today.group, "2026-03-20");
  EXPECT_EQ(today.parquet, "2026-03-20-a.parquet");
  EXPECT_EQ(today.rows, 4U);
  EXPECT_EQ(today.first.raw(), 0U);
  EXPECT_EQ(today.last.raw(), 4U);
  EXPECT_EQ(today.min_time, kStart - 2ms);
  EXPECT_EQ(today.max_time, kStart);
  EXPECT_EQ(today.accounts, (Ids{"000000000000", "111122223333"}));
  EXPECT_EQ(today.regions, Ids{"us-east-1"});
  EXPECT_EQ(f.ids(today, std::string(kScope)), (Ids{"a", "b", "c"}));
  EXPECT_EQ(f.ids(today, "000000000000/us-east-1/Management"), Ids{"x"});
}

TEST(Job, a_seal_takes_its_range_and_what_belongs_alone) {
  Fixture f;
  auto data = view_of(kStart, "data");
  data.category = event::Category::data;
  auto control = event_of(view_of(kStart, "control"));
  control.recorded = false;
  f.world.journal = {
      event_of(view_of(kStart, "before")),         event_of(view_of(kStart, "in")),   event_of(data), control,
      event_of(view_of(kStart - 24h * 91, "old")), event_of(view_of(kStart, "after"))};
  const auto result = f.run(f.job(f.everything(1, 5)));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  ASSERT_EQ(result->made.size(), 1U);
  EXPECT_EQ(f.ids(result->made[0], std::string(kScope)), Ids{"in"});
  const auto none = f.run(f.job(f.everything(2, 4), "b"));
  ASSERT_TRUE(none.has_value()) << none.error().text();
  EXPECT_TRUE(none->made.empty());
}

TEST(Job, a_merge_keeps_the_order_and_drops_repeats) {
  Fixture f;
  f.world.journal = {event_of(view_of(kStart, "c")),       event_of(view_of(kStart - 2ms, "a")),
                     event_of(view_of(kStart, "c")),       event_of(view_of(kStart - 1ms, "b")),
                     event_of(view_of(kStart - 1ms, "c")), event_of(view_of(kStart, "d"))};
  const auto first = f.run(f.job(f.everything(0, 2), "a"));
  const auto second = f.run(f.job(f.everything(2, 6), "b"));
  ASSERT_TRUE(first.has_value() && second.has_value());
  const auto merged = f.run(
      f.job(MergeJob{.group = "2026-03-20", .sources = {f.source(second->made[0]), f.source(first->made[0])}},
            "c"));
  ASSERT_TRUE(merged.has_value()) << merged.error().text();
  ASSERT_EQ(merged->made.size(), 1U);
  EXPECT_EQ(merged->repeats, 1U);
  EXPECT_EQ(merged->made[0].rows, 5U);
  EXPECT_EQ(merged->made[0].parquet, "2026-03-20-c.parquet");
  EXPECT_EQ(merged->made[0].last.raw(), 5U);
  EXPECT_EQ(f.ids(merged->made[0], std::string(kScope)), (Ids{"a", "b", "c", "c", "d"}));
}

TEST(Job, a_seal_of_many_rows_has_all_of_them_under_their_terms) {
  Fixture f;
  for (int i = 0; i < 10'000; ++i) {
    auto view = view_of(kStart - Millis(i % 977), fmt::format("id-{}", i));
    view.username = fmt::format("user{}", i % 100);
    f.world.journal.push_back(event_of(view));
  }
  const auto result = f.run(f.job(f.everything(0, 10'000)));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  const auto& made = result->made.at(0);
  SegmentFiles files(f.file(made.parquet), f.file(made.postings), made.rows);
  const auto index = files.open(std::make_shared<postings::BlockCache>(1U << 20));
  ASSERT_TRUE(index.has_value()) << index.error().text();
  EXPECT_TRUE(index->index->verify().has_value());
  EXPECT_EQ(index->texts.chunks.size(), (10'000 + kRowGroupRows - 1) / kRowGroupRows)
      << "a row costs half of one";
  const auto scope = scope_term("111122223333", "us-east-1", event::Category::management);
  for (int user = 0; user < 100; ++user) {
    const auto name = fmt::format("user{}", user);
    auto rows = index->index->find(postings::Term{attribute_term(scope, Attribute::username, name)});
    ASSERT_TRUE(rows.has_value());
    std::size_t count = 0;
    while (rows->next()) {
      ++count;
    }
    EXPECT_EQ(count, 100U);
  }
}

// Records as large as the door takes them, more than a row group of them: memory does, without a spill.
TEST(Job, seals_and_merges_the_largest_records) {
  Fixture f;
  std::mt19937_64 random(5);
  std::string filler(1'000'000, 'x');
  std::ranges::generate(filler, [&] { return static_cast<char>('a' + random() % 16); });
  for (int i = 0; i < 40; ++i) {
    std::ranges::rotate(filler, filler.begin() + 25'000);
    f.world.journal.push_back(event_of(view_of(kStart + Millis(i), fmt::format("id-{}", i)), filler));
  }
  MergeJob merging{.group = "2026-03-20", .sources = {}};
  for (const std::size_t part : {0U, 1U}) {
    const auto made = f.run(f.job(f.everything(20 * part, 20 * part + 20), fmt::format("seal{}", part)));
    ASSERT_TRUE(made.has_value()) << made.error().text();
    merging.sources.push_back(f.source(made->made.at(0)));
  }
  const auto whole = f.run(f.job(f.everything(0, 40), "whole"));
  ASSERT_TRUE(whole.has_value()) << whole.error().text();
  const auto merged = f.run(f.job(merging, "merged"));
  ASSERT_TRUE(merged.has_value()) << merged.error().text();
  EXPECT_EQ(merged->made.at(0).rows, 40U);
  EXPECT_EQ(f.ids(merged->made.at(0), std::string(kScope)), f.ids(whole->made.at(0), std::string(kScope)));
}

TEST(Job, fails_when_its_deadline_is_over_or_a_source_is_not_what_it_was) {
  Fixture f;
  f.world.journal = {event_of(view_of(kStart, "a"))};
  auto late = f.job(f.everything(0, 1));
  late.deadline = Millis{-1};
  const auto given_up = f.run(late);
  ASSERT_FALSE(given_up.has_value());
  EXPECT_EQ(given_up.error().code, Errc::limit);

  const auto made = f.run(f.job(f.everything(0, 1), "b"));
  ASSERT_TRUE(made.has_value());
  auto source = f.source(made->made[0]);
  source.rows = 2;
  const auto other = f.run(f.job(MergeJob{.group = "2026-03-20", .sources = {source}}, "c"));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, Errc::corrupt);
  source.file.path += "x";
  const auto gone = f.run(f.job(MergeJob{.group = "2026-03-20", .sources = {source}}, "d"));
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, Errc::not_found);
}

TEST(JobRunner, in_process_does_one_after_the_other_and_owes_each_its_end) {
  Fixture f;
  f.world.journal = {event_of(view_of(kStart, "a"))};
  f.world.write_journal();
  std::atomic<int> done{0};
  {
    const auto runner = in_process_runner(f.ports());
    runner->start(f.job(f.everything(0, 1), "a"), [&](Result<JobResult> result) {
      EXPECT_TRUE(result.has_value());
      ++done;
    });
    while (done == 0) {
      std::this_thread::sleep_for(1ms);
    }
    runner->start(f.job(f.everything(0, 1), "b"), [&](Result<JobResult>) { ++done; });
  }
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace cairn::store::testing
