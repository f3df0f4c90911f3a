#include "node/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/log.h"

namespace cairn::node {

namespace {

// Secrets lie in it, also when somebody else made it.
void keep_others_out(const std::filesystem::path& data) {
  struct stat now {};
  if (::stat(data.c_str(), &now) != 0 || (now.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
    return;
  }
  if (::chmod(data.c_str(), S_IRWXU) != 0) {
    log::warn("the data folder can be entered by others, and that cannot be changed",
              {{"folder", data.string()}, {"errno", errno}});
  }
}

}  // namespace

Result<DataLock> DataLock::take(const std::filesystem::path& data) {
  std::error_code failure;
  std::filesystem::create_directories(data, failure);
  if (failure) {
    return system_error(failure.value(), "make the data folder", data.string());
  }
  keep_others_out(data);
  const auto path = data / "lock";
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) {
    return system_error(errno, "open the data folder's lock", path.string());
  }
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::conflict, "the data folder is in use by another Cairn", data.string()};
  }
  return DataLock(std::move(file));
}

}  // namespace cairn::node
