// Sealed files: as they come, in pieces; every way in which bytes can be wrong.
#include "crypto/sealed_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "crypto/master_key.h"

namespace cairn::crypto {
namespace {

constexpr auto kBlock = SealedFile::kPlainBytes;

Secret file_test_key(char fill = 'k') {
  return Secret(ByteView(std::string(SealedFile::kKeyBytes, fill)));
}

std::string plain_text(std::size_t size) {
  std::mt19937 random(11);
  std::string bytes(size, '\0');
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return bytes;
}

// The plain bytes, or the error's code in brackets.
std::string opened(std::string_view sealed, const Secret& key, std::uint64_t offset = 0,
                   std::optional<std::size_t> size = {}) {
  const auto input = sealed_input(memory_input(sealed), key);
  if (!input) {
    return "[" + std::string(to_string(input.error().code)) + "]";
  }
  std::string bytes(size.value_or((*input)->bytes()), '\0');
  const auto read = (*input)->read(offset, bytes);
  return read ? bytes : "[" + std::string(to_string(read.error().code)) + "]";
}

TEST(SealedFile, what_was_sealed_opens_whatever_its_size) {
  const auto key = file_test_key();
  for (const std::size_t size : {0UL, 1UL, kBlock - 1, kBlock, kBlock + 1, 2 * kBlock, 16 * kBlock,
                                 16 * kBlock + 1, 40 * kBlock + 7}) {
    const auto plain = plain_text(size);
    const auto sealed = seal_file(key, plain);
    EXPECT_EQ(sealed.size(), SealedFile::sealed_size(size));
    EXPECT_EQ(SealedFile::plain_size(sealed.size()).value(), size);
    EXPECT_TRUE(opened(sealed, key) == plain) << size;
  }
}

TEST(SealedFile, pieces_make_one_file) {
  const auto key = file_test_key();
  const auto plain = plain_text(5 * kBlock + 100);
  for (const std::size_t piece : {1UL, 997UL, kBlock, 3 * kBlock + 1}) {
    FileSealer sealer(key);
    std::string sealed;
    for (std::size_t at = 0; at < plain.size(); at += piece) {
      sealer.add(std::string_view(plain).substr(at, piece), sealed);
    }
    sealer.finish(sealed);
    EXPECT_TRUE(opened(sealed, key) == plain) << piece;
  }
}

TEST(SealedFile, any_place_is_read_without_the_rest) {
  const auto key = file_test_key();
  const auto plain = plain_text(40 * kBlock + 7);
  auto sealed = seal_file(key, plain);
  for (const std::uint64_t offset :
       {0UL, 1UL, kBlock - 1, kBlock, 7 * kBlock + 5, 40 * kBlock + 6, 40 * kBlock + 7}) {
    for (const std::size_t size : {0UL, 1UL, 4096UL, 20 * kBlock, 1'000'000UL}) {
      const auto fits = offset + size <= plain.size();
      EXPECT_TRUE(opened(sealed, key, offset, size) == (fits ? plain.substr(offset, size) : "[corrupt]"))
          << offset << " " << size;
    }
  }
  sealed[SealedFile::kHeadBytes + 3 * SealedFile::kBlockBytes] ^= 1;
  EXPECT_EQ(opened(sealed, key, 3 * kBlock - 1, 2), "[corrupt]");
  EXPECT_TRUE(opened(sealed, key, 4 * kBlock, 2 * kBlock) == plain.substr(4 * kBlock, 2 * kBlock));
}

TEST(SealedFile, every_changed_bit_is_found) {
  const auto key = file_test_key();
  for (const std::size_t size : {0UL, 300UL, kBlock + 200}) {
    auto sealed = seal_file(key, plain_text(size));
    for (std::size_t at = 0; at<sealed.size(); at += size> kBlock && at > 100 ? 37 : 1) {
      sealed[at] ^= static_cast<char>(1 << (at % 8));
      EXPECT_EQ(opened(sealed, key), "[corrupt]") << at;
      sealed[at] ^= static_cast<char>(1 << (at % 8));
    }
  }
}

TEST(SealedFile, blocks_are_neither_moved_nor_cut_nor_appended) {
  const auto key = file_test_key();
  const auto plain = plain_text(4 * kBlock);
  const auto sealed = seal_file(key, plain);
  const auto block = [&](std::size_t number) {
    return sealed.substr(SealedFile::kHeadBytes + number * SealedFile::kBlockBytes, SealedFile::kBlockBytes);
  };
  const auto head = sealed.substr(0, SealedFile::kHeadBytes);
  EXPECT_TRUE(opened(head + block(0) + block(1) + block(2) + block(3), key) == plain);
  EXPECT_EQ(opened(head + block(1) + block(0) + block(2) + block(3), key), "[corrupt]");
  EXPECT_EQ(opened(head + block(0) + block(1) + block(2) + block(2), key), "[corrupt]");
  EXPECT_EQ(opened(head + block(0) + block(1) + block(2), key), "[corrupt]");
  EXPECT_EQ(opened(head + block(3), key), "[corrupt]");
  EXPECT_EQ(opened(head, key), "[corrupt]");
  EXPECT_EQ(opened("", key), "[corrupt]");
  EXPECT_EQ(opened(sealed + block(3), key), "[corrupt]");
  EXPECT_EQ(opened(sealed + std::string(16, '\0'), key), "[corrupt]");
  for (std::size_t size = 0; size < sealed.size(); size += 61) {
    EXPECT_EQ(opened(sealed.substr(0, size), key), "[corrupt]") << size;
  }
  const auto other = seal_file(key, plain);
  EXPECT_NE(other, sealed) << "a salt of its own";
  EXPECT_EQ(opened(other.substr(0, SealedFile::kHeadBytes) + sealed.substr(SealedFile::kHeadBytes), key),
            "[corrupt]");
  EXPECT_EQ(opened(sealed, file_test_key('x')), "[corrupt]");
}

// Made by another library, from docs/formats/sealed.md.
TEST(SealedFile, a_stored_sample_opens) {
  std::ifstream file(std::string(CAIRN_SOURCE_DIR) + "/src/crypto/compat/sealed_file_v1.bin",
                     std::ios::binary);
  const std::string sealed{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(sealed.size(), SealedFile::sealed_size(10'000));
  std::string plain;
  while (plain.size() < 10'000) {
    plain += "0123456789";
  }
  EXPECT_TRUE(opened(sealed, file_test_key()) == plain);
}

}  // namespace
}  // namespace cairn::crypto
