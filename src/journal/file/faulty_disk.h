// For this folder's tests: a disk whose nth call fails, and one that can be asked what a power loss would
// leave.
#pragma once

#include <cerrno>
#include <map>
#include <mutex>

#include "journal/file/disk.h"

namespace cairn::journal {

// Every call counts by its kind; fail() says which one goes wrong, and how.
class FaultyDisk final : public Disk {
 public:
  enum class Call { open, write, datasync, sync, truncate, rename, unlink };

  // The nth such call from now (0: the next one), and `more` after it, end with this errno.
  void fail(Call call, int error_number, std::uint64_t nth = 0, std::uint64_t more = 0) {
    const std::lock_guard lock(mutex_);
    faults_[call] = {
        .first = counts_[call] + nth, .last = counts_[call] + nth + more, .error_number = error_number};
  }
  // The next write stops after so many bytes; the one that goes on after it fails with ENOSPC.
  void fill_after(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    room_ = bytes;
  }
  std::uint64_t count(Call call) {
    const std::lock_guard lock(mutex_);
    return counts_[call];
  }

  int open(const std::filesystem::path& path, int flags) override {
    return fails(Call::open) ? -1 : Disk::open(path, flags);
  }
  ssize_t pwritev(int fd, std::span<const iovec> parts, std::uint64_t offset) override {
    if (fails(Call::write)) {
      return -1;
    }
    const auto room = take_room();
    return room ? write_some(fd, parts, offset, *room) : Disk::pwritev(fd, parts, offset);
  }
  int fdatasync(int fd) override { return fails(Call::datasync) ? -1 : Disk::fdatasync(fd); }
  int fsync(int fd) override { return fails(Call::sync) ? -1 : Disk::fsync(fd); }
  int ftruncate(int fd, std::uint64_t bytes) override {
    return fails(Call::truncate) ? -1 : Disk::ftruncate(fd, bytes);
  }
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return fails(Call::rename) ? -1 : Disk::rename(from, to);
  }
  int unlink(const std::filesystem::path& path) override {
    return fails(Call::unlink) ? -1 : Disk::unlink(path);
  }

 private:
  struct Fault {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    int error_number = 0;
  };

  bool fails(Call call) {
    const std::lock_guard lock(mutex_);
    const auto number = counts_[call]++;
    const auto& fault = faults_[call];
    if (number < fault.first || number > fault.last) {
      return false;
    }
    errno = fault.error_number;
    return true;
  }

  std::optional<std::size_t> take_room() {
    const std::lock_guard lock(mutex_);
    return std::exchange(room_, std::nullopt);
  }

  ssize_t write_some(int fd, std::span<const iovec> parts, std::uint64_t offset, std::size_t room) {
    std::string bytes;
    for (const auto& part : parts) {
      bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    bytes.resize(std::min(bytes.size(), room));
    fail(Call::write, ENOSPC);
    const iovec one{.iov_base = bytes.data(), .iov_len = bytes.size()};
    return Disk::pwritev(fd, std::span(&one, 1), offset);
  }

  std::mutex mutex_;
  std::map<Call, std::uint64_t> counts_;
  std::map<Call, Fault> faults_;
  std::optional<std::size_t> room_;
};

}  // namespace cairn::journal
