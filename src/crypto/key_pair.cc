#include "crypto/key_pair.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace cairn::crypto {
namespace {

struct PairContextFree {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using PairContext = std::unique_ptr<EVP_PKEY_CTX, PairContextFree>;

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
  ERR_clear_error();  // the next caller must not find what went wrong
  return {key, [](EVP_PKEY* gone) { EVP_PKEY_free(gone); }};
}

EVP_PKEY* made(PairKind kind) {
  switch (kind) {
    case PairKind::rsa_2048:
      return EVP_RSA_gen(2048);
    case PairKind::rsa_3072:
      return EVP_RSA_gen(3072);
    case PairKind::rsa_4096:
      return EVP_RSA_gen(4096);
    case PairKind::p256:
      return EVP_EC_gen("P-256");
    case PairKind::p384:
      return EVP_EC_gen("P-384");
    case PairKind::p521:
      return EVP_EC_gen("P-521");
    case PairKind::secp256k1:
      return EVP_EC_gen("secp256k1");
  }
  return nullptr;
}

PairContext context_of(EVP_PKEY& key) {
  PairContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
  CAIRN_CHECK(context != nullptr);
  return context;
}

void set_signing(EVP_PKEY_CTX& context, Scheme scheme, Sha sha) {
  const auto* const digest = detail::digest_for(sha);
  if (scheme == Scheme::rsa_pss) {
    CAIRN_CHECK(EVP_PKEY_CTX_set_rsa_padding(&context, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(&context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(&context, digest) == 1);
  } else if (scheme == Scheme::rsa_pkcs1) {
    CAIRN_CHECK(EVP_PKEY_CTX_set_rsa_padding(&context, RSA_PKCS1_PADDING) == 1);
  }
  CAIRN_CHECK(EVP_PKEY_CTX_set_signature_md(&context, digest) == 1);
}

void set_oaep(EVP_PKEY_CTX& context, Sha sha) {
  const auto* const digest = detail::digest_for(sha);
  CAIRN_CHECK(EVP_PKEY_CTX_set_rsa_padding(&context, RSA_PKCS1_OAEP_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_oaep_md(&context, digest) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md(&context, digest) == 1);
}

std::size_t bytes_of(const EVP_PKEY& key) {
  return static_cast<std::size_t>(EVP_PKEY_get_size(&key));
}

}  // namespace

Result<KeyPair> KeyPair::generate(PairKind kind) {
  auto key = shared(made(kind));
  if (key == nullptr) {
    return Error{Errc::unavailable, "make a key pair"};
  }
  return KeyPair(std::move(key));
}

Result<KeyPair> KeyPair::from_der(ByteView der) {
  const auto* at = der.unsigned_data();
  auto key = shared(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != der.unsigned_data() + der.size()) {
    return Error{Errc::corrupt, "not a private key in DER"};
  }
  return KeyPair(std::move(key));
}

Secret KeyPair::to_der() const {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> info(
      EVP_PKEY2PKCS8(key_.get()), &PKCS8_PRIV_KEY_INFO_free);
  CAIRN_CHECK(info != nullptr);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  CAIRN_CHECK(size > 0);
  Secret der(static_cast<std::size_t>(size));
  auto* out = reinterpret_cast<unsigned char*>(der.writable().data());
  CAIRN_CHECK(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out) == size);
  return der;
}

std::string KeyPair::to_subject_public_key_info() const {
  const int size = i2d_PUBKEY(key_.get(), nullptr);
  CAIRN_CHECK(size > 0);
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  CAIRN_CHECK(i2d_PUBKEY(key_.get(), &out) == size);
  return der;
}

std::string KeyPair::sign(Scheme scheme, Sha sha, ByteView digest) const {
  CAIRN_CHECK(digest.size() == size_of(sha));
  const auto context = context_of(*key_);
  CAIRN_CHECK(EVP_PKEY_sign_init(context.get()) == 1);
  set_signing(*context, scheme, sha);
  std::string signature(bytes_of(*key_), '\0');
  std::size_t size = signature.size();
  CAIRN_CHECK(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                            digest.unsigned_data(), digest.size()) == 1);
  signature.resize(size);
  return signature;
}

bool KeyPair::verifies(Scheme scheme, Sha sha, ByteView digest, ByteView signature) const {
  CAIRN_CHECK(digest.size() == size_of(sha));
  const auto context = context_of(*key_);
  CAIRN_CHECK(EVP_PKEY_verify_init(context.get()) == 1);
  set_signing(*context, scheme, sha);
  const int verified = EVP_PKEY_verify(context.get(), signature.unsigned_data(), signature.size(),
                                       digest.unsigned_data(), digest.size());
  ERR_clear_error();
  return verified == 1;
}

std::size_t KeyPair::plaintext_max(Sha sha) const {
  return bytes_of(*key_) - 2 * size_of(sha) - 2;  // RFC 8017, 7.1.1
}

std::string KeyPair::encrypt(Sha sha, ByteView plaintext) const {
  CAIRN_CHECK(plaintext.size() <= plaintext_max(sha));
  const auto context = context_of(*key_);
  CAIRN_CHECK(EVP_PKEY_encrypt_init(context.get()) == 1);
  set_oaep(*context, sha);
  std::string out(bytes_of(*key_), '\0');
  std::size_t size = out.size();
  CAIRN_CHECK(EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                               plaintext.unsigned_data(), plaintext.size()) == 1);
  return out;
}

// OpenSSL takes a ciphertext without its first bytes where these are zero; RFC 8017, 7.1.2, step 1, does not.
Result<Secret> KeyPair::decrypt(Sha sha, ByteView ciphertext) const {
  if (ciphertext.size() != bytes_of(*key_)) {
    return Error{Errc::corrupt, "not encrypted for this key"};
  }
  const auto context = context_of(*key_);
  CAIRN_CHECK(EVP_PKEY_decrypt_init(context.get()) == 1);
  set_oaep(*context, sha);
  Secret room(bytes_of(*key_));
  std::size_t size = room.size();
  const int opened = EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(room.writable().data()),
                                      &size, ciphertext.unsigned_data(), ciphertext.size());
  ERR_clear_error();
  if (opened != 1) {
    return Error{Errc::corrupt, "not encrypted for this key"};
  }
  return Secret(ByteView(room.bytes()).first(size));
}

}  // namespace cairn::crypto
