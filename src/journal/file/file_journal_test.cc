// The journal in files keeps the journal's promises; and files: when they begin, when they go, what they are
// called.
#include "journal/file/file_journal.h"

#include "journal/file/file_bench.h"
#include "journal/journal_conformance.h"

namespace cairn::journal {
namespace {

class FileBench final : public Bench {
 public:
  FileBench(Limits limits, std::uint64_t file_bytes)
      : options_{.folder = folder_.path(), .file_bytes = file_bytes, .limits = limits} {
    reopen();
  }
  Journal& journal() override { return *journal_; }
  void reopen() override {
    journal_.reset();
    journal_ = open(options_, system_clock(), metrics_).value();
  }

 private:
  TestFolder folder_;
  Metrics metrics_;
  Options options_;
  std::unique_ptr<Journal> journal_;
};

MakeBench bench(std::string name, std::uint64_t file_bytes) {
  return {std::move(name),
          [file_bytes](Limits limits) { return std::make_unique<FileBench>(limits, file_bytes); }};
}

INSTANTIATE_TEST_SUITE_P(File, JournalConformance,
                         testing::Values(bench("file", 64ULL << 20), bench("small_files", 1000),
                                         bench("file_each", 1)),
                         [](const auto& it) { return it.param.name; });

class FileJournalTest : public FileJournalFixture {};

TEST_F(FileJournalTest, a_new_file_begins_before_the_size_is_passed) {
  options_.file_bytes = 1000;
  start();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(append({std::string(300, static_cast<char>('a' + i))}));
  }
  stop();
  const auto files = list_files(options_.folder).value();
  ASSERT_EQ(files.size(), 5U);
  for (const auto& file : files) {
    EXPECT_LE(std::filesystem::file_size(file.path), 1000U);
  }
  EXPECT_EQ(files[1].path.filename(), "00000000000000000002.journal");
  start();
  EXPECT_EQ(all().size(), 10U);
}

TEST_F(FileJournalTest, a_group_larger_than_a_file_has_one_of_its_own) {
  options_.file_bytes = 1000;
  start();
  ASSERT_TRUE(append({std::string(5000, 'x')}));
  ASSERT_TRUE(append({"y"}));
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(all(), (Texts{std::string(5000, 'x'), "y"}));
}

TEST_F(FileJournalTest, a_file_goes_when_it_is_retired_and_old_enough) {
  options_.file_bytes = 1;
  options_.min_age = Millis{60'000};
  start();
  ASSERT_TRUE(append({"a", "b"}));
  ASSERT_TRUE(append({"c"}));
  clock_.add(Millis{30'000});
  ASSERT_TRUE(append({"d"}));

  ASSERT_TRUE(journal_->retire(kPartition, Position{4}));
  EXPECT_EQ(files(), 3U) << "nothing is old enough";
  clock_.add(Millis{31'000});
  ASSERT_TRUE(journal_->retire(kPartition, Position{1}));
  EXPECT_EQ(journal_->begin(kPartition), Position{2}) << "c's file is closed by d, 30 s later";
  clock_.add(Millis{60'000});
  ASSERT_TRUE(append({"e"}));  // begins a file, and sweeps
  EXPECT_EQ(journal_->begin(kPartition), Position{3}) << "d's file is closed by e just now";
  EXPECT_EQ(all(), (Texts{"d", "e"}));
  EXPECT_EQ(journal_->reader(kPartition, Position{2}).error().code, Errc::not_found);

  stop();
  start();
  EXPECT_EQ(journal_->begin(kPartition), Position{3});
  EXPECT_EQ(append({"f"}).value(), Position{5});
}

TEST_F(FileJournalTest, on_a_full_disk_no_file_is_kept_for_its_age_and_none_that_is_needed_goes) {
  bool full = false;
  options_.file_bytes = 1;
  options_.min_age = Millis{60'000};
  options_.hurry = [&full] { return full; };
  start();
  for (const auto* text : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(append({text}));
  }
  ASSERT_TRUE(journal_->retire(kPartition, Position{2}));
  EXPECT_EQ(files(), 4U);
  full = true;
  clock_.add(Millis{-3'600'000});  // whatever the clock says
  ASSERT_TRUE(journal_->retire(kPartition, Position{2}));
  EXPECT_EQ(journal_->begin(kPartition), Position{2});
  EXPECT_EQ(all(), (Texts{"c", "d"}));
}

TEST_F(FileJournalTest, what_is_kept_for_its_age_alone_is_bounded) {
  options_.file_bytes = 500;
  options_.aged_bytes_max = 1500;
  options_.min_age = Millis{60'000};
  start();
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(append({std::string(300, 'x')}));  // a file each
  }
  EXPECT_EQ(files(), 30U) << "what followers need stays";
  ASSERT_TRUE(journal_->retire(kPartition, Position{20}));
  EXPECT_EQ(journal_->begin(kPartition), Position{20});
  ASSERT_TRUE(journal_->retire(kPartition, Position{30}));
  EXPECT_EQ(files(), 3U);
  EXPECT_EQ(journal_->begin(kPartition), Position{27});
}

TEST_F(FileJournalTest, a_reader_finishes_the_file_that_goes_under_it) {
  options_.file_bytes = 500;
  options_.limits.read_bytes_max = 150;
  start();
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(append({std::string(100, static_cast<char>('a' + i))}));
  }
  const auto inside = reader(Position{0});
  const auto before = reader(Position{0});
  ASSERT_EQ(inside->read(Millis{0}).value().size(), 1U);
  ASSERT_TRUE(journal_->retire(kPartition, Position{9}));
  ASSERT_EQ(journal_->begin(kPartition), Position{6});

  EXPECT_EQ(inside->read(Millis{0}).value().front().payload.front(), 'b');
  EXPECT_EQ(inside->read(Millis{0}).value().front().payload.front(), 'c');
  EXPECT_EQ(inside->read(Millis{0}).error().code, Errc::not_found);
  EXPECT_EQ(inside->read(Millis{0}).error().code, Errc::not_found);
  EXPECT_EQ(before->read(Millis{0}).error().code, Errc::not_found);
}

TEST_F(FileJournalTest, times_never_step_back_not_even_over_a_restart) {
  options_.file_bytes = 200;
  start();
  ASSERT_TRUE(append({"a"}));
  clock_.add(Millis{-5000});
  ASSERT_TRUE(append({"b"}));
  stop();
  clock_.add(Millis{-5000});
  start();
  ASSERT_TRUE(append({std::string(300, 'c')}));
  clock_.set(Millis{1'770'000'000'001});
  ASSERT_TRUE(append({"d"}));
  const auto seen = read_all(*journal_, Position{0});
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].time, Time{Millis{1'770'000'000'000}});
  EXPECT_EQ(seen[1].time, seen[0].time);
  EXPECT_EQ(seen[2].time, seen[0].time);
  EXPECT_EQ(seen[3].time, seen[0].time + Millis{1});
}

TEST_F(FileJournalTest, starts_anywhere_in_a_large_file) {
  start();
  std::vector<std::string> batch(100, std::string(900, 'x'));
  for (int i = 0; i < 30; ++i) {
    batch[7] = std::to_string(i);
    ASSERT_TRUE(append(batch));
  }
  const auto check = [&] {
    for (const std::uint64_t at : {0ULL, 1ULL, 99ULL, 100ULL, 1507ULL, 2906ULL, 2907ULL, 2999ULL}) {
      const auto here = reader(Position{at});
      const auto entries = here->read(Millis{0});
      ASSERT_TRUE(entries && !entries->empty());
      EXPECT_EQ(entries->front().position, Position{at});
      EXPECT_EQ(entries->front().payload, at % 100 == 7 ? std::to_string(at / 100) : batch[0]) << at;
    }
  };
  check();  // by the marks that were made while writing
  stop();
  start();
  check();  // by walking over the group heads
}

TEST_F(FileJournalTest, leftovers_are_cleared_and_foreign_files_left_alone) {
  start();
  ASSERT_TRUE(append({"a"}));
  stop();
  write_file(file(Position{1}).native() + ".new", "half a head");
  write_file(options_.folder / "note.txt", "hello");
  write_file(options_.folder / "1.journal", "hello");
  start();
  EXPECT_FALSE(std::filesystem::exists(file(Position{1}).native() + ".new"));
  EXPECT_TRUE(std::filesystem::exists(options_.folder / "note.txt"));
  EXPECT_EQ(all(), Texts{"a"});
}

TEST_F(FileJournalTest, tells_its_metrics) {
  start();
  ASSERT_TRUE(append({"aa", "bb"}));
  const auto text = metrics_.text();
  for (const auto* line :
       {"cairn_journal_appended_entries_total 2", "cairn_journal_appended_bytes_total 20",
        "cairn_journal_syncs_total 1", "cairn_journal_end_position 2", "cairn_journal_files 1",
        "cairn_journal_group_entries_count 1", "cairn_journal_sync_seconds_count 1",
        "cairn_journal_pending_bytes 0", "cairn_journal_first_position 0"}) {
    EXPECT_NE(text.find(line), text.npos) << line;
  }
}

}  // namespace
}  // namespace cairn::journal
