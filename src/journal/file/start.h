// Start: from what lies in a folder to a file that can be written to.
#pragma once

#include <filesystem>

#include "base/time.h"
#include "journal/file/active_file.h"
#include "journal/file/files.h"

namespace cairn::journal {

// How a journal's newest file ends.
struct Tail {
  FileCursor::Place end;         // after the last whole group
  std::uint64_t torn_bytes = 0;  // after it: the rest of a write that never became durable
};

// Reads the file through. Errc::corrupt: there is a bad place, and a later group proves that it was synced
// once.
Result<Tail> find_tail(FileCursor& file);

// Makes the folder and its first file if need be, fills `files`, and returns the newest file, cut and synced.
Result<ActiveFile> start(const std::filesystem::path& folder, std::uint64_t file_bytes, const Clock& clock,
                         Disk& disk, Files& files);

}  // namespace cairn::journal
