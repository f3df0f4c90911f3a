// Power loss at any moment: of what was written since the last sync the disk keeps any sectors it likes. What
// was acknowledged is there afterwards, of the write that was going on all or nothing, and the journal opens.
#include <fcntl.h>

#include <random>

#include "journal/file/disk.h"
#include "journal/file/file_bench.h"

namespace cairn::journal {
namespace {

constexpr std::size_t kSectorBytes = 64;  // smaller than a disk's, so that a small write has many of them

// Remembers what every file was at its last sync, and takes a picture of what a power loss would leave before
// each sync.
class PowerLossDisk final : public Disk {
 public:
  PowerLossDisk(std::filesystem::path folder, std::filesystem::path pictures)
      : folder_(std::move(folder)), pictures_(std::move(pictures)) {}

  int fdatasync(int fd) override {
    take_picture();
    return synced(Disk::fdatasync(fd));
  }
  int fsync(int fd) override {
    take_picture();
    return synced(Disk::fsync(fd));
  }
  std::size_t pictures() const { return count_; }

 private:
  // Only the newest file is ever written to, so all files are as durable as it is.
  int synced(int result) {
    const auto files = list_files(folder_).value();
    for (const auto& file : files) {
      durable_[file.path.filename()] = read_file(file.path);
    }
    return result;
  }

  void take_picture() {
    const auto to = pictures_ / std::to_string(count_++);
    std::filesystem::create_directories(to);
    const auto files = list_files(folder_).value();
    for (const auto& file : files) {
      const auto name = file.path.filename();
      if (durable_.contains(name)) {
        write_file(to / name, mixed(durable_[name], read_file(file.path)));
      }
    }
  }

  // What was durable, and of what was written since: all, or an end somewhere and sectors missing before it.
  std::string mixed(const std::string& durable, const std::string& written) {
    const auto more = written.size() - std::min(written.size(), durable.size());
    const auto luck = random_() % 4;
    auto out = durable;
    out.resize(durable.size() + (luck < 2 ? more : random_() % (more + 1)));
    for (auto at = durable.size(); at < out.size(); at += kSectorBytes) {
      if (luck == 0 || random_() % 4 != 0) {
        written.copy(out.data() + at, std::min(kSectorBytes, out.size() - at), at);
      }
    }
    return out;
  }

  const std::filesystem::path folder_;
  const std::filesystem::path pictures_;
  std::map<std::string, std::string> durable_;
  std::size_t count_ = 0;
  std::mt19937 random_{11};
};

class PowerLossTest : public FileJournalFixture {
 protected:
  std::set<std::size_t> expected_ends_;  // entries after each batch
};

TEST_F(PowerLossTest, what_was_acknowledged_is_there_and_the_rest_is_all_or_nothing) {
  options_.file_bytes = 4000;
  const auto pictures = folder_.path() / "pictures";
  PowerLossDisk disk(options_.folder, pictures);
  disk_ = &disk;
  start();
  std::vector<std::size_t> acknowledged_at;  // entries, by number of the picture
  std::vector<std::string> expected;
  std::mt19937 random(5);
  for (int i = 0; i < 150; ++i) {
    Texts batch(1 + random() % 4);
    for (auto& payload : batch) {
      payload = std::to_string(i) + std::string(random() % 300, static_cast<char>('a' + i % 26));
    }
    acknowledged_at.resize(disk.pictures(), expected.size());
    ASSERT_TRUE(append(batch));
    acknowledged_at.resize(disk.pictures(), expected.size());
    expected.insert(expected.end(), batch.begin(), batch.end());
    expected_ends_.insert(expected.size());
  }
  stop();

  std::size_t kept_more = 0;
  for (std::size_t picture = 0; picture < acknowledged_at.size(); ++picture) {
    const auto left = open({.folder = pictures / std::to_string(picture)}, clock_, metrics_);
    ASSERT_TRUE(left) << picture << ": " << left.error().text();
    const auto seen = payloads_of(read_all(**left, Position{0}));
    ASSERT_GE(seen.size(), acknowledged_at[picture]) << picture;
    ASSERT_TRUE(std::equal(seen.begin(), seen.end(), expected.begin())) << picture;
    ASSERT_TRUE(seen.empty() || expected_ends_.contains(seen.size())) << picture << ": a part of a batch";
    kept_more += seen.size() > acknowledged_at[picture] ? 1 : 0;
  }
  EXPECT_GT(kept_more, 0U) << "or the pictures are too easy";
}

}  // namespace
}  // namespace cairn::journal
