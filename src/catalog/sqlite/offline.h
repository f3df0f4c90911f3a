// A catalog's file without the catalog: to check it, to read it and to copy it, beside a running Cairn too.
// Nothing in it is changed.
//
// One thread at a time. Each call reads what is durable when it begins.
#pragma once

#include <filesystem>
#include <functional>

#include "catalog/catalog.h"
#include "catalog/sqlite/connection.h"

namespace cairn::catalog::sqlite {

class Offline {
 public:
  // Errc::not_found: there is none, or nothing in it yet; Errc::invalid: no catalog, or a newer Cairn's;
  // Errc::corrupt.
  static Result<Offline> open(const std::filesystem::path& file);

  // SQLite's whole check, which reads every page. Errc::corrupt says what it found first.
  Result<void> check();
  // The number of the outbox's last row, deleted ones included; 0: there was none.
  Result<std::uint64_t> outbox_last();
  Result<std::uint64_t> outbox_rows();
  Result<std::optional<Document>> get(std::string_view key);
  // The documents whose key starts with `prefix`, in order. The document is valid during the call only; an
  // error of `visit` ends it.
  Result<std::uint64_t> each(std::string_view prefix,
                             const std::function<Result<void>(const Document&)>& visit);
  // A consistent copy in a new file. It is not synced. Errc::conflict: the file is there.
  Result<void> copy_to(const std::filesystem::path& file);

 private:
  explicit Offline(Connection connection) : connection_(std::move(connection)) {}
  Connection connection_;
};

}  // namespace cairn::catalog::sqlite
