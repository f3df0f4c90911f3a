#include "store/head.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::store {

Result<std::shared_ptr<Head>> Head::make(duck::Database& database, std::uint64_t number) {
  CAIRN_TRY(auto connection, database.connect());
  auto table = fmt::format("head_{}", number);
  CAIRN_TRY_VOID(connection->run(fmt::format("CREATE TABLE {} ({})", table, column_definitions())));
  return std::make_shared<Head>(std::move(table), std::move(connection));
}

Head::Head(std::string table, std::unique_ptr<duck::Connection> connection)
    : table_(std::move(table)), connection_(std::move(connection)) {}

Head::~Head() {
  if (const auto dropped = connection_->run("DROP TABLE " + table_); !dropped) {
    log::warn("head was not dropped", {{"table", table_}, {"reason", dropped.error().text()}});
  }
}

Result<void> Head::append(std::span<const Row* const> rows) {
  if (rows.empty()) {
    return {};
  }
  CAIRN_TRY_VOID(connection_->run("BEGIN"));
  auto appended = append_rows(*connection_, table_, rows);
  if (appended) {
    appended = connection_->run("COMMIT");
  }
  if (!appended) {
    // After a failed COMMIT there is no transaction any more, so an error here says nothing new.
    static_cast<void>(connection_->run("ROLLBACK"));
  }
  return appended;
}

}  // namespace cairn::store
