// What is read here is what DuckDB reads: every row in order, and single rows in any pattern, for each way in
// which DuckDB writes a text column.
#include <gtest/gtest.h>

#include "parquet/parquet_testing.h"

namespace cairn::parquet::testing {
namespace {

constexpr std::string_view kUsual = "COMPRESSION zstd, ROW_GROUP_SIZE 2048";

struct Case {
  const char* name;
  const char* rows;  // SELECT text, number
  std::string_view options = kUsual;
};

const Case kCases[] = {
    {"unique_texts",
     "SELECT md5(i::VARCHAR) || repeat(md5((i * 7)::VARCHAR), 1 + i % 40), i FROM range(7000) t(i)"},
    {"few_texts", "SELECT 'text ' || (i % 9), i % 5 FROM range(7000) t(i)"},
    {"one_text", "SELECT 'the same', 7 FROM range(5000) t(i)"},
    {"texts_and_nulls",
     "SELECT CASE WHEN i % 7 > 0 THEN md5(i::VARCHAR) END, CASE WHEN i % 3 > 0 THEN i * 1000 END "
     "FROM range(5000) t(i)"},
    {"few_texts_and_nulls", "SELECT CASE WHEN i % 7 > 0 THEN (i % 3)::VARCHAR END, i FROM range(5000) t(i)"},
    {"only_nulls", "SELECT NULL::VARCHAR, i FROM range(3000) t(i)"},
    {"empty_texts", "SELECT CASE WHEN i % 2 = 0 THEN '' ELSE i::VARCHAR END, i FROM range(5000) t(i)"},
    {"large_texts", "SELECT i || repeat(md5(i::VARCHAR), 10000), i FROM range(40) t(i)"},
    {"one_row", "SELECT 'a', 18446744073709551615::UBIGINT"},
    {"no_rows", "SELECT 'a', 1 WHERE false"},
    {"not_compressed", "SELECT md5(i::VARCHAR), i FROM range(5000) t(i)",
     "COMPRESSION uncompressed, ROW_GROUP_SIZE 2048"},
    {"large_row_groups", "SELECT md5(i::VARCHAR) || repeat('x', i % 900), i FROM range(60000) t(i)",
     "COMPRESSION zstd, ROW_GROUP_SIZE 60000"},
};

class AsDuckdb : public ::testing::TestWithParam<Case> {
 protected:
  AsDuckdb() : file_(GetParam().name) {
    duck_.run(
        fmt::format("COPY (SELECT a::VARCHAR AS t, b::UBIGINT AS n, [t, 'x'] AS l FROM ({}) s(a, b)) TO '{}' "
                    "(FORMAT parquet, {})",
                    GetParam().rows, file_.path(), GetParam().options));
    expected_ =
        duck_.run(fmt::format("SELECT t, n FROM read_parquet('{}', file_row_number = true) "
                              "ORDER BY file_row_number",
                              file_.path()));
  }

  void expect_rows(const Input& file, const Column& column, const std::vector<std::uint64_t>& rows) {
    std::size_t i = 0;
    const auto read =
        reader_.read(file, column, rows, [&](std::uint64_t row, std::optional<std::string_view> text) {
          EXPECT_EQ(row, rows[i++]);
          EXPECT_EQ(text, expected_[row][0]) << row;
          return Result<void>();
        });
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(i, rows.size());
  }

  Duck duck_;
  ParquetFile file_;
  Duck::Rows expected_;
  RowReader reader_;
};

INSTANTIATE_TEST_SUITE_P(Written, AsDuckdb, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(AsDuckdb, every_row_in_order) {
  const auto file = file_.open();
  auto cursor = RowCursor::open(*file, "t", "n");
  ASSERT_TRUE(cursor.has_value()) << cursor.error().text();
  EXPECT_EQ(cursor->rows(), expected_.size());
  for (const auto& row : expected_) {
    const auto more = cursor->next();
    ASSERT_TRUE(more.has_value()) << more.error().text();
    ASSERT_TRUE(*more);
    ASSERT_EQ(cursor->text(), row[0].value_or(""));
    ASSERT_EQ(std::to_string(cursor->number()), row[1].value_or("0"));
  }
  EXPECT_FALSE(cursor->next().value());
}

TEST_P(AsDuckdb, single_rows) {
  const auto file = file_.open();
  const auto found = find_column(*file, "t");
  ASSERT_TRUE(found.has_value()) << found.error().text();
  const auto column = decode(encode(*found)).value();
  EXPECT_EQ(column, *found);
  ASSERT_EQ(column.rows(), expected_.size());
  std::mt19937_64 random(5);
  for (const std::uint64_t one_in : {1U, 2U, 50U, 3000U}) {
    std::vector<std::uint64_t> rows;
    for (std::uint64_t row = 0; row < column.rows(); ++row) {
      if (random() % one_in == 0) {
        rows.push_back(row);
      }
    }
    expect_rows(*file, column, rows);
  }
  for (int i = 0; i < 20 && column.rows() > 0; ++i) {
    expect_rows(*file, column, {random() % column.rows()});
  }
}

TEST(Refused, by_what_is_not_known_here) {
  struct Row {
    const char* column;
    const char* options;
    Errc code;
    const char* what;
  };
  const Row rows[] = {
      {"absent", "COMPRESSION zstd", Errc::not_found, "no such column"},
      {"l", "COMPRESSION zstd", Errc::invalid, "nested"},
      {"element", "COMPRESSION zstd", Errc::not_found, "no such column"},
      {"d", "COMPRESSION zstd", Errc::invalid, "type"},
      {"t", "COMPRESSION snappy", Errc::invalid, "codec"},
  };
  Duck duck;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const ParquetFile file("refused");
    duck.run(fmt::format("COPY (SELECT 'a' AS t, ['b'] AS l, 1.5::DOUBLE AS d) TO '{}' (FORMAT parquet, {})",
                         file.path(), row.options));
    const auto found = find_column(*file.open(), row.column);
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, row.code);
    EXPECT_NE(found.error().what.find(row.what), std::string::npos) << found.error().what;
  }
}

// DuckDB's other form of Parquet packs texts in another way.
TEST(Refused, an_encoding_that_is_not_known_here) {
  Duck duck;
  const ParquetFile file("v2");
  duck.run(
      fmt::format("COPY (SELECT md5(i::VARCHAR) AS t FROM range(3000) t(i)) TO '{}' (FORMAT parquet, "
                  "COMPRESSION zstd, PARQUET_VERSION v2)",
                  file.path()));
  const auto opened = file.open();
  const auto column = find_column(*opened, "t").value();
  const std::vector<std::uint64_t> rows{5};
  const auto read = RowReader().read(*opened, column, rows, [](auto, auto) { return Result<void>(); });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Errc::invalid);
  EXPECT_NE(read.error().what.find("encoding"), std::string::npos) << read.error().what;
}

TEST(Reading, ends_with_the_sinks_error) {
  Duck duck;
  const ParquetFile file("sink");
  duck.run(
      fmt::format("COPY (SELECT md5(i::VARCHAR) AS t FROM range(10) t(i)) TO '{}' (FORMAT parquet, "
                  "COMPRESSION zstd)",
                  file.path()));
  const auto opened = file.open();
  const auto column = find_column(*opened, "t").value();
  const std::vector<std::uint64_t> rows{1, 2, 3};
  int calls = 0;
  const auto read = RowReader().read(*opened, column, rows, [&](auto, auto) -> Result<void> {
    return ++calls == 2 ? Result<void>(Error{Errc::limit, "enough"}) : Result<void>();
  });
  EXPECT_EQ(read.error().code, Errc::limit);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace cairn::parquet::testing
