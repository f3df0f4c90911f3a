// RSA keys that sign: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2); with SHA-1, too, for SNS's old signatures. Both
// are cheap to copy, and the same key may be used by many threads. A private key's bytes leave only as a Secret.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace cairn::crypto {

namespace detail {

using RsaHandle = std::shared_ptr<evp_pkey_st>;

}  // namespace detail

struct Rsa {
  static constexpr int kBits = 2048;  // of those made here, if nothing else is said
  // What is read may have these sizes: shorter is broken easily, longer only takes time.
  static constexpr int kBitsMin = 2048;
  static constexpr int kBitsMax = 8192;  // of an RSA key that is read
};

class RsaPublicKey {
 public:
  // DER, PKCS#1's RSAPublicKey (modulus, exponent), all of the bytes. Errc::invalid.
  static Result<RsaPublicKey> from_pkcs1(ByteView der);

  std::string to_pkcs1() const;
  // X.509's SubjectPublicKeyInfo, as `openssl pkey -pubin` reads it.
  std::string to_subject_public_key_info() const;
  int bits() const;

  // Is it the signature of the data? The signature may be any bytes.
  bool verifies(ByteView data, ByteView signature) const;

 private:
  friend class RsaPrivateKey;
  explicit RsaPublicKey(detail::RsaHandle key) : key_(std::move(key)) {}

  detail::RsaHandle key_;
};

class RsaPrivateKey {
 public:
  // Takes a tenth of a second, sometimes a whole one. Errc::unavailable: no random bytes.
  static Result<RsaPrivateKey> generate(int bits = Rsa::kBits);
  // DER, PKCS#1's RSAPrivateKey or PKCS#8's PrivateKeyInfo, all of the bytes. Errc::invalid.
  static Result<RsaPrivateKey> from_der(ByteView der);

  // PKCS#1's RSAPrivateKey: to be sealed.
  Secret to_der() const;
  RsaPublicKey public_key() const { return RsaPublicKey(key_); }

  // As many bytes as the modulus has. The same data give the same signature. REQUIRES: SHA-256 or SHA-1.
  std::string sign(ByteView data, Algorithm hash = Algorithm::sha256) const;

 private:
  explicit RsaPrivateKey(detail::RsaHandle key) : key_(std::move(key)) {}

  detail::RsaHandle key_;
};

}  // namespace cairn::crypto
