// Reads a journal's folder in order without the journal: no lock, no writer, nothing is changed. For another
// process than the one that writes.
//
// Which entries are durable only the writer knows; it says so by `to`.
#pragma once

#include <filesystem>
#include <memory>

#include "journal/journal.h"

namespace cairn::journal {

// A reader of [from, to). REQUIRES: the entries before `to` were durable when it was made. At `to` read()
// returns empty, without waiting. Errc::not_found: `from` was retired, or is while it is read;
// Errc::corrupt as every reader, and when the files end before `to`.
Result<std::unique_ptr<Reader>> open_folder(const std::filesystem::path& folder, Position from, Position to,
                                            const Limits& limits = {});

}  // namespace cairn::journal
