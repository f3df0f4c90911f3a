#include "crypto/sealer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "base/check.h"
#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kHeaderBytes = 1 + kKeyIdBytes;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
static_assert(sizeof(MasterKey::Id) == kKeyIdBytes);
static_assert(kHeaderBytes + kNonceBytes + kTagBytes == Sealer::kOverheadBytes);

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CAIRN_CHECK(fetched != nullptr);
  return fetched;
}

struct Setup {
  const MasterKey& key;
  ByteView nonce;
  ByteView header;
  ByteView associated_data;
  bool encrypt;
};

int int_size(ByteView bytes) {
  CAIRN_CHECK(bytes.size() <= INT_MAX);
  return static_cast<int>(bytes.size());
}

unsigned char* unsigned_chars(void* bytes) {
  return static_cast<unsigned char*>(bytes);
}

void authenticate(EVP_CIPHER_CTX* cipher, ByteView data) {
  int size = 0;
  CAIRN_CHECK(data.empty() ||
              EVP_CipherUpdate(cipher, nullptr, &size, data.unsigned_data(), int_size(data)) == 1);
}

Cipher start(const Setup& setup) {
  Cipher cipher(EVP_CIPHER_CTX_new());
  CAIRN_CHECK(cipher != nullptr);
  CAIRN_CHECK(EVP_CipherInit_ex2(cipher.get(), aes_256_gcm(), ByteView(setup.key.bytes()).unsigned_data(),
                                 setup.nonce.unsigned_data(), setup.encrypt ? 1 : 0, nullptr) == 1);
  authenticate(cipher.get(), setup.header);
  authenticate(cipher.get(), setup.associated_data);
  return cipher;
}

void transform(EVP_CIPHER_CTX* cipher, ByteView in, void* out) {
  int size = 0;
  if (!in.empty()) {
    CAIRN_CHECK(EVP_CipherUpdate(cipher, unsigned_chars(out), &size, in.unsigned_data(), int_size(in)) == 1);
  }
  CAIRN_CHECK(size == int_size(in));
}

}  // namespace

std::string Sealer::seal(ByteView plaintext, ByteView associated_data) const {
  std::string out(kOverheadBytes + plaintext.size(), '\0');
  out[0] = kVersion;
  const auto bytes = std::as_writable_bytes(std::span(out));
  std::ranges::copy(key_.id(), bytes.subspan(1).begin());
  const auto nonce = bytes.subspan(kHeaderBytes, kNonceBytes);
  random_bytes(nonce);
  const auto cipher = start({key_, nonce, bytes.first(kHeaderBytes), associated_data, true});
  const auto body = bytes.subspan(kHeaderBytes + kNonceBytes);
  transform(cipher.get(), plaintext, body.data());
  const auto tag = body.subspan(plaintext.size());
  int size = 0;
  CAIRN_CHECK(EVP_CipherFinal_ex(cipher.get(), unsigned_chars(tag.data()), &size) == 1 && size == 0);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data()) == 1);
  return out;
}

Result<Secret> Sealer::open(ByteView sealed, ByteView associated_data) const {
  if (sealed.size() < kOverheadBytes || sealed.text()[0] != kVersion) {
    return Error{Errc::corrupt, "sealed secret is cut or of an unknown version"};
  }
  if (sealed.subview(1, kKeyIdBytes).text() != ByteView(key_.id()).text()) {
    return Error{Errc::denied, "secret was sealed with another master key"};
  }
  const auto nonce = sealed.subview(kHeaderBytes, kNonceBytes);
  const auto body = sealed.subview(kHeaderBytes + kNonceBytes, sealed.size() - kOverheadBytes);
  const auto tag = sealed.subview(sealed.size() - kTagBytes);
  const auto cipher = start({key_, nonce, sealed.first(kHeaderBytes), associated_data, false});
  Secret plaintext(body.size());
  transform(cipher.get(), body, plaintext.writable().data());
  // OpenSSL takes the expected tag through a pointer to non-const, and only reads it.
  void* const expected = const_cast<std::byte*>(tag.data());
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, expected) == 1);
  int size = 0;
  unsigned char nothing = 0;
  if (EVP_CipherFinal_ex(cipher.get(), &nothing, &size) != 1) {
    return Error{Errc::corrupt, "sealed secret was changed, or sealed for another place"};
  }
  return plaintext;
}

}  // namespace cairn::crypto
