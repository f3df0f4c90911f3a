// The disk is full, or breaks: what a caller is told, what a later reader sees, and what a restart finds,
// agree.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "journal/file/faulty_disk.h"
#include "journal/file/file_bench.h"

namespace cairn::journal {
namespace {

using Call = FaultyDisk::Call;

class DiskFailureTest : public FileJournalFixture {
 protected:
  DiskFailureTest() { disk_ = &faulty_; }

  // As it is now, and as a restart finds it.
  void expect_entries(const Texts& expected) {
    EXPECT_EQ(all(), expected);
    stop();
    disk_ = nullptr;
    start();
    EXPECT_EQ(all(), expected) << "after a restart";
  }

  FaultyDisk faulty_;
};

TEST_F(DiskFailureTest, a_full_disk_leaves_nothing_and_is_a_limit) {
  start();
  ASSERT_TRUE(append({"a"}));
  for (const std::size_t room : {0U, 1U, 36U, 45U, 60U}) {
    faulty_.fill_after(room);
    EXPECT_EQ(append({"first", std::string(200, 'x')}).error().code, Errc::limit) << room;
    EXPECT_EQ(journal_->end(kPartition), Position{1});
  }
  EXPECT_EQ(append({"b"}).value(), Position{1});
  EXPECT_EQ(files(), 1U);
  expect_entries({"a", "b"});
}

TEST_F(DiskFailureTest, a_write_error_leaves_nothing) {
  start();
  faulty_.fail(Call::write, EIO);
  EXPECT_EQ(append({"a"}).error().code, Errc::unavailable);
  faulty_.fail(Call::write, EFBIG);
  EXPECT_EQ(append({"b"}).error().code, Errc::limit);
  faulty_.fail(Call::write, EINTR);
  EXPECT_EQ(append({"c"}).value(), Position{0});
  expect_entries({"c"});
}

TEST_F(DiskFailureTest, after_a_failed_sync_nobody_knows_and_a_new_file_begins) {
  start();
  ASSERT_TRUE(append({"a"}));
  faulty_.fail(Call::datasync, EIO);
  EXPECT_EQ(append({"b", "c"}).error().code, Errc::unknown);
  EXPECT_EQ(journal_->end(kPartition), Position{1});
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(append({"d"}).value(), Position{1});
  expect_entries({"a", "d"});
}

// The old file cannot even be cut: what lies in it beyond the new file's first position is void.
TEST_F(DiskFailureTest, what_a_failed_sync_left_in_the_old_file_is_void) {
  start();
  ASSERT_TRUE(append({"a"}));
  const auto follower = reader(Position{0});
  ASSERT_EQ(follower->read(Millis{0}).value().size(), 1U);
  faulty_.fail(Call::datasync, EIO);
  faulty_.fail(Call::truncate, EIO, 0, 10);
  EXPECT_EQ(append({"b", "c"}).error().code, Errc::unknown);
  EXPECT_NE(read_file(file(Position{0})).find("b"), std::string::npos) << "or this test shows nothing";
  EXPECT_EQ(append({"d"}).value(), Position{1});
  const auto entries = follower->read(Millis{0});
  ASSERT_TRUE(entries && entries->size() == 1U);
  EXPECT_EQ(entries->front().payload, "d");
  expect_entries({"a", "d"});
}

TEST_F(DiskFailureTest, a_failed_sync_of_a_files_first_group_replaces_the_file) {
  start();
  faulty_.fail(Call::datasync, EIO);
  faulty_.fail(Call::truncate, EIO, 0, 10);
  EXPECT_EQ(append({"a"}).error().code, Errc::unknown);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(append({"b"}).value(), Position{0});
  expect_entries({"b"});
}

TEST_F(DiskFailureTest, a_write_that_cannot_be_taken_back_is_unknown) {
  start();
  ASSERT_TRUE(append({"a"}));
  faulty_.fill_after(50);
  faulty_.fail(Call::truncate, EIO, 0, 1);
  EXPECT_EQ(append({"b", "c"}).error().code, Errc::unknown);
  EXPECT_EQ(append({"d"}).value(), Position{1});
  expect_entries({"a", "d"});
}

struct NewFileCase {
  const char* name;
  Call call;
  int error_number;
  Errc expected;
};

TEST_F(DiskFailureTest, a_new_file_that_cannot_be_made_is_tried_again_at_the_next_append) {
  options_.file_bytes = 1;
  start();
  Texts expected{"first"};
  ASSERT_TRUE(append({"first"}));
  for (const auto& c : {NewFileCase{"open", Call::open, ENOSPC, Errc::limit},
                        NewFileCase{"head", Call::write, ENOSPC, Errc::limit},
                        NewFileCase{"sync", Call::sync, EIO, Errc::unavailable},
                        NewFileCase{"rename", Call::rename, ENOSPC, Errc::limit}}) {
    faulty_.fail(c.call, c.error_number, 0, 1);
    EXPECT_EQ(append({"lost"}).error().code, c.expected) << c.name;
    EXPECT_EQ(append({"lost"}).error().code, c.expected) << c.name;
    EXPECT_TRUE(append({c.name})) << c.name;
    expected.emplace_back(c.name);
  }
  // The folder's sync is the second one: the file has its name by then.
  faulty_.fail(Call::sync, EIO, 1);
  EXPECT_EQ(append({"lost"}).error().code, Errc::unavailable);
  EXPECT_TRUE(append({"folder"}));
  expected.emplace_back("folder");
  expect_entries(expected);
}

TEST_F(DiskFailureTest, a_sync_and_then_the_new_file_fail_and_the_journal_still_recovers) {
  start();
  ASSERT_TRUE(append({"a"}));
  faulty_.fail(Call::datasync, EIO);
  faulty_.fail(Call::open, EIO, 0, 1);
  EXPECT_EQ(append({"b"}).error().code, Errc::unknown);
  EXPECT_EQ(append({"c"}).error().code, Errc::unavailable);
  EXPECT_EQ(append({"d"}).value(), Position{1});
  expect_entries({"a", "d"});
}

TEST_F(DiskFailureTest, opening_fails_when_what_is_there_cannot_be_made_durable) {
  start();
  ASSERT_TRUE(append({"a"}));
  stop();
  faulty_.fail(Call::sync, EIO, 1);  // the folder's first, then the newest file's
  EXPECT_EQ(try_open().error().code, Errc::unavailable);
  start();
  EXPECT_EQ(all(), Texts{"a"});
}

TEST_F(DiskFailureTest, a_file_that_cannot_be_deleted_stays_and_those_after_it) {
  options_.file_bytes = 1;
  start();
  for (const auto* text : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(append({text}));
  }
  faulty_.fail(Call::unlink, EACCES, 1);
  EXPECT_EQ(journal_->retire(kPartition, Position{3}).error().code, Errc::denied);
  EXPECT_EQ(journal_->begin(kPartition), Position{1});
  EXPECT_EQ(all(), (Texts{"b", "c", "d"}));
  EXPECT_TRUE(journal_->retire(kPartition, Position{3}));
  EXPECT_EQ(all(), Texts{"d"});
}

struct Mount {
  ~Mount() { ::umount2(at.c_str(), MNT_DETACH); }
  std::filesystem::path at;
};

// A real full disk: a small file system in memory, where this user may mount one.
TEST_F(DiskFailureTest, a_small_file_system_fills_up_and_goes_on_when_there_is_room) {
  const auto mount_point = folder_.path() / "small";
  std::filesystem::create_directory(mount_point);
  if (::mount("cairn-test", mount_point.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "this user may not mount a file system";
  }
  const Mount mounted{mount_point};
  disk_ = nullptr;
  options_.folder = mount_point / "journal";
  options_.file_bytes = 64 << 10;
  start();
  std::size_t fits = 0;
  Result<Position> last = Position{0};
  while (fits < 1000 && (last = append({"entry", std::string(5000, 'x')}))) {
    ++fits;
  }
  EXPECT_EQ(last.error().code, Errc::limit);
  EXPECT_GT(fits, 30U);
  EXPECT_EQ(journal_->end(kPartition), Position{2 * fits});
  EXPECT_EQ(append({std::string(20'000, 'y')}).error().code, Errc::limit);

  EXPECT_TRUE(journal_->retire(kPartition, Position{2 * fits}));
  EXPECT_EQ(append({std::string(20'000, 'y')}).value(), Position{2 * fits});
  stop();
  start();
  EXPECT_EQ(all().back(), std::string(20'000, 'y'));
  stop();
}

// A process's own limit on file sizes, in a child so that it holds nobody else back. Says what is wrong by
// its exit code.
int append_beyond_the_file_size_limit(const std::filesystem::path& folder) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = 20'000, .rlim_max = 20'000};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
    return 1;
  }
  async::Loops loops(1);
  Metrics metrics;
  const auto journal = open(Options{.folder = folder}, system_clock(), metrics);
  if (!journal) {
    return 2;
  }
  const auto append = [&](std::size_t bytes) {
    const Texts payloads{std::string(bytes, 'x')};
    return async::run(loops.next().get_executor(), (*journal)->append(kPartition, payloads));
  };
  if (!append(15'000)) {
    return 3;
  }
  if (const auto full = append(10'000); full || full.error().code != Errc::limit) {
    return 4;
  }
  return append(1000) && read_all(**journal, Position{0}).size() == 2 ? 0 : 5;
}

TEST(DiskFailure, a_file_size_limit_is_a_full_disk) {
  const TestFolder folder;
  const auto child = ::fork();
  if (child == 0) {
    ::_exit(append_beyond_the_file_size_limit(folder.path() / "limited"));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace cairn::journal
