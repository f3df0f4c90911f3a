#include "journal/file/active_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "journal/file/folder.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kAsideMax = 4;  // at most this part of what is free

// Room is set aside without changing the file's size: a reader or a dump sees only what was written. Where
// the file system cannot, or has little room, writing goes on without: what lies aside here would be missing
// elsewhere, and a nearly full disk would look full.
void set_room_aside(const Fd& fd, std::uint64_t bytes) {
#ifdef FALLOC_FL_KEEP_SIZE
  struct statvfs now {};
  if (::fstatvfs(fd.get(), &now) != 0 || now.f_bavail * now.f_frsize / kAsideMax < bytes) {
    return;
  }
  if (::fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0) {
    (void)::ftruncate(fd.get(), 0);  // what it may have got of it
  }
#endif
}

iovec part_of(const char* bytes, std::size_t size) {
  return {.iov_base = const_cast<char*>(bytes), .iov_len = size};
}

Result<void> write_head(Disk& disk, const Fd& fd, const FileHead& head, const std::string& name) {
  const auto bytes = encode(head);
  std::array<iovec, 1> parts{part_of(bytes.data(), bytes.size())};
  CAIRN_TRY_VOID(write_all(disk, fd.get(), parts, 0, name));
  if (disk.fsync(fd.get()) != 0) {
    return disk_error(errno, "sync journal file", name);
  }
  return {};
}

}  // namespace

Result<ActiveFile> ActiveFile::create(Disk& disk, const std::filesystem::path& folder, const FileHead& head,
                                      std::uint64_t bytes_expected) {
  auto path = folder / file_name(head.first);
  const auto unfinished = std::filesystem::path(path.native() + ".new");
  Fd fd(disk.open(unfinished, O_RDWR | O_CREAT | O_TRUNC));
  if (!fd.is_open()) {
    return disk_error(errno, "make journal file", unfinished.native());
  }
  set_room_aside(fd, bytes_expected);
  if (auto written = write_head(disk, fd, head, unfinished.native()); !written) {
    disk.unlink(unfinished);
    return std::move(written).error();
  }
  if (disk.rename(unfinished, path) != 0) {
    const auto error_number = errno;
    disk.unlink(unfinished);
    return disk_error(error_number, "name journal file", path.native());
  }
  CAIRN_TRY_VOID(sync_folder(disk, folder));
  const FileCursor::Place start{.offset = kFileHeadBytes, .position = head.first, .time = head.base_time};
  return ActiveFile(disk, std::move(fd), std::move(path), head, start);
}

Result<ActiveFile> ActiveFile::reopen(Disk& disk, const std::filesystem::path& path, const FileHead& head,
                                      const FileCursor::Place& end) {
  Fd fd(disk.open(path, O_RDWR));
  if (!fd.is_open()) {
    return disk_error(errno, "open journal file", path.native());
  }
  if (disk.ftruncate(fd.get(), end.offset) != 0) {
    return disk_error(errno, "cut journal file", path.native());
  }
  // What a killed process wrote may be in the system's memory only: it is published soon, so it must be
  // durable first.
  if (disk.fsync(fd.get()) != 0) {
    return disk_error(errno, "sync journal file", path.native());
  }
  return ActiveFile(disk, std::move(fd), path, head, end);
}

Written ActiveFile::append(const GroupHead& group, std::span<iovec> parts) {
  CAIRN_CHECK(fd_.is_open() && group.first == end_.position && group.time >= end_.time);
  const auto head = encode(group, head_.salt);
  parts.front() = part_of(head.data(), head.size());
  if (auto written = write_all(*disk_, fd_.get(), parts, end_.offset, path_.native()); !written) {
    return go_back(std::move(written).error());
  }
  if (disk_->fdatasync(fd_.get()) != 0) {
    // The kernel may have dropped the dirty pages and will not tell again: a second sync that succeeds proves
    // nothing.
    return {Written::Outcome::suspect, disk_error(errno, "sync journal file", path_.native())};
  }
  end_ = {.offset = end_.offset + kGroupHeadBytes + group.bytes,
          .position = end_.position + group.count,
          .time = group.time};
  return {.outcome = Written::Outcome::durable};
}

Written ActiveFile::go_back(Error error) {
  if (disk_->ftruncate(fd_.get(), end_.offset) != 0) {
    return {Written::Outcome::suspect, std::move(error)};
  }
  return {Written::Outcome::nothing, std::move(error)};
}

void ActiveFile::finish() {
  if (fd_.is_open()) {
    (void)disk_->ftruncate(fd_.get(), end_.offset);
    fd_.reset();
  }
}

}  // namespace cairn::journal
