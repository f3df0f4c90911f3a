// Hold: who copies a folder while its owner works in it (a backup) asks that nothing be deleted meanwhile.
//
// The owner looks before it deletes, and puts the deletion off while there is a hold. What is deleted has
// first been given up durably (in the catalog), so a deletion that had begun just before the hold is of a
// file that no later copy of the catalog names. A hold ends with the process that has it.
#pragma once

#include <filesystem>

#include "base/file.h"
#include "base/result.h"

namespace cairn {

class Hold {
 public:
  // REQUIRES: the folder exists. Errc::conflict: another process has a hold on it, for a second
  // already. Blocks.
  static Result<Hold> take(const std::filesystem::path& folder);

  // Does anybody have one? A few microseconds. Thread-safe.
  static bool is_on(const std::filesystem::path& folder);

 private:
  explicit Hold(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace cairn
