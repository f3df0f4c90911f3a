// A column's directory as bytes.
#include <gtest/gtest.h>

#include "parquet/parquet.h"

namespace cairn::parquet {
namespace {

Column column(std::size_t chunks) {
  Column made{.type = Type::number, .codec = Codec::none, .optional = false, .chunks = {}};
  for (std::size_t i = 0; i < chunks; ++i) {
    made.chunks.push_back({.offset = 4 + i * 400'000 + (i % 3) * 77,
                           .bytes = 380'000 + i,
                           .first_row = made.rows(),
                           .rows = i + 1 < chunks ? 2048U : 17U});
  }
  return made;
}

TEST(Directory, comes_back_as_it_was) {
  for (const std::size_t chunks : {0U, 1U, 2U, 100U}) {
    EXPECT_EQ(decode(encode(column(chunks))).value(), column(chunks)) << chunks;
  }
  EXPECT_EQ(decode(encode(Column())).value(), Column());
}

TEST(Directory, chunks_may_lie_in_any_order) {
  auto made = column(3);
  std::swap(made.chunks[0].offset, made.chunks[2].offset);
  EXPECT_EQ(decode(encode(made)).value(), made);
}

TEST(Directory, takes_a_few_bytes_a_chunk) {
  EXPECT_LE(encode(column(100)).size(), 5 + 100 * 9U);
}

// Version 1, as it will always be read.
TEST(Directory, version_1_is_read) {
  const std::string bytes("\x01\x00\x01\x01\x02\x80\x10\x08\x90\x4E\x11\x00\x05", 13);
  const Column expected{.type = Type::text,
                        .codec = Codec::zstd,
                        .optional = true,
                        .chunks = {{.offset = 4, .bytes = 10'000, .first_row = 0, .rows = 2048},
                                   {.offset = 10'004, .bytes = 5, .first_row = 2048, .rows = 17}}};
  EXPECT_EQ(decode(bytes).value(), expected);
  EXPECT_EQ(encode(expected), bytes);
}

TEST(Directory, damage_is_refused) {
  const auto bytes = encode(column(3));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = decode(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
  EXPECT_EQ(decode(bytes + "x").error().code, Errc::corrupt);
  auto newer = bytes;
  newer[0] = 2;
  EXPECT_EQ(decode(newer).error().code, Errc::invalid);
}

}  // namespace
}  // namespace cairn::parquet
