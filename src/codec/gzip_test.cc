// gzip both ways: what a bomb, a cut and a concatenation do.
#include "codec/gzip.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "codec/base64.h"

namespace cairn::codec {
namespace {

constexpr std::size_t kEnough = 100U << 20;

std::string noise(std::size_t size) {
  std::mt19937 random(size == 0 ? 1U : static_cast<unsigned>(size));
  std::string bytes(size, '\0');
  for (auto& c : bytes) {
    c = static_cast<char>(random());
  }
  return bytes;
}

TEST(Gzip, gives_back_what_it_got) {
  const std::string texts[] = {
      "", "a", std::string(5'000'000, 'x'), noise(1), noise(4095), noise(4096), noise(4097), noise(300'000)};
  for (const auto& text : texts) {
    for (const int level : {1, 6, 9}) {
      const auto packed = gzip_compress(text, level);
      const auto back = gzip_decompress(packed, kEnough);
      ASSERT_TRUE(back.has_value()) << text.size();
      EXPECT_EQ(*back, text);
      EXPECT_EQ(gzip_compress(text, level), packed);
    }
  }
}

// Written by GNU gzip, with a file's name and time in the header.
TEST(Gzip, reads_other_programs_members) {
  const auto packed = hex_decode(
      "1f8b08082e2a006b0003612e747874002b2fca2c2949cd5348aa5448cccb2fc9482d522828ca4f2f4acce50200ab3c93cf1b00"
      "0000");
  const auto text = gzip_decompress(packed.value(), kEnough);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, "written by another program\n");
}

TEST(Gzip, joins_members) {
  const auto joined = gzip_compress("first,") + gzip_compress("") + gzip_compress(std::string(70'000, 'y')) +
                      gzip_compress("last");
  EXPECT_EQ(gzip_decompress(joined, kEnough).value(), "first," + std::string(70'000, 'y') + "last");
}

TEST(Gzip, stops_at_the_limit) {
  const auto bomb = gzip_compress(std::string(50U << 20, '\0'), 9);
  EXPECT_LT(bomb.size(), 100'000U);
  EXPECT_EQ(gzip_decompress(bomb, 1U << 20).error().code, Errc::limit);
  EXPECT_EQ(gzip_decompress(bomb, (50U << 20) - 1).error().code, Errc::limit);
  EXPECT_TRUE(gzip_decompress(bomb, 50U << 20).has_value());
  const auto twice = gzip_compress("12345") + gzip_compress("67890");
  EXPECT_TRUE(gzip_decompress(twice, 10).has_value());
  EXPECT_EQ(gzip_decompress(twice, 9).error().code, Errc::limit);
  EXPECT_EQ(gzip_decompress(gzip_compress("a"), 0).error().code, Errc::limit);
  EXPECT_TRUE(gzip_decompress(gzip_compress(""), 0).has_value());
}

TEST(Gzip, a_stored_size_that_lies_is_found) {
  auto packed = gzip_compress("hello");
  packed.back() = '\x7f';  // says 2 GB
  EXPECT_EQ(gzip_decompress(packed, kEnough).error().code, Errc::invalid);
}

TEST(Gzip, refuses_cuts_damage_and_what_follows) {
  const auto packed = gzip_compress("some text, some text, some text");
  for (std::size_t i = 0; i < packed.size(); ++i) {
    EXPECT_FALSE(gzip_decompress(packed.substr(0, i), kEnough).has_value()) << i;
  }
  for (const std::string& bad :
       {std::string("not gzip at all, but long enough"), packed + "x", packed + packed.substr(0, 9)}) {
    EXPECT_EQ(gzip_decompress(bad, kEnough).error().code, Errc::invalid);
  }
  auto damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(damaged[packed.size() - 6] ^ 1);  // the checksum
  EXPECT_EQ(gzip_decompress(damaged, kEnough).error().code, Errc::invalid);
}

}  // namespace
}  // namespace cairn::codec
