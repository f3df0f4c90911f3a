// The folder store against the suite, and what is its own: drafts, crashes, syncs, a full disk.
#include "blob/dir/dir_blob.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/hold.h"
#include "blob/blob_conformance.h"
#include "blob/dir/dir_testing.h"

namespace cairn::blob::conformance {
namespace {

class InFolder final : public Adapter {
 public:
  explicit InFolder(Limits limits) : limits_(limits) { open(); }
  Blob& blob() override { return *blob_; }
  void reopen() override {
    blob_.reset();
    open();
  }

 private:
  void open() {
    auto opened = dir::open({.folder = folder_.root(), .limits = limits_}, pool_, metrics_);
    CAIRN_CHECK(opened.has_value());
    blob_ = *std::move(opened);
  }

  const Limits limits_;
  Folder folder_;
  Metrics metrics_;
  async::Pool pool_{4};
  std::unique_ptr<Blob> blob_;
};

std::unique_ptr<Adapter> make_dir(Limits limits) {
  return std::make_unique<InFolder>(limits);
}

INSTANTIATE_TEST_SUITE_P(Dir, BlobConformance, testing::Values(&make_dir));

TEST_F(DirBlobTest, while_somebody_copies_the_folder_nothing_goes) {
  open();
  ASSERT_EQ(put("a/one", "1"), "ok");
  ASSERT_EQ(put("a/two", "2"), "ok");
  {
    const auto hold = Hold::take(folder_.root()).value();
    ASSERT_TRUE(wait(blob_->remove("a/one")).has_value());
    EXPECT_TRUE(fs::exists(folder_ / "a/one"));
  }
  ASSERT_TRUE(wait(blob_->remove("a/two")).has_value());
  EXPECT_FALSE(fs::exists(folder_ / "a/one"));
  EXPECT_FALSE(fs::exists(folder_ / "a/two"));
}

// One that cannot be removed is not in the way of those that were put off with it, and is tried again.
TEST_F(DirBlobTest, what_was_put_off_is_not_lost_by_one_that_cannot_be_removed) {
  open();
  for (const auto* name : {"a/one", "a/two", "a/three", "loop/x"}) {
    ASSERT_EQ(put(name, "1"), "ok");
  }
  fs::rename(folder_ / "loop", folder_ / "away");
  fs::create_symlink("loop", folder_ / "loop");  // ELOOP
  {
    const auto hold = Hold::take(folder_.root()).value();
    for (const auto* name : {"a/one", "loop/x", "a/two"}) {
      ASSERT_TRUE(wait(blob_->remove(name)).has_value());
    }
  }
  EXPECT_TRUE(wait(blob_->remove("a/three")).has_value());
  for (const auto* name : {"a/one", "a/two", "a/three"}) {
    EXPECT_FALSE(fs::exists(folder_ / name)) << name;
  }
  fs::remove(folder_ / "loop");
  fs::rename(folder_ / "away", folder_ / "loop");
  EXPECT_TRUE(wait(blob_->remove("none")).has_value());
  EXPECT_FALSE(fs::exists(folder_ / "loop/x"));
}

TEST_F(DirBlobTest, a_blob_is_a_file_of_its_name_for_its_owner_alone) {
  open();
  ASSERT_EQ(put("segments/day/one.parquet", "bytes"), "ok");
  const auto path = wait(blob_->local_file("segments/day/one.parquet")).value().path;
  EXPECT_EQ(path, folder_ / "segments/day/one.parquet");
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "bytes");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_ / "segments").permissions(), fs::perms::owner_all);
  EXPECT_EQ(wait(blob_->local_file("none")).error().code, Errc::not_found);
  EXPECT_EQ(wait(blob_->local_file("segments/day")).error().code, Errc::not_found);
}

TEST_F(DirBlobTest, what_a_crash_left_unfinished_goes_when_it_is_opened_and_blobs_stay) {
  open();
  ASSERT_EQ(put("a/b", "bytes"), "ok");
  blob_.reset();
  for (const auto* draft : {"1", "2", "77"}) {
    std::ofstream(folder_ / ".tmp" / draft) << "half";
  }
  open();
  EXPECT_EQ(drafts(), 0U);
  EXPECT_EQ(wait(blob_->get("a/b")).value(), "bytes");
  EXPECT_EQ(put("a/c", "bytes"), "ok");
}

TEST_F(DirBlobTest, two_cannot_use_one_folder_at_a_time) {
  open();
  EXPECT_EQ(dir::open({.folder = folder_.root()}, pool_, metrics_).error().code, Errc::denied);
  open();
  EXPECT_EQ(dir::open({.folder = folder_ / "no/such/parent"}, pool_, metrics_).error().code, Errc::not_found);
}

TEST_F(DirBlobTest, a_draft_that_is_dropped_is_gone) {
  open();
  auto out = wait(blob_->writer("dropped")).value();
  // Its second step begins when the first has ended: the draft is there.
  ASSERT_TRUE(wait(out->write(bytes_of(pattern(3'000'000)))).has_value());
  EXPECT_EQ(drafts(), 1U);
  out.reset();
  for (int tries = 0; tries < 500 && drafts() > 0; ++tries) {
    std::this_thread::sleep_for(Millis(10));  // on the pool
  }
  EXPECT_EQ(drafts(), 0U);
}

// Names are durable when their folder is synced, folders when their parent is: counted, as a power loss
// cannot be had here.
TEST_F(DirBlobTest, a_put_syncs_its_folder_and_the_parents_of_new_ones) {
  open();
  const auto syncs_of = [this](Name name) {
    const int before = syncs();
    EXPECT_EQ(put(std::move(name), "x"), "ok");
    return syncs() - before;
  };
  EXPECT_EQ(syncs_of("top"), 1);
  EXPECT_EQ(syncs_of("a/b/c/one"), 4);  // a/b/c, a/b, a, the root
  EXPECT_EQ(syncs_of("a/b/c/two"), 1);
  EXPECT_EQ(syncs_of("a/b/three"), 1);
  EXPECT_EQ(syncs_of("a/b/d/four"), 2);  // a/b/d, a/b
  ASSERT_TRUE(wait(blob_->remove("a/b/d/four")).has_value());
  EXPECT_FALSE(fs::exists(folder_ / "a/b/d"));
  EXPECT_TRUE(fs::exists(folder_ / "a/b"));
  EXPECT_EQ(syncs_of("a/b/d/four"), 2);  // a new folder of an old name
  open();
  EXPECT_EQ(syncs_of("a/b/c/five"), 4);  // made by a process that may have died before its sync
}

TEST_F(DirBlobTest, folders_that_a_crash_left_empty_stand_in_no_blobs_way) {
  open();
  fs::create_directories(folder_ / "a/b/c");
  fs::create_directories(folder_ / "a/d");
  EXPECT_TRUE(wait(blob_->list("", "", 10)).value().empty());
  EXPECT_EQ(put("a", "x"), "ok");
  fs::create_directories(folder_ / "e/f");
  EXPECT_EQ(put("e/g", "x"), "ok");
  EXPECT_EQ(put("e", "x"), "conflict");
  EXPECT_EQ(wait(blob_->get("e/g")).value(), "x");
}

// In memory, where a sync takes no time, so that puts and removals meet at every point.
TEST_F(DirBlobTest, puts_and_removals_in_one_folder_meet_without_loss) {
  if (::access("/dev/shm", W_OK) != 0) {
    GTEST_SKIP() << "needs /dev/shm";
  }
  const Folder in_memory("/dev/shm");
  async::Pool pool(8);
  const auto blob = *dir::open({.folder = in_memory.root()}, pool, metrics_);
  std::atomic<int> failed{0};
  async::Gate gate;
  for (int i = 0; i < 3; ++i) {  // few, so that the folder is often empty
    gate.spawn(loops_.next().get_executor(),
               put_and_remove(*blob, "a/b/c/" + std::to_string(i), 2000, failed));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(60'000)));
  EXPECT_EQ(failed.load(), 0);
  EXPECT_FALSE(fs::exists(in_memory / "a"));
}

TEST_F(DirBlobTest, foreign_files_are_not_listed) {
  open();
  ASSERT_EQ(put("a/b", "x"), "ok");
  fs::create_directory(folder_ / "lost+found");
  std::ofstream(folder_ / "a" / "Upper") << "x";
  std::ofstream(folder_ / "a" / ".hidden") << "x";
  fs::create_symlink("/etc/passwd", folder_ / "a" / "link");
  ASSERT_EQ(::mkfifo((folder_ / "a" / "pipe").c_str(), 0600), 0);
  const auto page = wait(blob_->list("", "", 10)).value();
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].name, "a/b");
  EXPECT_EQ(wait(blob_->get("a/link")).error().code, Errc::not_found);
  EXPECT_EQ(wait(blob_->get("a/pipe")).error().code, Errc::not_found);
  ASSERT_TRUE(wait(blob_->remove("a/b")).has_value());
}

TEST_F(DirBlobTest, a_blob_that_lost_bytes_is_corrupt) {
  open();
  ASSERT_EQ(put("cut", pattern(3'000'000)), "ok");
  const Range whole;
  const auto in = wait(blob_->reader("cut", whole)).value();
  fs::resize_file(folder_ / "cut", 100'000);
  Result<std::size_t> count(std::size_t{1});
  std::string part(1U << 20, '\0');
  while (count && *count > 0) {
    count = wait(in->read(std::as_writable_bytes(std::span(part))));
  }
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code, Errc::corrupt);
}

TEST_F(DirBlobTest, a_full_disk_is_a_limit_and_leaves_nothing) {
  if (!folder_.mount_small("size=4m")) {
    GTEST_SKIP() << "needs the right to mount a small tmpfs";
  }
  open();
  ASSERT_EQ(put("kept", pattern(1'000'000)), "ok");
  EXPECT_EQ(put("too/large", pattern(3'500'000)), "limit");
  EXPECT_EQ(drafts(), 0U);
  EXPECT_FALSE(fs::exists(folder_ / "too"));
  EXPECT_EQ(put("fits", pattern(2'500'000)), "ok");
  EXPECT_EQ(put("one/more", pattern(800'000)), "limit");
  EXPECT_EQ(drafts(), 0U);
  EXPECT_TRUE(wait(blob_->get("fits")).value() == pattern(2'500'000));
  ASSERT_TRUE(wait(blob_->remove("fits")).has_value());
  EXPECT_EQ(put("one/more", pattern(800'000)), "ok");
}

TEST_F(DirBlobTest, a_disk_without_room_for_a_name_is_a_limit_and_leaves_nothing) {
  if (!folder_.mount_small("size=4m,nr_inodes=6")) {
    GTEST_SKIP() << "needs the right to mount a small tmpfs";
  }
  open();  // the mount's root, blobs, .tmp: three are left
  EXPECT_EQ(put("a/b/c/d", "x"), "limit");
  EXPECT_EQ(drafts(), 0U);
  EXPECT_FALSE(fs::exists(folder_ / "a"));
  EXPECT_EQ(put("a/b/c", "x"), "ok");
}

// --- kill -9 ---

// Puts until it is killed, small ones and large ones in new folders and old; says so after each answer.
Task<void> put_until_killed(Blob& blob, std::uint32_t writer, int said) {
  for (std::uint32_t i = 0;; ++i) {
    const auto seed = writer * 100'000 + i;
    const auto name =
        "d" + std::to_string(i / 7) + "/w" + std::to_string(writer) + "/" + std::to_string(seed);
    const auto bytes = pattern(i % 5 == 0 ? 1'300'000 : 500, seed);
    const auto put = co_await blob.put(name, bytes_of(bytes));
    CAIRN_CHECK(put.has_value());
    const auto line = name + "\n";
    CAIRN_CHECK(::write(said, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
}

[[noreturn]] void child(const fs::path& root, int said) {
  Metrics metrics;
  async::Loops loops(1);
  async::Pool pool(4);
  const auto blob = *dir::open({.folder = root}, pool, metrics);
  for (std::uint32_t writer = 0; writer < 8; ++writer) {
    async::spawn(loops.next().get_executor(), put_until_killed(*blob, writer, said));
  }
  for (;;) {
    ::pause();
  }
}

// Lets a child put until it has so many answers, kills it, and returns what it had been told is durable.
std::vector<Name> run_and_kill(const fs::path& root, std::ptrdiff_t answers) {
  int pipe[2];
  CAIRN_CHECK(::pipe(pipe) == 0);
  const pid_t pid = ::fork();
  CAIRN_CHECK(pid >= 0);
  if (pid == 0) {
    ::close(pipe[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    child(root, pipe[1]);
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
  std::vector<Name> names;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    names.push_back(text.substr(at, end - at));
  }
  return names;
}

std::set<Name> names_of(Blob& blob, async::Executor executor) {
  std::set<Name> names;
  std::string after;
  for (auto page = *async::run(executor, blob.list("", after, 1000)); !page.empty();
       page = *async::run(executor, blob.list("", after, 1000))) {
    for (const auto& listed : page) {
      names.insert(listed.name);
    }
    after = page.back().name;
  }
  return names;
}

TEST(DirBlobCrash, what_was_answered_survives_kill_and_every_blob_is_whole) {
  const Folder folder;
  for (int round = 0; round < 3; ++round) {
    const auto answered = run_and_kill(folder.root(), 30 + 20 * round);
    ASSERT_GE(answered.size(), 30U);
    Metrics metrics;
    async::Loops loops(1);
    async::Pool pool(2);
    const auto executor = loops.next().get_executor();
    const auto blob = *dir::open({.folder = folder.root()}, pool, metrics);
    EXPECT_TRUE(fs::is_empty(folder / ".tmp"));
    const auto names = names_of(*blob, executor);
    for (const auto& name : answered) {
      ASSERT_TRUE(names.contains(name)) << "answered, and lost: " << name;
    }
    for (const auto& name : names) {
      const auto seed = static_cast<std::uint32_t>(std::stoul(name.substr(name.rfind('/') + 1)));
      const auto bytes = async::run(executor, blob->get(name)).value();
      ASSERT_TRUE(bytes == pattern(seed % 100'000 % 5 == 0 ? 1'300'000 : 500, seed)) << name;
      ASSERT_TRUE(async::run(executor, blob->remove(name)).has_value());
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.root()), fs::directory_iterator()),
              1);  // .tmp alone
  }
}

}  // namespace
}  // namespace cairn::blob::conformance
