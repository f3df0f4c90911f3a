// ActiveFile: the one file that is written to. It knows the last good end and goes back to it when a write
// fails.
//
// Used by the writer's thread alone.
#pragma once

#include <filesystem>
#include <memory>

#include "journal/file/disk.h"
#include "journal/file/file_cursor.h"
#include "journal/file/format.h"

namespace cairn::journal {

// How an attempt to write ended, for those who wait for it.
struct Written {
  enum class Outcome {
    durable,
    nothing,  // the file is as it was before
    suspect,  // nobody can say what of it will be there after a crash: the file must not be written to again
  };
  Outcome outcome;
  Error error{};  // unless durable
};

class ActiveFile {
 public:
  // Makes the file that begins at head.first, durable under its name. It takes the place of one of the same
  // name.
  static Result<ActiveFile> create(Disk& disk, const std::filesystem::path& folder, const FileHead& head,
                                   std::uint64_t bytes_expected);
  // Opens one that is there, cuts off what follows `end`, and makes the rest durable.
  static Result<ActiveFile> reopen(Disk& disk, const std::filesystem::path& path, const FileHead& head,
                                   const FileCursor::Place& end);

  const std::filesystem::path& path() const { return path_; }
  const FileHead& head() const { return head_; }
  // After the last durable group.
  const FileCursor::Place& end() const { return end_; }

  // Writes and syncs one group. `parts` are the entries; the first of them is left free for the group's head.
  Written append(const GroupHead& group, std::span<iovec> parts);

  // No more will be written: gives back the space that was set aside.
  void finish();

 private:
  ActiveFile(Disk& disk, Fd fd, std::filesystem::path path, const FileHead& head,
             const FileCursor::Place& end)
      : disk_(&disk), fd_(std::move(fd)), path_(std::move(path)), head_(head), end_(end) {}

  Written go_back(Error error);

  Disk* disk_;
  Fd fd_;
  std::filesystem::path path_;
  FileHead head_;
  FileCursor::Place end_;
};

}  // namespace cairn::journal
