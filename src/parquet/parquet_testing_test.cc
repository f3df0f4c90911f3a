// The oracle itself.
#include "parquet/parquet_testing.h"

#include <duckdb.h>
#include <gtest/gtest.h>

namespace cairn::parquet::testing {

Duck::Duck() {
  CAIRN_CHECK(duckdb_open(nullptr, reinterpret_cast<duckdb_database*>(&database_)) == DuckDBSuccess);
  CAIRN_CHECK(duckdb_connect(database_, reinterpret_cast<duckdb_connection*>(&connection_)) == DuckDBSuccess);
  run("SET threads = 1");
}

Duck::~Duck() {
  duckdb_disconnect(reinterpret_cast<duckdb_connection*>(&connection_));
  duckdb_close(reinterpret_cast<duckdb_database*>(&database_));
}

Duck::Rows Duck::run(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
    fmt::print(stderr, "{}\n{}\n", sql, duckdb_result_error(&result));
    CAIRN_CHECK(false);
  }
  Rows rows(duckdb_row_count(&result));
  for (idx_t row = 0; row < rows.size(); ++row) {
    for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
      if (duckdb_value_is_null(&result, column, row)) {
        rows[row].push_back(std::nullopt);
        continue;
      }
      const auto text = duckdb_value_string(&result, column, row);
      rows[row].emplace_back(std::string(text.data, text.size));
      duckdb_free(text.data);
    }
  }
  duckdb_destroy_result(&result);
  return rows;
}

TEST(Duck, says_values_as_texts) {
  const auto rows = Duck().run("SELECT i, CASE WHEN i > 0 THEN 'a' END FROM range(2) t(i) ORDER BY i");
  EXPECT_EQ(rows, (Duck::Rows{{"0", std::nullopt}, {"1", "a"}}));
}

}  // namespace cairn::parquet::testing
