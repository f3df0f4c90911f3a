// Tested by offline_test.cc.
#include "catalog/sqlite/offline.h"

#include <fmt/format.h>

#include "catalog/sqlite/schema.h"

namespace cairn::catalog::sqlite {

Result<Offline> Offline::open(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) {
    return Error{Errc::not_found, "open catalog: there is none", file.native()};
  }
  CAIRN_TRY(auto connection, Connection::open(file, Connection::Mode::read, ""));
  CAIRN_TRY(const auto tables, connection.number("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) {
    return Error{Errc::not_found, "open catalog: its making did not come to its end", file.native()};
  }
  CAIRN_TRY(const auto ours, connection.number("SELECT count(*) FROM sqlite_schema WHERE name='meta'"));
  if (ours == 0) {
    return Error{Errc::invalid, "the database is no Cairn catalog", file.native()};
  }
  CAIRN_TRY(const auto schema, connection.number("SELECT number FROM meta WHERE name='schema'"));
  if (schema == 0 || schema > kSchema) {
    return Error{Errc::invalid,
                 fmt::format("the catalog has schema {}; this Cairn knows {}", schema, kSchema),
                 file.native()};
  }
  return Offline(std::move(connection));
}

Result<void> Offline::check() {
  CAIRN_TRY(const auto verdict, connection_.text("PRAGMA integrity_check(1)"));
  return verdict == "ok" ? Result<void>() : Error{Errc::corrupt, "the catalog is damaged", verdict};
}

Result<std::uint64_t> Offline::outbox_last() {
  return connection_.number("SELECT seq FROM sqlite_sequence WHERE name='outbox'");
}

Result<std::uint64_t> Offline::outbox_rows() {
  return connection_.number("SELECT count(*) FROM outbox");
}

Result<std::optional<Document>> Offline::get(std::string_view key) {
  CAIRN_TRY(auto statement, connection_.prepare("SELECT version, value FROM documents WHERE key=?1"));
  statement.bind(1, key);
  CAIRN_TRY(const bool row, statement.step());
  if (!row) {
    return std::optional<Document>();
  }
  return std::optional(Document{
      .key = std::string(key), .value = std::string(statement.bytes(1)), .version = statement.number(0)});
}

Result<std::uint64_t> Offline::each(std::string_view prefix,
                                    const std::function<Result<void>(const Document&)>& visit) {
  CAIRN_TRY(auto statement,
            connection_.prepare("SELECT key, version, value FROM documents WHERE key>=?1 ORDER BY key"));
  statement.bind(1, prefix);
  std::uint64_t count = 0;
  while (true) {
    CAIRN_TRY(const bool row, statement.step());
    if (!row || !statement.bytes(0).starts_with(prefix)) {
      return count;
    }
    CAIRN_TRY_VOID(visit({.key = std::string(statement.bytes(0)),
                          .value = std::string(statement.bytes(2)),
                          .version = statement.number(1)}));
    count += 1;
  }
}

Result<void> Offline::copy_to(const std::filesystem::path& file) {
  std::error_code failed;
  if (std::filesystem::exists(file, failed)) {
    return Error{Errc::conflict, "copy catalog: the file is there already", file.native()};
  }
  CAIRN_TRY(auto statement, connection_.prepare("VACUUM INTO CAST(?1 AS TEXT)"));
  statement.bind(1, file.native());
  return statement.run();
}

}  // namespace cairn::catalog::sqlite
