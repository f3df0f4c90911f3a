// Sealed blocks: against one-shot sealing with OpenSSL's other way to say it, in pieces, and changed.
#include "crypto/blocks.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>

#include "crypto/master_key.h"

namespace cairn::crypto {
namespace {

using Bytes = std::vector<std::byte>;

Secret key_of(char fill) {
  return Secret(ByteView(std::string(Blocks::kKeyBytes, fill)));
}

Bytes noise(std::size_t size) {
  std::mt19937 random(7);
  Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
  return bytes;
}

// In pieces of so many bytes.
Bytes sealed(const Secret& key, ByteView plain, std::size_t piece) {
  BlockSealer sealer(key);
  Bytes out(Blocks::sealed_size(plain.size()));
  std::size_t at = 0;
  for (std::size_t from = 0; from < plain.size();) {
    const auto taken =
        sealer.add(plain.subview(from, std::min(piece, plain.size() - from)), std::span(out).subspan(at));
    from += taken;
    at += taken;
    if (sealer.block_is_full()) {
      sealer.end_block(std::span(out).subspan(at));
      at += Blocks::kTagBytes;
    }
  }
  if (!sealer.block_is_empty()) {
    sealer.end_block(std::span(out).subspan(at));
    at += Blocks::kTagBytes;
  }
  EXPECT_EQ(at, out.size());
  return out;
}

Result<Bytes> opened(const Secret& key, Bytes sealed, std::uint64_t first_number = 0) {
  BlockOpener opener(key);
  Bytes plain;
  for (std::size_t at = 0; at < sealed.size(); at += Blocks::kSealedBytes) {
    const auto block = std::span(sealed).subspan(at, std::min(Blocks::kSealedBytes, sealed.size() - at));
    CAIRN_TRY(const auto bytes, opener.open(first_number++, block));
    plain.insert(plain.end(), bytes.begin(), bytes.end());
  }
  return plain;
}

// One block by itself, with a context and calls of its own.
Bytes sealed_plainly(const Secret& key, ByteView plain, unsigned char number) {
  auto* context = EVP_CIPHER_CTX_new();
  unsigned char nonce[12] = {};
  nonce[11] = number;
  Bytes out(plain.size() + 16);
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  EXPECT_EQ(
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, ByteView(key.bytes()).unsigned_data(), nonce),
      1);
  EXPECT_EQ(EVP_EncryptUpdate(context, to, &size, plain.unsigned_data(), static_cast<int>(plain.size())), 1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context, to + size, &size), 1);
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, to + plain.size()), 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

TEST(Blocks, what_is_sealed_in_whatever_pieces_opens) {
  const auto key = key_of('k');
  for (const std::size_t size : {0UL, 1UL, 65'535UL, 65'536UL, 65'537UL, 200'000UL}) {
    const auto plain = noise(size);
    const auto whole = sealed(key, plain, std::max<std::size_t>(size, 1));
    EXPECT_EQ(whole.size(), Blocks::sealed_size(size));
    for (const std::size_t piece : {777UL, 65'536UL, 70'000UL}) {
      EXPECT_EQ(sealed(key, plain, piece), whole) << size << " in " << piece;
    }
    const auto back = opened(key, whole);
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(*back, plain) << size;
  }
}

TEST(Blocks, each_is_what_openssl_makes_of_it) {
  const auto key = key_of('k');
  const auto plain = noise(Blocks::kPlainBytes + 100);
  auto expected = sealed_plainly(key, ByteView(plain).first(Blocks::kPlainBytes), 0);
  const auto last = sealed_plainly(key, ByteView(plain).subview(Blocks::kPlainBytes), 1);
  expected.insert(expected.end(), last.begin(), last.end());
  EXPECT_EQ(sealed(key, plain, 1000), expected);
}

TEST(Blocks, a_block_is_opened_by_itself_under_its_number_alone) {
  const auto key = key_of('k');
  const auto plain = noise(3 * Blocks::kPlainBytes);
  const auto whole = sealed(key, plain, plain.size());
  const Bytes second(whole.begin() + Blocks::kSealedBytes, whole.begin() + 2 * Blocks::kSealedBytes);
  const auto back = opened(key, second, 1);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::equal(back->begin(), back->end(), plain.begin() + Blocks::kPlainBytes));
  EXPECT_EQ(opened(key, second, 0).error().code, Errc::corrupt);
  EXPECT_EQ(opened(key_of('l'), second, 1).error().code, Errc::corrupt);
}

TEST(Blocks, what_was_changed_or_cut_does_not_open) {
  const auto key = key_of('k');
  const auto whole = sealed(key, noise(300), 300);
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    auto changed = whole;
    changed[at] ^= std::byte{1};
    EXPECT_FALSE(opened(key, changed)) << at;
  }
  for (const std::size_t size : {1UL, 16UL, 17UL, 315UL}) {
    EXPECT_FALSE(opened(key, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))))
        << size;
  }
}

TEST(MasterKey, purposes_have_keys_of_their_own) {
  const auto key = MasterKey::generate();
  EXPECT_EQ(key.derive("a"), key.derive("a"));
  EXPECT_FALSE(key.derive("a") == key.derive("b"));
  EXPECT_FALSE(key.derive("a") == MasterKey::generate().derive("a"));
}

}  // namespace
}  // namespace cairn::crypto
