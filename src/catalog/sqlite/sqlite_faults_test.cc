// The SQLite catalog when the disk fails: a sync that errs, a disk that is full. What callers are told must
// be what a restart finds.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "async/gate.h"
#include "async/loops.h"
#include "catalog/sqlite/sqlite_catalog.h"

namespace cairn::catalog::sqlite {
namespace {

namespace fs = std::filesystem;

// --- a file system for SQLite that fails on request: the system's, but for the log's sync and the writes of
// pages ---

std::atomic<int> failing_syncs{0};
std::atomic<bool> failing_writes{false};
std::atomic<bool> dead_after_sync{false};  // the sync that fails is the last thing the disk does
std::atomic<bool> dead{false};

struct FaultyFile {
  sqlite3_file base;
  bool is_log;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
FaultyFile& faulty(sqlite3_file* file) {
  return *reinterpret_cast<FaultyFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return faulty(file).real();
}
sqlite3_vfs* system_vfs() {
  return sqlite3_vfs_find("unix");
}

int sync_or_fail(sqlite3_file* file, int flags) {
  if (faulty(file).is_log && failing_syncs > 0) {
    failing_syncs -= 1;
    dead = dead_after_sync.load();
    return SQLITE_IOERR_FSYNC;  // after the pages were written, as a disk does
  }
  return real(file)->pMethods->xSync(real(file), flags);
}

int write_or_fail(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  if (faulty(file).is_log && failing_writes && size > 1000) {
    return SQLITE_FULL;  // the frame's head was written, its page is not
  }
  if (dead) {
    return SQLITE_IOERR_WRITE;
  }
  return real(file)->pMethods->xWrite(real(file), data, size, at);
}

sqlite3_io_methods make_methods() {
  return {
      .iVersion = 2,
      .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
      .xRead = [](sqlite3_file* f, void* p, int n,
                  sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), p, n, at); },
      .xWrite = write_or_fail,
      .xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
      .xSync = sync_or_fail,
      .xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
      .xLock = [](sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); },
      .xUnlock = [](sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); },
      .xCheckReservedLock = [](sqlite3_file* f,
                               int* p) { return real(f)->pMethods->xCheckReservedLock(real(f), p); },
      .xFileControl = [](sqlite3_file* f, int op,
                         void* p) { return real(f)->pMethods->xFileControl(real(f), op, p); },
      .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
      .xDeviceCharacteristics =
          [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
      .xShmMap = [](sqlite3_file* f, int i, int n, int extend,
                    volatile void** p) { return real(f)->pMethods->xShmMap(real(f), i, n, extend, p); },
      .xShmLock = [](sqlite3_file* f, int at, int n,
                     int how) { return real(f)->pMethods->xShmLock(real(f), at, n, how); },
      .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
      .xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
}

int open_faulty(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  static const sqlite3_io_methods methods = make_methods();
  faulty(file).is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = system_vfs()->xOpen(system_vfs(), name, real(file), flags, out_flags);
  file->pMethods = real(file)->pMethods != nullptr ? &methods : nullptr;
  return code;
}

const char* register_faulty() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs copy = *system_vfs();
    copy.zName = "faulty";
    copy.szOsFile += static_cast<int>(sizeof(FaultyFile));
    copy.xOpen = open_faulty;
    return copy;
  }();
  sqlite3_vfs_register(&vfs, 0);
  return vfs.zName;
}

// --- the tests ---

class SqliteFaults : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "cairn-faults-XXXXXX").native();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    failing_syncs = 0;
    failing_writes = dead_after_sync = dead = false;
    catalog_.reset();
    if (mounted_) {
      ::umount(folder_.c_str());
    }
    fs::remove_all(folder_);
  }

  static std::unique_ptr<Catalog> open(const fs::path& file, const char* vfs) {
    static Metrics metrics;
    auto opened = sqlite::open({.file = file, .vfs = vfs}, system_clock(), metrics);
    EXPECT_TRUE(opened.has_value()) << opened.error().text();
    return *std::move(opened);
  }
  void open_faulty_catalog() { catalog_ = open(folder_ / "c.db", register_faulty()); }

  // What a restart would read if the process were killed now.
  std::string after_a_crash(std::string key) {
    const auto copy = folder_ / ("crash-" + std::to_string(copies_++));
    fs::create_directory(copy);
    for (const auto* suffix : {"", "-wal"}) {
      fs::copy_file(folder_ / (std::string("c.db") + suffix), copy / (std::string("c.db") + suffix));
    }
    return read(*open(copy / "c.db", ""), std::move(key));
  }

  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  static Transaction putting(std::string key, std::string value) {
    Transaction transaction;
    transaction.writes.push_back({std::move(key), std::move(value), std::nullopt});
    transaction.outbox.push_back("row");
    return transaction;
  }
  std::string put(std::string key, std::string value = "v") {
    const auto committed = wait(catalog_->commit(putting(std::move(key), std::move(value))));
    return committed ? "ok" : std::string(to_string(committed.error().code));
  }
  std::string read(Catalog& catalog, std::string key) {
    const auto found = wait(catalog.get(std::move(key)));
    return !found               ? std::string(to_string(found.error().code))
           : found->has_value() ? (*found)->value
                                : "none";
  }

  fs::path folder_;
  bool mounted_ = false;
  int copies_ = 0;
  async::Loops loops_{2};
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(SqliteFaults, after_a_failed_sync_a_read_is_decisive_even_over_a_crash) {
  open_faulty_catalog();
  ASSERT_EQ(put("before"), "ok");
  failing_syncs = 1;
  EXPECT_EQ(put("doubtful"), "unknown");
  EXPECT_EQ(read(*catalog_, "doubtful"), "none");
  EXPECT_EQ(after_a_crash("before"), "v");
  EXPECT_EQ(after_a_crash("doubtful"), "none");
  EXPECT_EQ(wait(catalog_->outbox(0, 10)).value().size(), 1U);

  EXPECT_EQ(put("after"), "ok");
  EXPECT_EQ(wait(catalog_->outbox(0, 10)).value().back().number, 2U);
}

TEST_F(SqliteFaults, while_the_disk_is_dead_nothing_is_said_that_a_crash_could_contradict) {
  open_faulty_catalog();
  ASSERT_EQ(put("before"), "ok");
  dead_after_sync = true;
  failing_syncs = 1;
  EXPECT_EQ(put("doubtful"), "unknown");
  // The doubtful pages are in the log as a whole commit: a restart now would take them for one. So reads must
  // not deny it.
  EXPECT_EQ(after_a_crash("doubtful"), "v");
  EXPECT_EQ(read(*catalog_, "doubtful"), "unavailable");
  EXPECT_EQ(wait(catalog_->scan("", "", 10)).error().code, Errc::unavailable);
  EXPECT_EQ(put("next"), "unavailable");

  dead = false;
  for (int tries = 0; tries < 100 && read(*catalog_, "doubtful") == "unavailable"; ++tries) {
    std::this_thread::sleep_for(Millis(20));  // healed without anybody's commit
  }
  EXPECT_EQ(read(*catalog_, "doubtful"), "none");
  EXPECT_EQ(after_a_crash("doubtful"), "none");
  EXPECT_EQ(put("next"), "ok");
}

Task<void> commit_one(Catalog& catalog, Transaction transaction, std::string& answer) {
  const auto committed = co_await catalog.commit(std::move(transaction));
  answer = committed ? "ok" : std::string(to_string(committed.error().code));
}

TEST_F(SqliteFaults, a_failed_sync_is_unknown_to_the_whole_group_conflicts_included) {
  open_faulty_catalog();
  std::vector<std::string> answers(20);
  async::Gate gate;
  failing_syncs = 1'000'000;  // whatever the groups are, nobody hears anything else
  for (auto& answer : answers) {
    auto transaction = putting("same", "v");
    transaction.writes[0].expected = 0;  // all but the first conflict, with a document that is not durable
    gate.spawn(loops_.at(0).get_executor(), commit_one(*catalog_, std::move(transaction), answer));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(10'000)));
  EXPECT_EQ(answers[0], "unknown");
  for (const auto& answer : answers) {
    EXPECT_TRUE(answer == "unknown" || answer == "unavailable") << answer;  // never "conflict"
  }
  failing_syncs = 0;
  std::this_thread::sleep_for(Millis(300));
  EXPECT_EQ(put("same"), "ok");
  EXPECT_EQ(wait(catalog_->get("same")).value()->version, 1U);
}

TEST_F(SqliteFaults, a_write_that_does_not_fit_changed_nothing) {
  open_faulty_catalog();
  ASSERT_EQ(put("before"), "ok");
  failing_writes = true;
  EXPECT_EQ(put("too much"), "limit");
  EXPECT_EQ(read(*catalog_, "before"), "v");  // a full disk can be read
  EXPECT_EQ(read(*catalog_, "too much"), "none");
  EXPECT_EQ(after_a_crash("too much"), "none");
  failing_writes = false;
  EXPECT_EQ(put("too much"), "ok");
}

TEST_F(SqliteFaults, on_a_full_disk_reads_go_on_and_deleting_makes_room) {
  if (::geteuid() != 0 || ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=3m") != 0) {
    GTEST_SKIP() << "needs the right to mount a small tmpfs";
  }
  mounted_ = true;
  catalog_ = open(folder_ / "c.db", "");
  int stored = 0;
  std::string said = "ok";
  for (; said == "ok" && stored < 1000; ++stored) {
    said = put("k/" + std::to_string(stored), std::string(20'000, 'v'));
  }
  EXPECT_EQ(said, "limit");
  stored -= 1;
  EXPECT_GT(stored, 10);
  EXPECT_EQ(wait(catalog_->scan("k/", "", 1000)).value().size(), static_cast<std::size_t>(stored));
  EXPECT_EQ(wait(catalog_->outbox(0, 1000)).value().size(), static_cast<std::size_t>(stored));
  catalog_ = nullptr;
  catalog_ = open(folder_ / "c.db", "");
  EXPECT_EQ(wait(catalog_->scan("k/", "", 1000)).value().size(), static_cast<std::size_t>(stored));
}

TEST_F(SqliteFaults, what_fits_is_committed_though_others_of_its_group_do_not_fit) {
  if (::geteuid() != 0 || ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2700k") != 0) {
    GTEST_SKIP() << "needs the right to mount a small tmpfs";  // room for two large ones and all small ones
  }
  mounted_ = true;
  catalog_ = open(folder_ / "c.db", "");
  std::vector<std::string> answers(40);
  async::Gate gate;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto transaction = putting("k/" + std::to_string(i), std::string(i % 2 == 0 ? 10 : 1'000'000, 'v'));
    gate.spawn(loops_.at(0).get_executor(), commit_one(*catalog_, std::move(transaction), answers[i]));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(10'000)));
  std::size_t large = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(answers[i], "ok") << i;
    } else {
      large += answers[i] == "ok" ? 1U : 0U;
      EXPECT_TRUE(answers[i] == "ok" || answers[i] == "limit") << answers[i];
    }
  }
  EXPECT_LT(large, 4U);
}

}  // namespace
}  // namespace cairn::catalog::sqlite
