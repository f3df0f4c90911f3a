// The SQLite catalog against the suite, and what is its own: files, restarts, crashes, damage, copies.
#include "catalog/sqlite/sqlite_catalog.h"

#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "catalog/catalog_conformance.h"
#include "catalog/sqlite/offline.h"

namespace cairn::catalog::conformance {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "cairn-catalog-XXXXXX").native();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path file(std::string_view name = "catalog.db") const { return path_ / name; }

 private:
  fs::path path_;
};

class OnDisk final : public Adapter {
 public:
  OnDisk(const Clock& clock, Limits limits) : clock_(clock), limits_(limits) { open(); }
  Catalog& catalog() override { return *catalog_; }
  void reopen() override {
    catalog_.reset();
    open();
  }

 private:
  void open() {
    auto opened = sqlite::open({.file = folder_.file(), .limits = limits_}, clock_, metrics_);
    CAIRN_CHECK(opened.has_value());
    catalog_ = *std::move(opened);
  }

  const Clock& clock_;
  const Limits limits_;
  Folder folder_;
  Metrics metrics_;
  std::unique_ptr<Catalog> catalog_;
};

std::unique_ptr<Adapter> make_sqlite(const Clock& clock, Limits limits) {
  return std::make_unique<OnDisk>(clock, limits);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, CatalogConformance, testing::Values(&make_sqlite));

class SqliteCatalogTest : public testing::Test {
 protected:
  std::unique_ptr<sqlite::SqliteCatalog> open(const fs::path& file) {
    auto opened = sqlite::open({.file = file}, clock_, metrics_);
    EXPECT_TRUE(opened.has_value()) << opened.error().text();
    return *std::move(opened);
  }
  Errc refused(const fs::path& file) {
    const auto opened = sqlite::open({.file = file}, clock_, metrics_);
    EXPECT_FALSE(opened.has_value());
    return opened.error().code;
  }
  void run_sql(const fs::path& file, const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  static std::uint64_t schema_of(const fs::path& file) {
    auto connection = sqlite::Connection::open(file, sqlite::Connection::Mode::read, "").value();
    return connection.number("SELECT number FROM meta WHERE name='schema'").value();
  }
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  bool put(Catalog& catalog, std::string key, std::string value) {
    Transaction transaction;
    transaction.writes.push_back({std::move(key), std::move(value), std::nullopt});
    return wait(catalog.commit(std::move(transaction))).has_value();
  }

  FakeClock clock_;
  Metrics metrics_;
  Folder folder_;
  async::Loops loops_{2};
};

TEST_F(SqliteCatalogTest, files_are_the_owners_alone_and_the_log_is_gone_after_closing) {
  auto catalog = open(folder_.file());
  ASSERT_TRUE(put(*catalog, "a", "x"));
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    const auto mode = fs::status(folder_.file().native() + suffix).permissions();
    EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write) << suffix;
  }
  catalog.reset();
  EXPECT_FALSE(fs::exists(folder_.file("catalog.db-wal")));
}

TEST_F(SqliteCatalogTest, refuses_a_newer_schema_and_what_is_no_catalog) {
  open(folder_.file());
  run_sql(folder_.file(), "UPDATE meta SET number=3 WHERE name='schema'");
  EXPECT_EQ(refused(folder_.file()), Errc::invalid);
  run_sql(folder_.file(), "UPDATE meta SET number=1 WHERE name='schema'");
  open(folder_.file());

  run_sql(folder_.file("other.db"), "CREATE TABLE t(x); INSERT INTO t VALUES(1)");
  EXPECT_EQ(refused(folder_.file("other.db")), Errc::invalid);
  EXPECT_EQ(refused(folder_.file("no/such/folder.db")), Errc::not_found);
}

TEST_F(SqliteCatalogTest, a_start_makes_schema_1_one_that_an_older_cairn_refuses) {
  open(folder_.file());
  EXPECT_EQ(schema_of(folder_.file()), 2U);
  run_sql(folder_.file(), "UPDATE meta SET number=1 WHERE name='schema'");
  EXPECT_TRUE(sqlite::Offline::open(folder_.file()).has_value());
  EXPECT_EQ(schema_of(folder_.file()), 1U) << "who only looks changes nothing";
  open(folder_.file());
  EXPECT_EQ(schema_of(folder_.file()), 2U);
}

// Stored bytes stay readable: one sample for each schema.
class SqliteCatalogSchemaTest : public SqliteCatalogTest, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(All, SqliteCatalogSchemaTest, testing::Values(1, 2));

TEST_P(SqliteCatalogSchemaTest, is_read) {
  std::ifstream sample(fs::path(CAIRN_SOURCE_DIR) / "src/catalog/sqlite/compat" /
                       ("catalog_v" + std::to_string(GetParam()) + ".sql"));
  ASSERT_TRUE(sample.is_open());
  run_sql(folder_.file(), std::string(std::istreambuf_iterator<char>(sample), {}).c_str());
  const auto catalog = open(folder_.file());
  const auto trail = wait(catalog->get("trail/main")).value().value();
  EXPECT_EQ(trail.value, "a value");
  EXPECT_EQ(trail.version, 7U);
  EXPECT_EQ(wait(catalog->get(std::string("\xff\0", 2))).value()->value, "");
  const auto rows = wait(catalog->outbox(0, 10)).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].number, 41U);
  EXPECT_EQ(rows[1].payload, "a row");
  Transaction next;
  next.outbox = {"next"};
  EXPECT_EQ(wait(catalog->commit(next)).value().outbox_last, 42U);
  EXPECT_EQ(wait(catalog->acquire("forwarder", "node-b/1", Millis(10))).error().code, Errc::conflict);
  clock_.advance(Millis(5001));
  EXPECT_EQ(wait(catalog->acquire("forwarder", "node-b/1", Millis(10))).value().epoch, 3U);
}

void overwrite(const fs::path& file, std::uint64_t offset, std::string_view bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream << bytes;
}

TEST_F(SqliteCatalogTest, a_damaged_file_is_corrupt) {
  auto catalog = open(folder_.file());
  Transaction many;
  for (int i = 0; i < 500; ++i) {
    many.writes.push_back({"key/" + std::to_string(i), std::string(500, 'v'), 0});
  }
  ASSERT_TRUE(wait(catalog->commit(std::move(many))).has_value());
  catalog.reset();
  fs::copy_file(folder_.file(), folder_.file("head.db"));
  overwrite(folder_.file("head.db"), 0, "this is no database, or no more");
  EXPECT_EQ(refused(folder_.file("head.db")), Errc::corrupt);

  const auto pages = fs::file_size(folder_.file()) / 4096;
  ASSERT_GT(pages, 20U);
  for (std::uint64_t page = 5; page < pages; ++page) {
    overwrite(folder_.file(), page * 4096, std::string(4096, '\x5a'));
  }
  EXPECT_EQ(refused(folder_.file()), Errc::corrupt);

  // Too large to be checked whole: found by the read that meets it.
  auto unchecked = sqlite::open({.file = folder_.file(), .check_bytes_max = 0}, clock_, metrics_);
  ASSERT_TRUE(unchecked.has_value());
  EXPECT_EQ(wait((*unchecked)->scan("key/", "", 1000)).error().code, Errc::corrupt);
}

TEST_F(SqliteCatalogTest, a_copy_is_whole_and_a_catalog_of_its_own) {
  auto catalog = open(folder_.file());
  Transaction many;
  for (int i = 0; i < 100; ++i) {
    many.writes.push_back({"key/" + std::to_string(i), "v", 0});
  }
  ASSERT_TRUE(wait(catalog->commit(std::move(many))).has_value());
  Transaction rows;
  rows.outbox = {"a", "b"};
  ASSERT_TRUE(wait(catalog->commit(rows)).has_value());
  ASSERT_TRUE(wait(catalog->outbox_delete(2, {})).has_value());
  const auto target = folder_.file("it's a copy.db");
  ASSERT_TRUE(catalog->backup(target).has_value());
  EXPECT_EQ(catalog->backup(target).error().code, Errc::conflict);
  EXPECT_FALSE(fs::exists(target.native() + ".partial"));

  auto copy = open(target);
  EXPECT_EQ(wait(copy->scan("key/", "", 1000)).value().size(), 100U);
  EXPECT_EQ(wait(copy->commit(rows)).value().outbox_last, 4U);
}

TEST_F(SqliteCatalogTest, the_log_is_moved_into_the_file_while_it_runs) {
  auto catalog = open(folder_.file());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(
        put(*catalog, "key/" + std::to_string(i % 7), std::string(600'000, 'v')));  // 60 MB of log in all
  }
  EXPECT_LT(fs::file_size(folder_.file("catalog.db-wal")), 20'000'000U);
}

TEST_F(SqliteCatalogTest, measures_what_it_does) {
  auto catalog = open(folder_.file());
  Transaction transaction;
  transaction.writes.push_back({"a", "x", 0});
  transaction.outbox = {"row", "row"};
  ASSERT_TRUE(wait(catalog->commit(transaction)).has_value());
  ASSERT_FALSE(wait(catalog->commit(transaction)).has_value());
  ASSERT_TRUE(wait(catalog->outbox_delete(1, {})).has_value());
  const auto text = metrics_.text();
  EXPECT_THAT(text, testing::HasSubstr("cairn_catalog_commits_total 2"));
  EXPECT_THAT(text, testing::HasSubstr("cairn_catalog_conflicts_total 1"));
  EXPECT_THAT(text, testing::HasSubstr("cairn_catalog_outbox_rows 1"));
}

// --- kill -9 ---

// Commits until it is killed: each transaction a document and an outbox row of the same name; says so after
// each answer.
Task<void> commit_until_killed(Catalog& catalog, int writer, int said) {
  for (int i = 0;; ++i) {
    const auto name = std::to_string(writer) + "." + std::to_string(i);
    Transaction transaction;
    transaction.writes.push_back({"doc/" + name, std::string(300, 'v'), 0});
    transaction.outbox.push_back(name);
    const auto committed = co_await catalog.commit(std::move(transaction));
    CAIRN_CHECK(committed.has_value());
    const auto line = name + "\n";
    CAIRN_CHECK(::write(said, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
}

[[noreturn]] void child(const fs::path& file, int said) {
  Metrics metrics;
  async::Loops loops(1);
  const auto catalog = *sqlite::open({.file = file}, system_clock(), metrics);
  for (int writer = 0; writer < 8; ++writer) {
    async::spawn(loops.next().get_executor(), commit_until_killed(*catalog, writer, said));
  }
  for (;;) {
    ::pause();
  }
}

// Lets a child commit until it has so many answers, kills it, and returns what it had been told is durable.
std::vector<std::string> run_and_kill(const fs::path& file, std::ptrdiff_t answers) {
  int pipe[2];
  CAIRN_CHECK(::pipe(pipe) == 0);
  const pid_t pid = ::fork();
  CAIRN_CHECK(pid >= 0);
  if (pid == 0) {
    ::close(pipe[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    child(file, pipe[1]);
  }
  ::close(pipe[1]);
  std::string text;
  std::array<char, 65536> buffer;
  for (ssize_t count = 1; count > 0;) {
    count = ::read(pipe[0], buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (std::ranges::count(text, '\n') >= answers) {
      ::kill(pid, SIGKILL);
    }
  }
  ::close(pipe[0]);
  ::waitpid(pid, nullptr, 0);
  std::vector<std::string> names;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    names.push_back(text.substr(at, end - at));
  }
  return names;
}

// All rows, checked to be without a gap after `last`, which becomes the last one's number.
std::set<std::string> appended_since(Catalog& catalog, async::Executor executor, std::uint64_t& last) {
  std::set<std::string> names;
  for (auto page = *async::run(executor, catalog.outbox(last, 1000)); !page.empty();
       page = *async::run(executor, catalog.outbox(last, 1000))) {
    for (const auto& row : page) {
      EXPECT_EQ(row.number, last + 1) << "a gap";
      last = row.number;
      names.insert(row.payload);
    }
  }
  return names;
}

std::set<std::string> documents_of(Catalog& catalog, async::Executor executor) {
  std::set<std::string> names;
  std::string after;
  for (auto page = *async::run(executor, catalog.scan("doc/", after, 1000)); !page.empty();
       page = *async::run(executor, catalog.scan("doc/", after, 1000))) {
    for (const auto& document : page) {
      names.insert(document.key.substr(4));
    }
    after = page.back().key;
  }
  return names;
}

TEST(SqliteCatalogCrash, what_was_answered_survives_kill_and_rows_agree_with_documents) {
  Folder folder;
  std::uint64_t last = 0;
  for (int round = 0; round < 3; ++round) {  // the same file: what the crash before left is in it
    const auto answered = run_and_kill(folder.file(), 100 + 150 * round);
    ASSERT_GE(answered.size(), 100U);
    Metrics metrics;
    async::Loops loops(1);
    const auto executor = loops.next().get_executor();
    const auto catalog = *sqlite::open({.file = folder.file()}, system_clock(), metrics);
    const auto appended = appended_since(*catalog, executor, last);
    EXPECT_EQ(documents_of(*catalog, executor), appended);
    for (const auto& name : answered) {
      ASSERT_TRUE(appended.contains(name)) << "answered, and lost: " << name;
    }
    std::vector<Write> clear;  // the next child uses the same names
    for (const auto& name : appended) {
      clear.push_back({"doc/" + name, std::nullopt, std::nullopt});
    }
    ASSERT_TRUE(async::run(executor, catalog->outbox_delete(last, std::move(clear))).has_value());
  }
}

}  // namespace
}  // namespace cairn::catalog::conformance
