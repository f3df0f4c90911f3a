// The head: the rows that are in no segment yet, as one table of the in-memory database. Internal to store/.
// A seal replaces the whole head by an empty one; the old table is dropped when the last lookup that reads it
// is done. append() and connection() are for one thread (the follower's); table() for any.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "store/columns.h"
#include "store/duck.h"

namespace cairn::store {

class Head {
 public:
  // `number` makes the table's name: another one for each head of a database.
  static Result<std::shared_ptr<Head>> make(duck::Database& database, std::uint64_t number);
  Head(std::string table, std::unique_ptr<duck::Connection> connection);
  ~Head();
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  // All rows or none.
  Result<void> append(std::span<const Row* const> rows);
  const std::string& table() const { return table_; }
  duck::Connection& connection() { return *connection_; }

 private:
  const std::string table_;
  const std::unique_ptr<duck::Connection> connection_;
};

}  // namespace cairn::store
