// Copies a file and hashes what it copied. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace cairn::backup {

struct Copied {
  std::uint64_t bytes = 0;
  std::string sha256;  // hexadecimal
};

// The first `bytes_max` bytes into a new file, for its owner alone (0600); folders above it are made (0700).
// Not synced: sync_all(). Errc::conflict: the target is there; Errc::limit: the disk is full.
Result<Copied> copy_and_hash(const std::filesystem::path& from, const std::filesystem::path& to,
                             std::uint64_t bytes_max = ~0ULL);

// The same without a copy.
Result<Copied> hash_file(const std::filesystem::path& file);

// Everything that was written to the file system of this folder is durable, once it returns.
Result<void> sync_all(const std::filesystem::path& folder);

// Makes a folder for its owner alone, unless it is there and empty. Errc::conflict: it holds something.
Result<void> make_empty_folder(const std::filesystem::path& folder);

}  // namespace cairn::backup
