// The lock on the data folder: one process at a time. Released by the kernel when the process ends, however
// it ends.
#pragma once

#include <filesystem>

#include "base/file.h"
#include "base/result.h"

namespace cairn::node {

class DataLock {
 public:
  // Makes the folder if it is not there, and sees to it that it is its owner's alone (0700). Errc::conflict:
  // another Cairn has it.
  static Result<DataLock> take(const std::filesystem::path& data);

 private:
  explicit DataLock(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace cairn::node
