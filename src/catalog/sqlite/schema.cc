#include "catalog/sqlite/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace cairn::catalog::sqlite {

namespace {

// synchronous=FULL: a COMMIT returns after the log is on the disk. The log is moved into the file by the
// committer, after it has answered, and not by SQLite within a COMMIT: hence wal_autocheckpoint=0.
constexpr const char* kSettings =
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-32768";

constexpr std::string_view kTables =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE documents(key BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox(number INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL) STRICT;"
    "INSERT INTO meta VALUES('schema', {}), ('fence', 0);"
    "COMMIT";

// Owner only: the file holds sealed secrets, and its log inherits the mode. A file that is there is not
// opened: closing any descriptor of it would drop the locks of SQLite's own connections in this process.
Result<void> create_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return errno == EEXIST ? Result<void>() : system_error(errno, "create catalog", file.native());
  }
  ::close(descriptor);
  return {};
}

Result<void> use_log(Connection& connection, const std::filesystem::path& file) {
  CAIRN_TRY(const auto mode, connection.text("PRAGMA journal_mode=WAL"));
  if (mode != "wal") {
    return Error{Errc::invalid, "this file system cannot keep a catalog: no shared memory for its log",
                 file.native()};
  }
  return connection.run(kSettings);
}

Result<void> check_schema(Connection& connection, const std::filesystem::path& file) {
  CAIRN_TRY(const auto tables, connection.number("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) {
    return connection.run(fmt::format(kTables, kSchema).c_str());
  }
  CAIRN_TRY(const auto ours, connection.number("SELECT count(*) FROM sqlite_schema WHERE name='meta'"));
  const auto schema = ours == 0 ? Result<std::uint64_t>(std::uint64_t{0})
                                : connection.number("SELECT number FROM meta WHERE name='schema'");
  CAIRN_TRY(const auto found, schema);
  if (found == 0) {
    return Error{Errc::invalid, "the database is no Cairn catalog", file.native()};
  }
  if (found > kSchema) {
    return Error{Errc::invalid,
                 fmt::format("the catalog was written by a newer Cairn (schema {}; this one knows {})", found,
                             kSchema),
                 file.native()};
  }
  return {};
}

// Before anything is written that an older Cairn would not understand.
Result<void> raise_schema(Connection& connection) {
  return connection.run(
      fmt::format("UPDATE meta SET number={0} WHERE name='schema' AND number<{0}", kSchema).c_str());
}

Result<void> check_pages(Connection& connection, const Place& place) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(place.file, ignored);
  if (ignored || bytes > place.check_bytes_max) {
    return {};
  }
  CAIRN_TRY(const auto verdict, connection.text("PRAGMA quick_check(1)"));
  if (verdict != "ok") {
    return Error{Errc::corrupt, "the catalog is damaged: " + verdict, place.file.native()};
  }
  return {};
}

}  // namespace

Result<void> sync_folder(const std::filesystem::path& folder) {
  const std::string name = folder.empty() ? "." : folder.native();
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return system_error(errno, "open folder", name);
  }
  const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return failed == 0 ? Result<void>() : system_error(failed, "sync folder", name);
}

Result<Connection> open_database(const Place& place) {
  CAIRN_TRY_VOID(create_file(place.file));
  CAIRN_TRY(auto connection, Connection::open(place.file, Connection::Mode::write, place.vfs));
  CAIRN_TRY_VOID(use_log(connection, place.file));
  CAIRN_TRY_VOID(check_schema(connection, place.file));
  CAIRN_TRY_VOID(check_pages(connection, place));
  CAIRN_TRY_VOID(raise_schema(connection));
  CAIRN_TRY_VOID(sync_folder(place.file.parent_path()));
  return connection;
}

}  // namespace cairn::catalog::sqlite
