// SQLite's C API in RAII: a connection, its prepared statements, and its result codes as Errors.
//
// A connection and its statements are used by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cairn::catalog::sqlite {

// A prepared statement. Call order: bind* step* reset. Bytes that were bound must live until the reset.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind(int index, std::string_view bytes);  // as a BLOB
  void bind(int index, std::uint64_t number);

  Result<bool> step();  // true: there is a row
  Result<void> run();   // steps to the end, then resets
  void reset();

  // Of the row; bytes are valid until the next step or reset.
  std::string_view bytes(int column) const;
  std::uint64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets a statement at the end of a scope: until then its read transaction is open.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

class Connection {
 public:
  enum class Mode { read, write };

  // REQUIRES: the file exists. `vfs` is SQLite's name of one; empty: the system's.
  static Result<Connection> open(const std::filesystem::path& file, Mode mode, const std::string& vfs);

  Result<Statement> prepare(std::string_view sql);
  Result<void> run(const char* sql);
  // The first column of the first row.
  Result<std::uint64_t> number(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  bool in_transaction() const;
  std::uint64_t last_row() const;      // of the last INSERT
  std::uint64_t changed_rows() const;  // by the last statement
  // Moves what it can of the write-ahead log into the file without waiting; `restart`: waits a little for
  // readers, so that the log starts anew. Readers in the way are no error.
  Result<void> checkpoint(bool restart);
  sqlite3* raw() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Connection(sqlite3* connection) : connection_(connection) {}

  std::unique_ptr<sqlite3, Close> connection_;
};

// The error of SQLite's last failed call on this connection.
Error error_of(sqlite3* connection, int code, std::string_view what);

}  // namespace cairn::catalog::sqlite
