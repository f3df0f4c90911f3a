#include "catalog/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace cairn::catalog::sqlite {

namespace {

constexpr int kBusyMillisMax = 5000;  // another process (the sqlite3 shell, a copy) holds the write lock
constexpr int kReadersMillisMax =
    50;  // a restart of the log waits so long for reads, which take microseconds

Errc code_of(int extended) {
  if (extended == SQLITE_IOERR_CORRUPTFS) {
    return Errc::corrupt;
  }
  switch (extended & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::corrupt;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return Errc::limit;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Errc::denied;
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
      return Errc::invalid;
    default:
      return Errc::unavailable;
  }
}

// The statements' owner, for its error message.
sqlite3* owner(sqlite3_stmt* statement) {
  return sqlite3_db_handle(statement);
}

// SQLite counts what it allocates, under one lock for all threads, and nobody here reads the count.
void count_no_memory() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);  // refused when somebody used SQLite before: then it counts
}

}  // namespace

Error error_of(sqlite3* connection, int code, std::string_view what) {
  const int extended = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
  const char* message = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  return Error{code_of(extended), fmt::format("{}: {} (SQLite {})", what, message, extended),
               file != nullptr ? file : ""};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::bind(int index, std::string_view bytes) {
  // A null pointer would bind NULL, not the empty BLOB.
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  CAIRN_CHECK(sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bind(int index, std::uint64_t number) {
  // Numbers beyond SQLite's are as good as its largest: they come as bounds only.
  const auto bounded = std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max());
  CAIRN_CHECK(sqlite3_bind_int64(statement_.get(), index, static_cast<std::int64_t>(bounded)) == SQLITE_OK);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  return error_of(owner(statement_.get()), code, sqlite3_sql(statement_.get()));
}

Result<void> Statement::run() {
  const ResetAtEnd reset_at_end(*this);
  for (;;) {
    CAIRN_TRY(const bool row, step());
    if (!row) {
      return {};
    }
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return data == nullptr
             ? std::string_view()
             : std::string_view(data,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::uint64_t Statement::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

void Connection::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

Result<Connection> Connection::open(const std::filesystem::path& file, Mode mode, const std::string& vfs) {
  const int how = mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  sqlite3* raw = nullptr;
  count_no_memory();
  const int code = sqlite3_open_v2(file.c_str(), &raw, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                   vfs.empty() ? nullptr : vfs.c_str());
  Connection connection(raw);  // to be closed even if it did not open
  if (code != SQLITE_OK) {
    return error_of(raw, code, "open catalog");
  }
  sqlite3_busy_timeout(raw, kBusyMillisMax);
  CAIRN_TRY_VOID(
      connection.run("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY"));
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) {
    return error_of(connection_.get(), code, sql);
  }
  return Statement(raw);
}

Result<void> Connection::run(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return error_of(connection_.get(), code, sql);
  }
  return {};
}

Result<std::uint64_t> Connection::number(std::string_view sql) {
  CAIRN_TRY(auto statement, prepare(sql));
  CAIRN_TRY(const bool row, statement.step());
  return row ? statement.number(0) : 0;
}

Result<std::string> Connection::text(std::string_view sql) {
  CAIRN_TRY(auto statement, prepare(sql));
  CAIRN_TRY(const bool row, statement.step());
  return row ? std::string(statement.bytes(0)) : std::string();
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::uint64_t Connection::last_row() const {
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(connection_.get()));
}

std::uint64_t Connection::changed_rows() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(connection_.get()));
}

Result<void> Connection::checkpoint(bool restart) {
  const int how = restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  sqlite3_busy_timeout(connection_.get(), kReadersMillisMax);
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, how, nullptr, nullptr);
  sqlite3_busy_timeout(connection_.get(), kBusyMillisMax);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
    return error_of(connection_.get(), code, "move the catalog's log into its file");
  }
  return {};
}

}  // namespace cairn::catalog::sqlite
