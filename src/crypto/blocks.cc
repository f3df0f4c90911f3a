#include "crypto/blocks.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace cairn::crypto {
namespace {

using Nonce = std::array<unsigned char, 12>;

Nonce nonce_of(std::uint64_t number, bool last) {
  Nonce nonce{};
  nonce[0] = last ? 1 : 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    nonce[nonce.size() - 1 - i] = static_cast<unsigned char>(number >> (8 * i));
  }
  return nonce;
}

unsigned char* unsigned_chars(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

detail::Cipher cipher_with(const Secret& key, bool encrypt) {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CAIRN_CHECK(algorithm != nullptr && key.bytes().size() == Blocks::kKeyBytes);
  detail::Cipher cipher(EVP_CIPHER_CTX_new());
  CAIRN_CHECK(cipher != nullptr);
  CAIRN_CHECK(EVP_CipherInit_ex2(cipher.get(), algorithm, ByteView(key.bytes()).unsigned_data(), nullptr,
                                 encrypt ? 1 : 0, nullptr) == 1);
  return cipher;
}

void begin(EVP_CIPHER_CTX* cipher, std::uint64_t number, bool last = false) {
  CAIRN_CHECK(EVP_CipherInit_ex2(cipher, nullptr, nullptr, nonce_of(number, last).data(), -1, nullptr) == 1);
}

void transform(EVP_CIPHER_CTX* cipher, std::byte* out, ByteView in) {
  if (in.empty()) {
    return;
  }
  int size = 0;
  CAIRN_CHECK(EVP_CipherUpdate(cipher, unsigned_chars(out), &size, in.unsigned_data(),
                               static_cast<int>(in.size())) == 1 &&
              size == static_cast<int>(in.size()));
}

}  // namespace

void detail::CipherFree::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

BlockSealer::BlockSealer(const Secret& key) : cipher_(cipher_with(key, true)) {}

std::size_t BlockSealer::add(ByteView plain, std::span<std::byte> out) {
  const auto taken = std::min(plain.size(), Blocks::kPlainBytes - filled_);
  if (taken == 0) {
    return 0;
  }
  CAIRN_CHECK(out.size() >= taken);
  if (filled_ == 0) {
    begin(cipher_.get(), number_);
  }
  transform(cipher_.get(), out.data(), plain.first(taken));
  filled_ += taken;
  return taken;
}

void BlockSealer::end_block(std::span<std::byte> out) {
  CAIRN_CHECK(filled_ > 0 && out.size() >= Blocks::kTagBytes);
  end(out);
}

void BlockSealer::end(std::span<std::byte> out) {
  int size = 0;
  unsigned char nothing = 0;
  CAIRN_CHECK(EVP_CipherFinal_ex(cipher_.get(), &nothing, &size) == 1 && size == 0);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, Blocks::kTagBytes, out.data()) == 1);
  number_ += 1;
  filled_ = 0;
}

void BlockSealer::seal_block(ByteView plain, bool last, std::span<std::byte> out) {
  CAIRN_CHECK(filled_ == 0 && plain.size() <= Blocks::kPlainBytes &&
              out.size() >= plain.size() + Blocks::kTagBytes);
  begin(cipher_.get(), number_, last);
  transform(cipher_.get(), out.data(), plain);
  end(out.subspan(plain.size()));
}

BlockOpener::BlockOpener(const Secret& key) : cipher_(cipher_with(key, false)) {}

Result<std::span<std::byte>> BlockOpener::open(std::uint64_t number, std::span<std::byte> sealed, bool last) {
  const auto least = Blocks::kTagBytes + (last ? 0 : 1);
  if (sealed.size() < least || sealed.size() > Blocks::kSealedBytes) {
    return Error{Errc::corrupt, "sealed block is cut"};
  }
  const auto plain = sealed.first(sealed.size() - Blocks::kTagBytes);
  begin(cipher_.get(), number, last);
  transform(cipher_.get(), plain.data(), plain);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, Blocks::kTagBytes,
                                  sealed.subspan(plain.size()).data()) == 1);
  int size = 0;
  unsigned char nothing = 0;
  if (EVP_CipherFinal_ex(cipher_.get(), &nothing, &size) != 1) {
    return Error{Errc::corrupt, "sealed block was changed, or is another"};
  }
  return plain;
}

}  // namespace cairn::crypto
