// For this folder's tests: folders that go away, a file journal in one, and bytes changed behind its back.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "async/loops.h"
#include "base/log.h"
#include "journal/file/file_journal.h"
#include "journal/file/folder.h"
#include "journal/journal_testing.h"

namespace cairn::journal {

class TestFolder {
 public:
  TestFolder() {
    auto name = (std::filesystem::temp_directory_path() / "cairn-journal-XXXXXX").native();
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Time that a test moves.
class TestClock final : public Clock {
 public:
  Time now() const override { return Time{Millis{now_.load()}}; }
  void set(Millis since_epoch) { now_ = since_epoch.count(); }
  void add(Millis more) { now_ += more.count(); }

 private:
  std::atomic<std::int64_t> now_{1'770'000'000'000};
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A folder with a journal in it that can be closed, damaged and opened again.
class FileJournalFixture : public testing::Test {
 protected:
  FileJournalFixture() {
    log::configure(log::Level::error, log::Format::text);  // cut tails are what these tests are about
    options_.folder = folder_.path() / "journal";
  }

  Result<void> try_open() {
    journal_.reset();
    CAIRN_TRY(journal_,
              disk_ != nullptr ? open(options_, clock_, metrics_, *disk_) : open(options_, clock_, metrics_));
    return {};
  }
  void start() {
    const auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().text();
  }
  void stop() { journal_.reset(); }

  Result<Position> append(std::vector<std::string> payloads) {
    return async::run(loops_.next().get_executor(), journal_->append(kPartition, payloads));
  }
  std::vector<std::string> all() { return payloads_of(read_all(*journal_, journal_->begin(kPartition))); }
  std::unique_ptr<Reader> reader(Position from) { return journal_->reader(kPartition, from).value(); }
  std::filesystem::path file(Position first) const { return options_.folder / file_name(first); }
  std::size_t files() const { return list_files(options_.folder).value().size(); }

  TestFolder folder_;
  TestClock clock_;
  Metrics metrics_;
  async::Loops loops_{2};
  Options options_;
  Disk* disk_ = nullptr;
  std::unique_ptr<Journal> journal_;
};

}  // namespace cairn::journal
