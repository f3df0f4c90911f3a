#include "blob/dir/folder_sync.h"

#include <fcntl.h>

#include <cerrno>

#include "blob/dir/descriptor.h"

namespace cairn::blob::dir {

Result<void> FolderSync::sync(const std::string& folder) {
  std::unique_lock lock(mutex_);
  auto& line = lines_[folder];
  if (line.next) {
    const auto round = line.next;
    changed_.wait(lock, [&round] { return round->done; });
    return round->result;
  }
  const auto round = line.next = std::make_shared<Round>();
  changed_.wait(lock, [&line] { return !line.running; });
  line.next = nullptr;
  line.running = true;
  lock.unlock();
  auto result = sync_now(folder);
  lock.lock();
  round->result = result;
  round->done = true;
  line.running = false;
  if (!line.next) {
    lines_.erase(folder);
  }
  changed_.notify_all();
  return result;
}

Result<void> FolderSync::sync_now(const std::string& folder) {
  const char* path = folder.empty() ? "." : folder.c_str();
  const Descriptor opened(::openat(root_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) {
    return errno == ENOENT ? Result<void>() : system_error(errno, "open blob folder", folder);
  }
  syncs_.add();
  return ::fsync(opened.get()) == 0 ? Result<void>() : system_error(errno, "sync blob folder", folder);
}

}  // namespace cairn::blob::dir
