#include "crypto/rsa.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace cairn::crypto {
namespace {

struct MessageContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using MessageContext = std::unique_ptr<EVP_MD_CTX, MessageContextFree>;

// OpenSSL keeps a queue of what went wrong, which the next caller must not find.
detail::RsaHandle held(EVP_PKEY* key) {
  ERR_clear_error();
  return {key, [](EVP_PKEY* gone) { EVP_PKEY_free(gone); }};
}

bool is_usable(const detail::RsaHandle& key) {
  return key != nullptr && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA &&
         EVP_PKEY_get_bits(key.get()) >= Rsa::kBitsMin && EVP_PKEY_get_bits(key.get()) <= Rsa::kBitsMax;
}

// What one of OpenSSL's i2d functions makes of a key.
template <class Encode>
std::string encoded(const detail::RsaHandle& key, Encode encode) {
  const int size = encode(key.get(), nullptr);
  CAIRN_CHECK(size > 0);
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  CAIRN_CHECK(encode(key.get(), &out) == size);
  return der;
}

using Decode = EVP_PKEY* (*)(int, EVP_PKEY**, const unsigned char**, long);

detail::RsaHandle decoded(ByteView der, Decode decode) {
  const auto* at = der.unsigned_data();
  auto key = held(decode(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  return is_usable(key) && at == der.unsigned_data() + der.size() ? key : nullptr;
}

}  // namespace

Result<RsaPublicKey> RsaPublicKey::from_pkcs1(ByteView der) {
  if (auto key = decoded(der, d2i_PublicKey)) {
    return RsaPublicKey(std::move(key));
  }
  return Error{Errc::invalid, "not an RSA public key in PKCS#1's DER, of 2048 to 8192 bits"};
}

std::string RsaPublicKey::to_pkcs1() const {
  return encoded(key_, i2d_PublicKey);
}

std::string RsaPublicKey::to_subject_public_key_info() const {
  return encoded(key_, i2d_PUBKEY);
}

int RsaPublicKey::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

bool RsaPublicKey::verifies(ByteView data, ByteView signature) const {
  const MessageContext context(EVP_MD_CTX_new());
  CAIRN_CHECK(context != nullptr && EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr,
                                                            nullptr, key_.get(), nullptr) == 1);
  const int verified = EVP_DigestVerify(context.get(), signature.unsigned_data(), signature.size(),
                                        data.unsigned_data(), data.size());
  ERR_clear_error();
  return verified == 1;
}

Result<RsaPrivateKey> RsaPrivateKey::generate(int bits) {
  CAIRN_CHECK(bits >= Rsa::kBitsMin && bits <= Rsa::kBitsMax);
  auto key = held(EVP_RSA_gen(static_cast<unsigned>(bits)));
  if (key == nullptr) {
    return Error{Errc::unavailable, "make an RSA key"};
  }
  return RsaPrivateKey(std::move(key));
}

Result<RsaPrivateKey> RsaPrivateKey::from_der(ByteView der) {
  if (auto key = decoded(der, d2i_PrivateKey)) {
    return RsaPrivateKey(std::move(key));
  }
  return Error{Errc::invalid, "not an RSA private key in DER, of 2048 to 8192 bits"};
}

Secret RsaPrivateKey::to_der() const {
  auto der = encoded(key_, i2d_PrivateKey);
  Secret secret{ByteView(der)};
  wipe(std::as_writable_bytes(std::span(der.data(), der.size())));
  return secret;
}

std::string RsaPrivateKey::sign(ByteView data, Algorithm hash) const {
  CAIRN_CHECK(hash == Algorithm::sha256 || hash == Algorithm::sha1);
  const char* const name = hash == Algorithm::sha256 ? "SHA256" : "SHA1";
  const MessageContext context(EVP_MD_CTX_new());
  CAIRN_CHECK(context != nullptr &&
              EVP_DigestSignInit_ex(context.get(), nullptr, name, nullptr, nullptr, key_.get(), nullptr) == 1);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = signature.size();
  CAIRN_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                             data.unsigned_data(), data.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace cairn::crypto
