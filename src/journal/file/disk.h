// The system calls that make a journal durable, in one place, so that a test can make each of them fail.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"

namespace cairn::journal {

// A file descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// Each call is the system call of its name: -1 and errno when it fails. Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual int open(const std::filesystem::path& path, int flags);
  virtual ssize_t pwritev(int fd, std::span<const iovec> parts, std::uint64_t offset);
  virtual int fdatasync(int fd);
  virtual int fsync(int fd);
  virtual int ftruncate(int fd, std::uint64_t bytes);
  virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
  virtual int unlink(const std::filesystem::path& path);
};
Disk& system_disk();

// Writes all of it, whatever number of calls that takes. `parts` is used up. After an error a part may be
// written.
Result<void> write_all(Disk& disk, int fd, std::span<iovec> parts, std::uint64_t offset,
                       std::string_view subject);

// Makes a folder's names durable.
Result<void> sync_folder(Disk& disk, const std::filesystem::path& folder);

// What a failed system call means here: a file-size limit (EFBIG) is a full disk, too.
Error disk_error(int error_number, std::string_view what, std::string_view subject);

}  // namespace cairn::journal
