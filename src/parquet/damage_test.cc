// A damaged file ends with an error or with other texts, never with a crash; a cut one always with an error.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fstream>
#include <iterator>

#include "parquet/parquet_testing.h"
#include "parquet/read_all.h"

namespace cairn::parquet::testing {
namespace {

// A file of these bytes that is in no folder.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : file_(::memfd_create("parquet", 0)) {
    CAIRN_CHECK(::write(file_.descriptor(), bytes.data(), bytes.size()) ==
                static_cast<ssize_t>(bytes.size()));
  }
  int descriptor() const { return file_.descriptor(); }
  void put(std::size_t at, char byte) {
    CAIRN_CHECK(::pwrite(file_.descriptor(), &byte, 1, static_cast<off_t>(at)) == 1);
  }
  void cut(std::size_t size) { CAIRN_CHECK(::ftruncate(file_.descriptor(), static_cast<off_t>(size)) == 0); }

 private:
  File file_;
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
      ASSERT_TRUE(read_all(file.descriptor()).has_value());
      ASSERT_TRUE(read_some(file.descriptor()).has_value());
      std::size_t refused = 0;
      for (std::size_t at = 0; at < bytes.size(); ++at) {
        file.put(at, static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xFF : 0x01)));
        refused += read_all(file.descriptor()).has_value() ? 0 : 1;
        (void)read_some(file.descriptor());
        file.put(at, bytes[at]);
      }
      EXPECT_GT(refused, 200U) << rows << options;  // most of the rest is texts and what is not looked at
      EXPECT_TRUE(read_all(file.descriptor()).has_value());
    }
  }
}

TEST(Damage, a_cut_file_is_refused) {
  const auto bytes = written(kRows[0], "COMPRESSION zstd");
  Bytes file(bytes);
  for (auto size = bytes.size(); size-- > 0;) {
    file.cut(size);
    const auto read = read_all(file.descriptor());
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(Damage, a_directory_of_another_file_is_an_error) {
  const auto bytes = written(kRows[0], "COMPRESSION zstd");
  const Bytes file(bytes);
  auto column = find_column(file.descriptor(), "t").value();
  column.chunks.front().offset += 3;
  const std::uint64_t rows[] = {1};
  const auto read =
      RowReader().read(file.descriptor(), column, rows, [](auto, auto) { return Result<void>(); });
  EXPECT_FALSE(read.has_value());
  column.chunks.front().offset = bytes.size() + 5;
  EXPECT_FALSE(RowReader()
                   .read(file.descriptor(), column, rows, [](auto, auto) { return Result<void>(); })
                   .has_value());
}

}  // namespace
}  // namespace cairn::parquet::testing
