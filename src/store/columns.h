// The flat schema: a segment's columns, in this order (docs/formats/segment.md), and writing rows of it as a
// file. Internal to store/.
#pragma once

#include <string>
#include <string_view>

#include "store/duck.h"
#include "store/store.h"

namespace cairn::store {

// A row group's rows, and the most that DuckDB is handed at a time: it ends a row group between two handings only.
// Few, because a lookup decompresses half a row group for a row; fewer would take more room on the disk.
inline constexpr std::size_t kRowGroupRows = 1024;

// Rows one after the other. One thread.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // The next row, valid until the next call; null at the end.
  virtual Result<const Row*> next() = 0;
};

// Writes all rows of the stream, in its order, as `COPY … TO file (options)` does; a few thousand are in
// memory at a time. Errors are the stream's or DuckDB's. REQUIRES: the connection's database has one
// thread; one call a database; every text is valid UTF-8.
Result<void> write_rows(duck::Connection& connection, RowStream& rows, const std::string& file,
                        std::string_view options);

// Is every text of the row valid UTF-8? DuckDB's behaviour is undefined otherwise.
bool storable(const Row& row);

}  // namespace cairn::store
