// DuckDB's C API as values of ours: a database in memory, connections, statements with bound parameters,
// rows. Internal to store/. A Database is thread-safe; a Connection and its Rows are used by one thread at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct _duckdb_connection;
struct _duckdb_database;

namespace cairn::store::duck {

inline constexpr std::string_view kVersion = "v1.4.4";

// A parameter of a statement. A list is a VARCHAR[].
using Value = std::variant<bool, std::uint64_t, Time, std::string, std::vector<std::string>>;

// The rows of one result, read forwards: `while (rows.next()) …`. Columns count from 0.
class Rows {
 public:
  struct Impl;
  explicit Rows(std::unique_ptr<Impl> impl);
  Rows(Rows&&) noexcept;
  ~Rows();

  bool next();
  bool boolean(std::size_t column) const;
  std::uint64_t number(std::size_t column) const;  // UBIGINT or BIGINT
  Time time(std::size_t column) const;             // TIMESTAMP
  std::chrono::sys_days day(std::size_t column) const;
  // Valid until next(). NULL is empty.
  std::string_view text(std::size_t column) const;
  std::vector<std::string> texts(std::size_t column) const;  // VARCHAR[]

 private:
  std::unique_ptr<Impl> impl_;
};

class Connection {
 public:
  explicit Connection(_duckdb_connection* handle) : handle_(handle) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> run(const std::string& sql);
  Result<Rows> query(const std::string& sql, std::span<const Value> parameters = {});
  _duckdb_connection* handle() { return handle_; }

 private:
  _duckdb_connection* handle_;
};

struct Settings {
  std::size_t threads = 2;
  std::size_t memory_bytes_max = 0;  // beyond it: Errc::limit, for nothing is spilled to the disk
  std::vector<std::string> folders;  // what SQL may read and write: nothing else
  bool keep_order = true;            // of rows that no ORDER BY sorts
};

class Database {
 public:
  // Errc::invalid: the library is another version than the one this was written and measured for.
  static Result<std::shared_ptr<Database>> open(const Settings& settings);
  explicit Database(_duckdb_database* handle) : handle_(handle) {}
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<std::unique_ptr<Connection>> connect();

 private:
  _duckdb_database* handle_;
};

// A text as an SQL literal, quotes included.
std::string literal(std::string_view text);

// A time as DuckDB keeps a TIMESTAMP.
std::int64_t micros(Time time);

// As allowed_directories compares it: a path from the root, without dots.
std::string absolute_path(const std::string& path);

}  // namespace cairn::store::duck
