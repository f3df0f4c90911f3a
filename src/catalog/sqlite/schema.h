// The catalog's database file: made, checked and refused here. docs/formats/catalog.md describes it.
#pragma once

#include "catalog/sqlite/connection.h"

namespace cairn::catalog::sqlite {

// 2: rows and documents may be sealed, which a Cairn that knows 1 would take for damaged. The tables are as
// in 1, and a start makes a 1 a 2.
inline constexpr std::uint64_t kSchema = 2;

struct Place {
  std::filesystem::path file;
  std::string vfs;
  std::uint64_t check_bytes_max = 0;  // a file up to this size is checked whole
};

// A write connection to the file, which is made if it is not there. Errc::corrupt: it is damaged;
// Errc::invalid: it is no catalog, or a newer Cairn's. REQUIRES: the folder exists.
Result<Connection> open_database(const Place& place);

// Makes names within the folder durable.
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace cairn::catalog::sqlite
