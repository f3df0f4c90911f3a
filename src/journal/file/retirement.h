// Retirement: deletes the journal's oldest files once every entry in them was retired and is old enough.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>

#include "base/time.h"
#include "journal/file/disk.h"
#include "journal/file/files.h"
#include "journal/file/measures.h"

namespace cairn::journal {

class Retirement {
 public:
  struct Rule {
    std::filesystem::path folder;
    Millis min_age{0};
    std::function<bool()> hurry{};     // true: whatever its age
    std::size_t files_max = SIZE_MAX;  // beyond them likewise
  };
  Retirement(Files& files, Disk& disk, const Clock& clock, Measures& measures, Rule rule)
      : files_(files), disk_(disk), clock_(clock), measures_(measures), rule_(std::move(rule)) {}

  // Entries before `position` may go.
  Result<void> retire(Position position);
  // Deletes what may go by now; nothing while somebody copies the folder (base/hold.h).
  Result<void> sweep();

 private:
  Result<void> sweep_locked();

  Files& files_;
  Disk& disk_;
  const Clock& clock_;
  Measures& measures_;
  const Rule rule_;

  std::mutex mutex_;
  Position retired_{};  // guarded by mutex_
};

}  // namespace cairn::journal
