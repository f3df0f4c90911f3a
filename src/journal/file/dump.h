// Walks a journal's files without a journal: for looking at one, and for checking one. Read-only; may run
// beside a server, and then leaves out what is appended meanwhile.
#pragma once

#include <filesystem>
#include <functional>

#include "base/result.h"
#include "journal/journal.h"

namespace cairn::journal {

// What dump() found.
struct Dumped {
  Position begin{};  // of the oldest file
  Position end{};    // after the last good entry
  std::size_t files = 0;
  std::uint64_t torn_bytes = 0;  // after it: an unfinished write, or one that a server is at just now
};

// Hands over every entry from `from` on (from the oldest one, if that was retired), each checked. An entry's
// payload is valid during the call only. Errc::corrupt names file, byte and position, after the entries
// before it were handed over; Errc::invalid: `from` is after the end, or a newer Cairn wrote a file;
// Errc::not_found: no such folder.
Result<Dumped> dump(const std::filesystem::path& folder, Position from,
                    const std::function<void(const Entry&)>& visit);

}  // namespace cairn::journal
