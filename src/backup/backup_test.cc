// What a backup cuts off, and that what comes back is what went in. Under load, and end to end:
// conformance/test_backup.py.
#include "backup/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "async/loops.h"
#include "backup/manifest.h"
#include "base/hold.h"
#include "catalog/sqlite/sqlite_catalog.h"
#include "event/entry.h"
#include "journal/file/file_journal.h"
#include "journal/journal_testing.h"

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    auto name = (fs::temp_directory_path() / "cairn-backup-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(data() / "blobs" / "s3" / "run");
    fs::create_directories(data() / "blobs" / ".tmp");
    fs::create_directories(data() / "dedupe");
    write(data() / "blobs" / "s3" / "run" / "one", "bytes of one");
    write(data() / "blobs" / ".tmp" / "7", "a draft");
    write(data() / "dedupe" / "00000000000000000001.ids", "old");
    write(data() / "dedupe" / "00000000000000000002.ids", "new");
    write(data() / "master.key", std::string(64, 'a'));
    write(data() / "credentials", "secret");
    catalog_ = catalog::sqlite::open({.file = data() / "catalog.sqlite"}, system_clock(), metrics_).value();
    journal_ = journal::open({.folder = data() / "journal"}, system_clock(), metrics_).value();
  }
  ~BackupTest() override {
    journal_.reset();
    catalog_.reset();
    fs::remove_all(folder_);
  }
  fs::path data() const { return folder_ / "data"; }
  fs::path to() const { return folder_ / "backup"; }

  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  void commit_rows(int count) {
    catalog::Transaction transaction;
    transaction.outbox.assign(static_cast<std::size_t>(count), "row");
    ASSERT_TRUE(wait(catalog_->commit(transaction)).has_value());
  }
  // One group, an entry for each outbox number.
  void append(const std::vector<std::uint64_t>& numbers) {
    std::vector<std::string> payloads;
    for (const auto number : numbers) {
      payloads.push_back(event::encode_entry(event::Kind::record, number, "{}"));
    }
    ASSERT_TRUE(wait(journal_->append(journal::kPartition, payloads)).has_value());
  }
  Result<Summary> back_up() { return backup::back_up({.data = data(), .to = to()}, system_clock()); }
  std::vector<std::string> paths() const {
    auto reader = ManifestReader::open(to()).value();
    std::vector<std::string> out;
    while (const auto item = reader.next().value()) {
      out.push_back(item->path);
    }
    return out;
  }

  fs::path folder_;
  Metrics metrics_;
  async::Loops loops_{1};
  std::unique_ptr<catalog::sqlite::SqliteCatalog> catalog_;
  std::unique_ptr<journal::Journal> journal_;
};

TEST_F(BackupTest, HoldsWhatIsDataAndNothingElse) {
  commit_rows(1);
  append({0, 1, 0});
  const auto made = back_up().value();
  EXPECT_EQ(made.journal_end, journal::Position{3});
  EXPECT_EQ(paths(), (std::vector<std::string>{"dedupe/00000000000000000002.ids", "catalog.sqlite",
                                               "journal/00000000000000000000.journal", "blobs/s3/run/one"}));
  EXPECT_EQ(read(to() / "blobs/s3/run/one"), "bytes of one");
}

// The catalog was copied, then row 3 was committed and carried into the journal: its effect is not in the
// copy.
TEST_F(BackupTest, TheJournalEndsBeforeTheFirstGroupThatTheCatalogDoesNotKnow) {
  commit_rows(2);
  append({1, 0});
  append({0});
  append({0, 2, 3, 0});
  append({0});
  EXPECT_EQ(back_up().value().journal_end, journal::Position{3});
  const auto restored = restore({.from = to(), .data = folder_ / "again", .master_key = {}});
  ASSERT_TRUE(restored.has_value()) << restored.error().text();
  const auto journal =
      journal::open({.folder = folder_ / "again" / "journal"}, system_clock(), metrics_).value();
  EXPECT_EQ(journal->end(journal::kPartition), journal::Position{3});
}

TEST_F(BackupTest, ComesBackWhole) {
  commit_rows(1);
  append({1});
  ASSERT_TRUE(back_up().has_value());
  write(folder_ / "key", std::string(64, 'b'));
  fs::permissions(folder_ / "key", fs::perms::owner_read);
  fs::create_directories(folder_ / "again");
  ASSERT_TRUE(
      restore({.from = to(), .data = folder_ / "again" / "", .master_key = folder_ / "key"}).has_value());
  EXPECT_EQ(read(folder_ / "again" / "master.key"), std::string(64, 'b'));
  EXPECT_EQ(read(folder_ / "again/blobs/s3/run/one"), "bytes of one");
  auto again =
      catalog::sqlite::open({.file = folder_ / "again/catalog.sqlite"}, system_clock(), metrics_).value();
  catalog::Transaction transaction;
  transaction.outbox = {"row"};
  EXPECT_EQ(wait(again->commit(transaction)).value().outbox_last, 2U);
}

TEST_F(BackupTest, RefusesWhatItMustNotDo) {
  {
    const auto other = Hold::take(data() / "blobs").value();
    EXPECT_EQ(back_up().error().code, Errc::conflict);
  }
  fs::remove_all(to());
  fs::create_directories(to());
  write(to() / "something", "");
  EXPECT_EQ(back_up().error().code, Errc::conflict);
  EXPECT_EQ(backup::back_up({.data = folder_, .to = folder_ / "x"}, system_clock()).error().code,
            Errc::not_found);
  EXPECT_EQ(restore({.from = to(), .data = data(), .master_key = {}}).error().code, Errc::conflict);
  EXPECT_EQ(restore({.from = to(), .data = folder_ / "y", .master_key = {}}).error().code, Errc::not_found);
}

// What the catalog names must be in the copy; where the original lacks it, all else is worth keeping.
TEST_F(BackupTest, ABlobThatTheCatalogNamesAndThatIsNotThereIsSaid) {
  fs::create_directories(data() / "blobs" / "spool");
  write(data() / "blobs" / "spool" / "one.sealed", std::string(12 + 40 + 16, 's'));
  const struct {
    const char* key;
    const char* value;
    bool is_whole;
  } rows[] = {
      {"s3/object/b/one", R"({"blob":"s3/run/one","size":12})", true},
      {"s3/object/b/one", R"({"blob":"s3/run/one","size":13})", false},
      {"s3/object/b/one", R"({"blob":"s3/run/none","size":12})", false},
      {"s3/object/b/one", R"({"blob":"","size":12})", true},
      {"s3/version/b/one", R"({"blob":"s3/run/none","size":12})", false},
      {"s3/part/b/u/00001", R"({"blob":"s3/run/none","size":12})", false},
      {"store/history/segment/1", R"({"blob":"s3/run/one","bytes":12,"postings":"none","postingsBytes":1})",
       false},
      {"delivery/plan/arn/1", R"({"spool":"spool/none","bytes":12})", false},
      {"delivery/plan/arn/1", R"({"spool":"spool/one.sealed","bytes":12})", true},
      {"delivery/plan/arn/1", R"({"spool":"spool/one.sealed","bytes":13})", false},
      {"delivery/plan/arn/1", R"({"spool":"spool/none","bytes":12,"unreadableSince":1})", true},
  };
  for (const auto& row : rows) {
    catalog::Transaction transaction;
    transaction.writes.push_back({row.key, row.value, std::nullopt});
    ASSERT_TRUE(wait(catalog_->commit(transaction)).has_value());
    fs::remove_all(to());
    const auto made = back_up();
    ASSERT_TRUE(made.has_value()) << made.error().text();
    EXPECT_EQ(made->lost_count, row.is_whole ? 0U : 1U) << row.value;
    EXPECT_EQ(made->lost.size(), made->lost_count);
    EXPECT_THAT(paths(), ::testing::Contains("blobs/s3/run/one")) << row.value;
    catalog::Transaction gone;
    gone.writes.push_back({row.key, std::nullopt, std::nullopt});
    ASSERT_TRUE(wait(catalog_->commit(gone)).has_value());
  }
}

// An entry that means nothing to this Cairn cannot be judged: no backup is better than a wrong one.
TEST_F(BackupTest, ADamagedEntryIsAnError) {
  const std::vector<std::string> payloads{"no entry"};
  ASSERT_TRUE(wait(journal_->append(journal::kPartition, payloads)).has_value());
  EXPECT_EQ(back_up().error().code, Errc::invalid);
  EXPECT_FALSE(fs::exists(to() / "manifest"));
}

}  // namespace
}  // namespace cairn::backup
