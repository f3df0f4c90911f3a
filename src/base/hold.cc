// Tested by hold_test.cc.
#include "base/hold.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace cairn {
namespace {

constexpr const char* kName = ".hold";

}  // namespace

Result<Hold> Hold::take(const std::filesystem::path& folder) {
  const auto path = folder / kName;
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) {
    return system_error(errno, "hold folder", path.native());
  }
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::conflict, "another process is copying this folder", folder.native()};
  }
  return Hold(std::move(file));
}

bool Hold::is_on(const std::filesystem::path& folder) {
  const File file(::open((folder / kName).c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() && ::flock(file.descriptor(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace cairn
