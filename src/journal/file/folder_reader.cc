// Tested by folder_reader_test.cc.
#include "journal/file/folder_reader.h"

#include <algorithm>
#include <optional>

#include "journal/file/file_cursor.h"
#include "journal/file/folder.h"

namespace cairn::journal {
namespace {

class FolderReader final : public Reader {
 public:
  // `files`: those that have entries of [from, to), in order.
  FolderReader(std::vector<NamedFile> files, Position from, Position to, std::uint64_t bytes_max)
      : files_(std::move(files)), to_(to), bytes_max_(bytes_max), position_(from) {}

  Result<std::span<const Entry>> read(Millis /*nothing to wait for*/) override {
    entries_.clear();
    if (failed_) {
      return *failed_;
    }
    while (entries_.empty() && position_ < to_) {
      if (auto done = read_some(); !done) {
        failed_ = done.error();
        return std::move(done).error();
      }
    }
    entries_.resize(std::min<std::uint64_t>(entries_.size(), to_ - position_));
    position_ = position_ + entries_.size();
    return std::span<const Entry>(entries_);
  }
  Position position() const override { return position_; }
  void interrupt() override {}

 private:
  // Entries of the file it is in, or the step into the next one.
  Result<void> read_some() {
    if (!cursor_) {
      CAIRN_TRY_VOID(enter(files_[next_]));
      next_ += 1;
    }
    CAIRN_TRY_VOID(cursor_->read(bounds_, bytes_max_, entries_));
    if (entries_.empty() && next_ == files_.size()) {
      return Error{Errc::corrupt, "read journal: it ends before what was durable",
                   std::to_string(cursor_->position().raw())};
    }
    if (entries_.empty()) {
      cursor_.reset();
    }
    return {};
  }

  // What lies after the next file's first position is void. The newest file has a tail that may be
  // unfinished, and is written to: `to` is before both.
  Result<void> enter(const NamedFile& named) {
    CAIRN_TRY(auto cursor, FileCursor::open(named.path));
    if (cursor.head().first != named.first) {
      return Error{Errc::corrupt, "read journal: a file's head names another position than its name",
                   named.path.native()};
    }
    CAIRN_TRY(const auto bytes, cursor.file_bytes());
    bounds_ = {.bytes = bytes};
    if (next_ + 1 < files_.size()) {
      bounds_.end = files_[next_ + 1].first;
    }
    CAIRN_TRY_VOID(cursor.seek(bounds_, position_));
    cursor_.emplace(std::move(cursor));
    return {};
  }

  const std::vector<NamedFile> files_;
  const Position to_;
  const std::uint64_t bytes_max_;
  Position position_;
  std::size_t next_ = 0;  // of files_, the one after the cursor's
  std::optional<FileCursor> cursor_;
  FileCursor::Bounds bounds_{0};
  std::optional<Error> failed_;  // comes again at every call
  std::vector<Entry> entries_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_folder(const std::filesystem::path& folder, Position from, Position to,
                                            const Limits& limits) {
  CAIRN_TRY(auto files, list_files(folder));
  const auto first = std::ranges::upper_bound(files, from, {}, &NamedFile::first);
  if (first == files.begin() && from < to) {
    return Error{Errc::not_found, "read journal: the position was retired", std::to_string(from.raw())};
  }
  files.erase(files.begin(), first == files.begin() ? first : std::prev(first));
  std::erase_if(files, [&](const NamedFile& file) { return file.first >= to; });
  return std::unique_ptr<Reader>(
      std::make_unique<FolderReader>(std::move(files), from, to, limits.read_bytes_max));
}

}  // namespace cairn::journal
