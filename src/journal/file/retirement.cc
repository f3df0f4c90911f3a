#include "journal/file/retirement.h"

#include <algorithm>
#include <cerrno>

#include "base/hold.h"
#include "base/log.h"

namespace cairn::journal {

Result<void> Retirement::retire(Position position) {
  const std::lock_guard lock(mutex_);
  retired_ = std::max(retired_, position);
  return sweep_locked();
}

Result<void> Retirement::sweep() {
  const std::lock_guard lock(mutex_);
  return sweep_locked();
}

// Oldest first, and not a file beyond one that stays: a crash in between must leave no gap.
Result<void> Retirement::sweep_locked() {
  if (Hold::is_on(rule_.folder)) {
    return {};
  }
  const bool hurry = rule_.hurry && rule_.hurry();
  const auto old_enough = clock_.now() - rule_.min_age;
  const auto newest = [&] { return hurry || files_.count() > rule_.files_max ? Time::max() : old_enough; };
  while (auto file = files_.take_oldest(retired_, newest())) {
    if (disk_.unlink(file->path) != 0 && errno != ENOENT) {
      auto error = system_error(errno, "delete journal file", file->path.native());
      files_.put_back(std::move(file));
      return error;
    }
    log::info("journal file deleted", {{"file", file->path.native()}});
  }
  measures_.files.set(static_cast<double>(files_.count()));
  measures_.first_position.set(static_cast<double>(files_.begin().raw()));
  return {};
}

}  // namespace cairn::journal
