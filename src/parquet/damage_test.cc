// A damaged file ends with an error or with other texts, never with a crash; a cut one always with an error.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "parquet/parquet_testing.h"
#include "parquet/read_all.h"

namespace cairn::parquet::testing {
namespace {

// Bytes that are changed and cut between readings.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  std::unique_ptr<const Input> input() const { return memory_input(bytes_); }
  void put(std::size_t at, char byte) { bytes_.at(at) = byte; }
  void cut(std::size_t size) { bytes_.resize(size); }

 private:
  std::string bytes_;
};

std::string written(const char* rows, const char* options) {
  const ParquetFile file("damage");
  Duck().run(fmt::format(
      "COPY (SELECT a::VARCHAR AS t, b::UBIGINT AS n FROM ({}) s(a, b)) TO '{}' (FORMAT parquet, {})", rows,
      file.path(), options));
  std::ifstream stream(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const char* const kRows[] = {
    "SELECT CASE WHEN i % 9 > 0 THEN md5(i::VARCHAR) END, i FROM range(60) t(i)",
    "SELECT 'text ' || (i % 4), i % 3 FROM range(300) t(i)",
};

TEST(Damage, no_flipped_byte_crashes) {
  for (const auto* rows : kRows) {
    for (const auto* options : {"COMPRESSION zstd", "COMPRESSION uncompressed"}) {
      const auto bytes = written(rows, options);
      Bytes file(bytes);
      ASSERT_TRUE(read_all(*file.input()).has_value());
      ASSERT_TRUE(read_some(*file.input()).has_value());
      std::size_t refused = 0;
      for (std::size_t at = 0; at < bytes.size(); ++at) {
        file.put(at, static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xFF : 0x01)));
        refused += read_all(*file.input()).has_value() ? 0 : 1;
        (void)read_some(*file.input());
        file.put(at, bytes[at]);
      }
      EXPECT_GT(refused, 200U) << rows << options;  // most of the rest is texts and what is not looked at
      EXPECT_TRUE(read_all(*file.input()).has_value());
    }
  }
}

TEST(Damage, a_cut_file_is_refused) {
  const auto bytes = written(kRows[0], "COMPRESSION zstd");
  Bytes file(bytes);
  for (auto size = bytes.size(); size-- > 0;) {
    file.cut(size);
    const auto read = read_all(*file.input());
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(Damage, a_directory_of_another_file_is_an_error) {
  const auto bytes = written(kRows[0], "COMPRESSION zstd");
  const Bytes file(bytes);
  auto column = find_column(*file.input(), "t").value();
  column.chunks.front().offset += 3;
  const std::uint64_t rows[] = {1};
  const auto read = RowReader().read(*file.input(), column, rows, [](auto, auto) { return Result<void>(); });
  EXPECT_FALSE(read.has_value());
  column.chunks.front().offset = bytes.size() + 5;
  EXPECT_FALSE(
      RowReader().read(*file.input(), column, rows, [](auto, auto) { return Result<void>(); }).has_value());
}

}  // namespace
}  // namespace cairn::parquet::testing
