// What `cairn journal check` says, and what a backup takes: a journal's folder, verified entry by entry.
// Read-only; may run beside a server.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "journal/journal.h"

namespace cairn::journal {

struct CheckedFile {
  std::filesystem::path path;
  Position first;
  Position end;  // after its last good entry
  Time oldest;   // of its entries; of the file's making if it has none
  Time newest;
  std::uint64_t bytes = 0;       // up to there
  std::uint64_t torn_bytes = 0;  // after it, in the newest file: an unfinished write, or one that is going on
};

struct Checked {
  std::vector<CheckedFile> files;
  std::uint64_t entries = 0;
};

// Reads every entry of every file, in order, and hands it to `visit`; false: stop there, and the last file's
// end is the end of the group before this entry. Errc::corrupt names file, byte and position; also when files
// are missing in between. Errc::invalid: a newer Cairn wrote a file. Errc::not_found: no such folder. An
// error of a file leaves the ones before it in `checked`.
Result<void> check_folder(const std::filesystem::path& folder, const std::function<bool(const Entry&)>& visit,
                          Checked& checked);

}  // namespace cairn::journal
