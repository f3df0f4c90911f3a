#include "journal/file/files.h"

#include <algorithm>

namespace cairn::journal {
namespace {

constexpr std::uint64_t kMarkEveryBytes = 256ULL << 10;
constexpr Millis kPatienceMax{24LL * 3600 * 1000};  // so that "for ever" does not overflow the clock

}  // namespace

void Files::add(std::shared_ptr<File> file) {
  const std::lock_guard lock(mutex_);
  if (!files_.empty()) {
    auto& newest = *files_.back();
    CAIRN_CHECK(newest.first <= file->first);
    newest.sealed_at = file->first;
    if (newest.first == file->first) {
      files_.pop_back();
    }
  }
  end_ = std::max(end_, file->first);
  files_.push_back(std::move(file));
}

void Files::publish(const FileCursor::Place& place) {
  const std::lock_guard lock(mutex_);
  auto& newest = *files_.back();
  CAIRN_CHECK(place.position >= end_ && place.offset >= newest.bytes);
  newest.bytes = place.offset;
  end_ = place.position;
  const auto last_mark = newest.marks.empty() ? 0 : newest.marks.back().offset;
  if (place.offset - last_mark >= kMarkEveryBytes) {
    newest.marks.push_back(place);
  }
  moved_.notify_all();
}

Position Files::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

Position Files::begin() const {
  const std::lock_guard lock(mutex_);
  return files_.empty() ? end_ : files_.front()->first;
}

std::size_t Files::count() const {
  const std::lock_guard lock(mutex_);
  return files_.size();
}

FileCursor::Bounds Files::bounds_of(const File& file, Position end) {
  return {.bytes = file.bytes, .end = file.sealed_at.value_or(end)};
}

Result<Files::View> Files::locate(Position position) const {
  const std::lock_guard lock(mutex_);
  const auto after =
      std::ranges::upper_bound(files_, position, {}, [](const auto& file) { return file->first; });
  if (after == files_.begin()) {
    return Error{Errc::not_found, "read journal: the position was retired", std::to_string(position.raw())};
  }
  const auto& file = *std::prev(after);
  View view{.file = file, .bounds = bounds_of(*file, end_), .near = {}};
  const auto mark = std::ranges::upper_bound(file->marks, position, {}, &FileCursor::Place::position);
  if (mark != file->marks.begin()) {
    view.near = *std::prev(mark);
  }
  return view;
}

Files::View Files::look(const std::shared_ptr<const File>& file) const {
  const std::lock_guard lock(mutex_);
  return {.file = file, .bounds = bounds_of(*file, end_), .near = {}};
}

bool Files::wait_for(Position position, Millis patience, Wake& wake) const {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, std::min(patience, kPatienceMax),
                  [&] { return end_ > position || wake.interrupted; });
  return !std::exchange(wake.interrupted, false) && end_ > position;
}

void Files::wake(Wake& wake) const {
  const std::lock_guard lock(mutex_);
  wake.interrupted = true;
  moved_.notify_all();
}

std::shared_ptr<File> Files::take_oldest(Position position, Time time) {
  const std::lock_guard lock(mutex_);
  if (files_.size() < 2 || files_[1]->first > position || files_[1]->base_time > time) {
    return nullptr;
  }
  auto oldest = std::move(files_.front());
  files_.pop_front();
  return oldest;
}

void Files::put_back(std::shared_ptr<File> file) {
  const std::lock_guard lock(mutex_);
  files_.push_front(std::move(file));
}

}  // namespace cairn::journal
