// A journal's folder: files named by the position of their first entry, "00000000000000000000.journal". While
// a file is made it is called ".new"; it gets its name once its head is durable, so a file with a name always
// has a head.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/journal.h"

namespace cairn::journal {

struct NamedFile {
  Position first;
  std::filesystem::path path;
};

std::string file_name(Position first);

// The journal's files in order; other names are ignored.
Result<std::vector<NamedFile>> list_files(const std::filesystem::path& folder);

// What a crash in the middle of making a file left behind.
std::vector<std::filesystem::path> list_unfinished(const std::filesystem::path& folder);

}  // namespace cairn::journal
