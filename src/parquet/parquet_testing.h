// Parquet files for tests, written by DuckDB itself, and what DuckDB reads in them.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/input.h"
#include "parquet/parquet.h"

struct _duckdb_connection;
struct _duckdb_database;

namespace cairn::parquet::testing {

// A database in memory that is asked in SQL.
class Duck {
 public:
  using Rows = std::vector<std::vector<std::optional<std::string>>>;

  Duck();
  ~Duck();
  Duck(const Duck&) = delete;
  Duck& operator=(const Duck&) = delete;

  // Every value as text. An error ends the test program.
  Rows run(const std::string& sql);

 private:
  _duckdb_database* database_ = nullptr;
  _duckdb_connection* connection_ = nullptr;
};

// A file that goes with the test.
class ParquetFile {
 public:
  explicit ParquetFile(const std::string& name)
      : path_((std::filesystem::temp_directory_path() / fmt::format("cairn-parquet-{}-{}", ::getpid(), name))
                  .native()) {}
  ~ParquetFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ParquetFile(const ParquetFile&) = delete;
  ParquetFile& operator=(const ParquetFile&) = delete;

  const std::string& path() const { return path_; }
  std::unique_ptr<const Input> open() const { return open_input(path_).value(); }

 private:
  const std::string path_;
};

}  // namespace cairn::parquet::testing
