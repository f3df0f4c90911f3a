#include "journal/file/disk.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cairn::journal {

void Fd::reset() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

int Disk::open(const std::filesystem::path& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC, 0600);
}
ssize_t Disk::pwritev(int fd, std::span<const iovec> parts, std::uint64_t offset) {
  return ::pwritev(fd, parts.data(), static_cast<int>(parts.size()), static_cast<off_t>(offset));
}
int Disk::fdatasync(int fd) {
  return ::fdatasync(fd);
}
int Disk::fsync(int fd) {
  return ::fsync(fd);
}
int Disk::ftruncate(int fd, std::uint64_t bytes) {
  return ::ftruncate(fd, static_cast<off_t>(bytes));
}
int Disk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::rename(from.c_str(), to.c_str());
}
int Disk::unlink(const std::filesystem::path& path) {
  return ::unlink(path.c_str());
}

Disk& system_disk() {
  static Disk disk;
  return disk;
}

namespace {

// Drops the first `bytes` bytes of the parts.
std::span<iovec> skip(std::span<iovec> parts, std::size_t bytes) {
  while (!parts.empty() && bytes >= parts.front().iov_len) {
    bytes -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (!parts.empty()) {
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + bytes;
    parts.front().iov_len -= bytes;
  }
  return parts;
}

}  // namespace

Result<void> write_all(Disk& disk, int fd, std::span<iovec> parts, std::uint64_t offset,
                       std::string_view subject) {
  while (!parts.empty()) {
    const auto written = disk.pwritev(fd, parts.first(std::min<std::size_t>(parts.size(), IOV_MAX)), offset);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return disk_error(written < 0 ? errno : ENOSPC, "write journal file", subject);
    }
    offset += static_cast<std::uint64_t>(written);
    parts = skip(parts, static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_folder(Disk& disk, const std::filesystem::path& folder) {
  const Fd fd(disk.open(folder, O_RDONLY | O_DIRECTORY));
  if (!fd.is_open() || disk.fsync(fd.get()) != 0) {
    return disk_error(errno, "sync journal folder", folder.native());
  }
  return {};
}

Error disk_error(int error_number, std::string_view what, std::string_view subject) {
  auto error = system_error(error_number, what, subject);
  if (error_number == EFBIG) {
    error.code = Errc::limit;
  }
  return error;
}

}  // namespace cairn::journal
