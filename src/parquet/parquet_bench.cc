// One row by number out of a file as a seal writes it, and all rows in order.
#include <benchmark/benchmark.h>
#include <duckdb.h>
#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "parquet/parquet.h"

namespace cairn::parquet {
namespace {

constexpr std::size_t kRows = 40'000;

void run_sql(const std::string& sql) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  CAIRN_CHECK(duckdb_open(nullptr, &database) == DuckDBSuccess);
  CAIRN_CHECK(duckdb_connect(database, &connection) == DuckDBSuccess);
  CAIRN_CHECK(duckdb_query(connection, sql.c_str(), nullptr) == DuckDBSuccess);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
}

// Records of 1.1 KB of which a fifth is random, as CloudTrail's are.
class Written {
 public:
  Written()
      : path_((std::filesystem::temp_directory_path() / fmt::format("cairn-parquet-bench-{}", ::getpid()))
                  .native()) {
    const auto* text =
        R"('{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"' || md5(i::VARCHAR) ||
           '"},"eventTime":"2026-03-04T05:06:07Z","eventSource":"sqs.amazonaws.com","requestParameters":{"name":"' ||
           md5((i * 3)::VARCHAR) || repeat('","tag":{"key":"value","number":' || (i % 977), 20) || '"},"requestID":"' ||
           md5((i * 5)::VARCHAR) || '","eventID":"' || md5((i * 7)::VARCHAR) || '"}')";
    run_sql(
        fmt::format("COPY (SELECT {} AS t, i::UBIGINT AS n FROM range({}) s(i)) TO '{}' (FORMAT parquet, "
                    "COMPRESSION zstd, ROW_GROUP_SIZE 2048)",
                    text, kRows, path_));
    file_ = open_input(path_).value();
  }
  ~Written() { std::filesystem::remove(path_); }
  const Input& input() const { return *file_; }

 private:
  const std::string path_;
  std::unique_ptr<const Input> file_;
};

void BM_parquet_one_row(benchmark::State& state) {
  const Written written;
  const auto column = find_column(written.input(), "t").value();
  RowReader reader;
  std::mt19937_64 random(1);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::uint64_t rows[] = {random() % kRows};
    const auto read = reader.read(written.input(), column, rows, [&](auto, auto text) {
      bytes += text->size();
      return Result<void>();
    });
    CAIRN_CHECK(read.has_value());
  }
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}

void BM_parquet_all_rows(benchmark::State& state) {
  const Written written;
  std::size_t bytes = 0;
  for (auto _ : state) {
    auto cursor = RowCursor::open(written.input(), "t", "n").value();
    while (cursor.next().value()) {
      bytes += cursor.text().size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void BM_parquet_footer(benchmark::State& state) {
  const Written written;
  for (auto _ : state) {
    benchmark::DoNotOptimize(find_column(written.input(), "t"));
  }
}

BENCHMARK(BM_parquet_one_row)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_parquet_all_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_parquet_footer)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cairn::parquet
