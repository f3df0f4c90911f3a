// The embedded catalog: one SQLite database file. docs/formats/catalog.md describes the file, README.md the
// life of a commit.
//
// Thread-safe. One Cairn process at a time uses a file; other programs may read it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/metrics.h"
#include "catalog/catalog.h"

namespace cairn::catalog::sqlite {

struct Options {
  std::filesystem::path file;  // made if it is not there; its folder must be
  Limits limits{};
  std::size_t readers_max = 4;                   // read connections
  std::size_t cache_bytes_max = 8U << 20;        // documents read lately
  std::uint64_t check_bytes_max = 256ULL << 20;  // a file up to this size is checked whole when it is opened
  std::string vfs{};  // SQLite's name of a file system of its own (tests); empty: the system's
};

class SqliteCatalog : public Catalog {
 public:
  // A consistent copy in a new file, durable once this returns. Errc::conflict: the file is there already.
  // Blocks for as long as the disk takes: call it on a pool. Commits go on meanwhile.
  virtual Result<void> backup(const std::filesystem::path& file) = 0;
};

// Errc::corrupt: the file is damaged. Errc::invalid: it is no catalog, or a newer Cairn's. Errc::not_found:
// its folder is not there. The clock and the metrics must outlive the catalog.
Result<std::unique_ptr<SqliteCatalog>> open(Options options, const Clock& clock, Metrics& metrics);

}  // namespace cairn::catalog::sqlite
