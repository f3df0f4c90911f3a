// The three CRCs: published values, pieces, and each against one bit at a time.
#include "codec/checksum.h"

#include <gtest/gtest.h>

#include <random>

namespace cairn::codec {
namespace {

template <class T>
T bit_by_bit(std::string_view bytes, T reversed_polynomial) {
  T value = ~T{0};
  for (const char c : bytes) {
    value ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ reversed_polynomial : value >> 1;
    }
  }
  return ~value;
}

struct CrcCase {
  std::string bytes;
  std::uint32_t crc32, crc32c;
  std::uint64_t crc64nvme;
};

// The catalogue's check value is that of "123456789"; the 32 zeros are RFC 3720's and the NVMe
// specification's kind of example.
TEST(Checksum, published_vectors) {
  const CrcCase cases[] = {
      {"", 0, 0, 0},
      {"123456789", 0xcbf43926, 0xe3069283, 0xae8b14860a799888},
      {std::string(32, '\0'), 0x190a55ad, 0x8a9136aa, 0xcf3473434d4ecf3b},
      {std::string(32, '\xff'), 0xff6cab0b, 0x62a8ab43, 0xa0a06974c34d63c4},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(crc32(c.bytes), c.crc32) << c.bytes;
    EXPECT_EQ(crc32c(c.bytes), c.crc32c) << c.bytes;
    EXPECT_EQ(detail::crc32c_tables(c.bytes, 0), c.crc32c) << c.bytes;
    EXPECT_EQ(crc64nvme(c.bytes), c.crc64nvme) << c.bytes;
  }
}

TEST(Checksum, equals_one_bit_at_a_time_in_any_pieces) {
  std::mt19937 random(7);
  std::string bytes(300, '\0');
  for (auto& c : bytes) {
    c = static_cast<char>(random());
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto text = std::string_view(bytes).substr(0, size);
    const auto front = text.substr(0, size / 3);
    const auto back = text.substr(size / 3);
    ASSERT_EQ(crc32(back, crc32(front)), bit_by_bit<std::uint32_t>(text, 0xedb88320)) << size;
    ASSERT_EQ(crc32c(back, crc32c(front)), bit_by_bit<std::uint32_t>(text, 0x82f63b78)) << size;
    ASSERT_EQ(detail::crc32c_tables(back, detail::crc32c_tables(front, 0)), crc32c(text)) << size;
    ASSERT_EQ(crc64nvme(back, crc64nvme(front)), bit_by_bit<std::uint64_t>(text, 0x9a6c9329ac4bc9b5)) << size;
  }
}

}  // namespace
}  // namespace cairn::codec
