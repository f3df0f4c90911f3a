// Tested by hold_test.cc.
#include "base/hold.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/time.h"

namespace cairn {
namespace {

constexpr const char* kName = ".hold";
constexpr int kTriesMax = 200;
constexpr Millis kBetweenTries{5};

// Who copies may be root; whoever removes must be able to see that.
Result<void> give_to_owner(const File& file, const std::filesystem::path& folder) {
  struct stat owner {};
  if (::geteuid() != 0) {
    return {};
  }
  if (::stat(folder.c_str(), &owner) != 0 || ::fchown(file.descriptor(), owner.st_uid, owner.st_gid) != 0) {
    return system_error(errno, "hold folder", folder.native());
  }
  return {};
}

}  // namespace

Result<Hold> Hold::take(const std::filesystem::path& folder) {
  const auto path = folder / kName;
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) {
    return system_error(errno, "hold folder", path.native());
  }
  CAIRN_TRY_VOID(give_to_owner(file, folder));
  // Whoever looks whether there is a hold has the lock himself for a moment.
  for (auto tries = kTriesMax; ::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0; --tries) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_error(errno, "hold folder", path.native());
    }
    if (tries == 0) {
      return Error{Errc::conflict, "another process is copying this folder", folder.native()};
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  return Hold(std::move(file));
}

bool Hold::is_on(const std::filesystem::path& folder) {
  const File file(::open((folder / kName).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return errno != ENOENT;  // a hold that cannot be looked at may be on
  }
  return ::flock(file.descriptor(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace cairn
