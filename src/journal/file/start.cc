#include "journal/file/start.h"

#include <fmt/format.h>

#include <system_error>

#include "base/log.h"
#include "crypto/random.h"
#include "journal/file/folder.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kScanBytes = 1ULL << 20;

Result<void> make_folder(const std::filesystem::path& folder, Disk& disk) {
  std::error_code failed;
  if (!std::filesystem::create_directories(folder, failed)) {
    return failed ? Result<void>(system_error(failed.value(), "make journal folder", folder.native()))
                  : Result<void>();
  }
  const auto parent = std::filesystem::absolute(folder, failed).lexically_normal().parent_path();
  return sync_folder(disk, parent);
}

Result<FileCursor> open_named(const NamedFile& file) {
  CAIRN_TRY(auto cursor, FileCursor::open(file.path));
  if (cursor.head().first != file.first) {
    return Error{Errc::corrupt, "open journal: a file's head names another position than its name",
                 file.path.native()};
  }
  return cursor;
}

Result<void> add_older(const NamedFile& named, Files& files) {
  CAIRN_TRY(const auto cursor, open_named(named));
  CAIRN_TRY(const auto bytes, cursor.file_bytes());
  files.add(std::make_shared<File>(named.first, cursor.head().base_time, named.path, bytes));
  return {};
}

Result<ActiveFile> reopen_newest(const NamedFile& named, Disk& disk, Files& files) {
  CAIRN_TRY(auto cursor, open_named(named));
  CAIRN_TRY(const auto tail, find_tail(cursor));
  if (tail.torn_bytes > 0) {
    log::warn("journal: an unfinished write was cut off",
              {{"file", named.path.native()}, {"bytes", tail.torn_bytes}, {"end", tail.end.position.raw()}});
  }
  CAIRN_TRY(auto active, ActiveFile::reopen(disk, named.path, cursor.head(), tail.end));
  files.add(std::make_shared<File>(named.first, cursor.head().base_time, named.path, kFileHeadBytes));
  files.publish(tail.end);
  return active;
}

Result<ActiveFile> make_first(const std::filesystem::path& folder, std::uint64_t file_bytes,
                              const Clock& clock, Disk& disk, Files& files) {
  const FileHead head{.first = Position{0}, .base_time = clock.now(), .salt = crypto::random_number()};
  CAIRN_TRY(auto active, ActiveFile::create(disk, folder, head, file_bytes));
  files.add(std::make_shared<File>(head.first, head.base_time, active.path(), active.end().offset));
  return active;
}

}  // namespace

Result<Tail> find_tail(FileCursor& file) {
  CAIRN_TRY(const auto bytes, file.file_bytes());
  std::vector<Entry> entries;
  do {
    auto read = file.read({.bytes = bytes}, kScanBytes, entries);
    if (!read && read.error().code != Errc::corrupt) {
      return std::move(read).error();
    }
    if (!read) {
      CAIRN_TRY(const auto synced, file.has_group_after(file.whole().offset, file.whole().position));
      if (synced) {
        return std::move(read).error();
      }
      break;
    }
  } while (!entries.empty());
  return Tail{.end = file.whole(), .torn_bytes = bytes - file.whole().offset};
}

Result<ActiveFile> start(const std::filesystem::path& folder, std::uint64_t file_bytes, const Clock& clock,
                         Disk& disk, Files& files) {
  CAIRN_TRY_VOID(make_folder(folder, disk));
  for (const auto& unfinished : list_unfinished(folder)) {
    disk.unlink(unfinished);
  }
  CAIRN_TRY(const auto named, list_files(folder));
  if (named.empty()) {
    return make_first(folder, file_bytes, clock, disk, files);
  }
  for (const auto& older : std::span(named).first(named.size() - 1)) {
    CAIRN_TRY_VOID(add_older(older, files));
  }
  CAIRN_TRY_VOID(sync_folder(disk, folder));
  return reopen_newest(named.back(), disk, files);
}

}  // namespace cairn::journal
