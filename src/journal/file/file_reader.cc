#include "journal/file/file_reader.h"

namespace cairn::journal {

Result<std::span<const Entry>> FileReader::read(Millis patience) {
  entries_.clear();
  if (failed_) {
    return *failed_;
  }
  if (!files_.wait_for(position_, patience, wake_)) {
    return std::span<const Entry>{};
  }
  if (auto done = read_here(); !done) {
    if (done.error().code == Errc::corrupt || done.error().code == Errc::not_found) {
      failed_ = done.error();
    }
    return std::move(done).error();
  }
  position_ = position_ + entries_.size();
  return std::span<const Entry>(entries_);
}

// REQUIRES: there is an entry at position_.
Result<void> FileReader::read_here() {
  CAIRN_TRY(const auto here, view());
  if (file_ != here.file) {
    CAIRN_TRY_VOID(enter(here));
  }
  CAIRN_TRY_VOID(cursor_->read(here.bounds, bytes_max_, entries_));
  CAIRN_CHECK(!entries_.empty());
  return {};
}

// A file that this reader is in stays readable to its end, even when it was retired meanwhile.
Result<Files::View> FileReader::view() {
  if (file_) {
    auto here = files_.look(file_);
    if (position_ < here.bounds.end) {
      return here;
    }
  }
  return files_.locate(position_);
}

Result<void> FileReader::enter(const Files::View& view) {
  file_.reset();
  cursor_.reset();
  CAIRN_TRY(auto cursor, FileCursor::open(view.file->path));
  if (cursor.head().first != view.file->first) {
    return Error{Errc::corrupt, "read journal: a file's head names another position than its name",
                 view.file->path.native()};
  }
  if (view.near) {
    cursor.start_at(*view.near);
  }
  CAIRN_TRY_VOID(cursor.seek(view.bounds, position_));
  cursor_.emplace(std::move(cursor));
  file_ = view.file;
  return {};
}

}  // namespace cairn::journal
