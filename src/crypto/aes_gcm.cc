// Tested by crypto_test.cc.
#include "crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "base/check.h"

namespace cairn::crypto {
namespace {

struct GcmFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using GcmContext = std::unique_ptr<EVP_CIPHER_CTX, GcmFree>;

const EVP_CIPHER* gcm_cipher() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CAIRN_CHECK(fetched != nullptr);
  return fetched;
}

int checked_size(ByteView bytes) {
  CAIRN_CHECK(bytes.size() <= INT_MAX);
  return static_cast<int>(bytes.size());
}

GcmContext begin(ByteView key, ByteView nonce, std::initializer_list<ByteView> associated_data, bool encrypt) {
  CAIRN_CHECK(key.size() == Gcm::kKeyBytes && nonce.size() == Gcm::kNonceBytes);
  GcmContext context(EVP_CIPHER_CTX_new());
  CAIRN_CHECK(context != nullptr);
  CAIRN_CHECK(EVP_CipherInit_ex2(context.get(), gcm_cipher(), key.unsigned_data(), nonce.unsigned_data(),
                                 encrypt ? 1 : 0, nullptr) == 1);
  for (const auto& part : associated_data) {
    int size = 0;
    CAIRN_CHECK(part.empty() || EVP_CipherUpdate(context.get(), nullptr, &size, part.unsigned_data(),
                                                 checked_size(part)) == 1);
  }
  return context;
}

void pass(EVP_CIPHER_CTX* context, ByteView in, void* out) {
  int size = 0;
  if (!in.empty()) {
    CAIRN_CHECK(EVP_CipherUpdate(context, static_cast<unsigned char*>(out), &size, in.unsigned_data(),
                                 checked_size(in)) == 1);
  }
  CAIRN_CHECK(size == checked_size(in));
}

}  // namespace

std::string gcm_seal(ByteView key, ByteView nonce, std::initializer_list<ByteView> associated_data,
                     ByteView plaintext) {
  const auto context = begin(key, nonce, associated_data, true);
  std::string out(plaintext.size() + Gcm::kTagBytes, '\0');
  pass(context.get(), plaintext, out.data());
  int size = 0;
  unsigned char nothing = 0;
  CAIRN_CHECK(EVP_CipherFinal_ex(context.get(), &nothing, &size) == 1 && size == 0);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, Gcm::kTagBytes,
                                  out.data() + plaintext.size()) == 1);
  return out;
}

Result<Secret> gcm_open(ByteView key, ByteView nonce, std::initializer_list<ByteView> associated_data,
                        ByteView sealed) {
  if (sealed.size() < Gcm::kTagBytes) {
    return Error{Errc::corrupt, "sealed text is cut"};
  }
  const auto context = begin(key, nonce, associated_data, false);
  Secret plaintext(sealed.size() - Gcm::kTagBytes);
  pass(context.get(), sealed.first(plaintext.size()), plaintext.writable().data());
  // OpenSSL takes the expected tag through a pointer to non-const, and only reads it.
  void* const expected = const_cast<std::byte*>(sealed.subview(plaintext.size()).data());
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, Gcm::kTagBytes, expected) == 1);
  int size = 0;
  unsigned char nothing = 0;
  if (EVP_CipherFinal_ex(context.get(), &nothing, &size) != 1) {
    return Error{Errc::corrupt, "sealed text was changed, or sealed for another place"};
  }
  return plaintext;
}

}  // namespace cairn::crypto
