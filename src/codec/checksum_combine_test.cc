// Two CRCs put together, against the CRC of the whole.
#include "codec/checksum_combine.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "codec/checksum.h"

namespace cairn::codec {
namespace {

ByteView bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(ChecksumCombine, is_the_checksum_of_the_whole) {
  std::mt19937 random(7);
  std::string all(100'000, '\0');
  for (auto& byte : all) {
    byte = static_cast<char>(random());
  }
  for (const std::size_t first : {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{65'536},
                                  std::size_t{99'999}, std::size_t{100'000}}) {
    const auto a = bytes(std::string_view(all).substr(0, first));
    const auto b = bytes(std::string_view(all).substr(first));
    EXPECT_EQ(crc32_combine(crc32(a), crc32(b), b.size()), crc32(bytes(all))) << first;
    EXPECT_EQ(crc32c_combine(crc32c(a), crc32c(b), b.size()), crc32c(bytes(all))) << first;
    EXPECT_EQ(crc64nvme_combine(crc64nvme(a), crc64nvme(b), b.size()), crc64nvme(bytes(all))) << first;
  }
}

// Lengths that no string here has: in two steps or in one, it is the same.
TEST(ChecksumCombine, long_lengths_add_up) {
  const std::uint64_t half = 3ULL << 32;
  const auto zero_half = crc64nvme_combine(0, 0, half);
  EXPECT_EQ(zero_half, 0U);
  const std::uint64_t value = 0x123456789abcdef0;
  EXPECT_EQ(crc64nvme_combine(crc64nvme_combine(value, 0, half), 0, half),
            crc64nvme_combine(value, 0, 2 * half));
  EXPECT_EQ(crc32_combine(crc32_combine(0x12345678, 0, half), 0, half), crc32_combine(0x12345678, 0, 2 * half));
}

}  // namespace
}  // namespace cairn::codec
