// Key pairs of RSA and of elliptic curves: sign and verify, and with RSA encrypt and decrypt (RFC 8017:
// RSASSA-PSS with a salt as long as the digest, RSASSA-PKCS1-v1_5, RSAES-OAEP with MGF1 of the same hash;
// FIPS 186-5: ECDSA, signatures in DER). Cheap to copy; the same pair may be used by many threads. The
// private key's bytes leave only as a Secret. Beside it rsa.h, which has what Cairn's own signatures need.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "crypto/sha.h"

struct evp_pkey_st;

namespace cairn::crypto {

enum class PairKind { rsa_2048, rsa_3072, rsa_4096, p256, p384, p521, secp256k1 };
enum class Scheme { rsa_pss, rsa_pkcs1, ecdsa };

class KeyPair {
 public:
  // An RSA pair takes a tenth of a second, or several: not for a loop. Errc::unavailable: no random bytes.
  static Result<KeyPair> generate(PairKind kind);
  // PKCS#8's PrivateKeyInfo in DER, all of the bytes. Errc::corrupt.
  static Result<KeyPair> from_der(ByteView der);

  Secret to_der() const;                           // PKCS#8: to be sealed
  std::string to_subject_public_key_info() const;  // X.509's, as `openssl pkey -pubin` reads it

  // Of a message's digest. REQUIRES: a scheme of the pair's kind, a digest of that hash.
  std::string sign(Scheme scheme, Sha sha, ByteView digest) const;
  // The signature may be any bytes.
  bool verifies(Scheme scheme, Sha sha, ByteView digest, ByteView signature) const;

  // How many bytes encrypt() takes. REQUIRES of the three: an RSA pair.
  std::size_t plaintext_max(Sha sha) const;
  std::string encrypt(Sha sha, ByteView plaintext) const;
  // Errc::corrupt, whatever is wrong.
  Result<Secret> decrypt(Sha sha, ByteView ciphertext) const;

 private:
  explicit KeyPair(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace cairn::crypto
