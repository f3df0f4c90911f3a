// The flat schema: the head's columns and a segment's, in this order. docs/formats/segment.md. Internal to
// store/.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/duck.h"
#include "store/store.h"

namespace cairn::store {

// "_position UBIGINT, account VARCHAR, …": for CREATE TABLE.
const std::string& column_definitions();
// "_position, account, …": for SELECT, in the order that read_found() expects.
const std::string& column_names();

// Appends rows to a table of these columns, within the connection's transaction if it has one.
// REQUIRES: every text is valid UTF-8.
Result<void> append_rows(duck::Connection& connection, const std::string& table,
                         std::span<const Row* const> rows);

// The current row of a `SELECT <column_names()>`.
Found read_found(const duck::Rows& rows);

// Is every text of the row valid UTF-8? DuckDB's behaviour is undefined otherwise.
bool storable(const Row& row);

}  // namespace cairn::store
