// A Parquet file of foreign bytes: never a crash. As a file, as a footer alone, as a column's directory, and
// as a chunk of pages.

#include "parquet/footer.h"
#include "parquet/read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::parquet;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)parse_footer(bytes, "t", size);
  if (const auto column = decode(bytes)) {
    if (decode(encode(*column)).value() != *column) {
      std::abort();
    }
  }
  const auto file = cairn::memory_input(bytes);
  (void)testing::read_all(*file);
  (void)testing::read_some(*file);
  for (const auto codec : {Codec::none, Codec::zstd}) {
    const Column column{
        .codec = codec, .optional = size % 2 == 0, .chunks = {{.offset = 0, .bytes = size, .rows = 50}}};
    const std::uint64_t rows[] = {0, 1, 7, 49};
    (void)RowReader().read(*file, column, rows, [](auto, auto) { return cairn::Result<void>(); });
  }
  return 0;
}
