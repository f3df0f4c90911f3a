// Public keys of digests as ListPublicKeys gives them, and the pair that one belongs to. Values.
//
//   CAIRN_TRY(auto pair, crypto::RsaPrivateKey::generate());
//   sealer.seal(pair.to_der().bytes(), …); …; crypto::RsaPrivateKey::from_der(opened.bytes())
//   const auto key = public_key_of(pair.public_key(), start, end);
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/rsa.h"

namespace cairn::integrity {

// Lower-case hexadecimal MD5 of the key's PKCS#1 DER: how CloudTrail names its keys.
std::string fingerprint_of(const crypto::RsaPublicKey& key);

struct PublicKey {
  std::string fingerprint;
  std::string der;  // PKCS#1's RSAPublicKey: what Value is, in base64 on the wire
  Time valid_from;
  Time valid_until;
};
PublicKey public_key_of(const crypto::RsaPublicKey& key, Time valid_from, Time valid_until);

// Those that a verifier knows, by fingerprint.
using PublicKeys = std::map<std::string, crypto::RsaPublicKey, std::less<>>;

inline constexpr std::size_t kPublicKeysBytesMax = 8U << 20;  // of a file of them
// What `aws cloudtrail list-public-keys` prints: {"PublicKeyList": [{"Value", "Fingerprint", …}, …]}, or such
// a list, or one key. The fingerprint is the one given: it is what digests name. Errc::invalid: not that, or
// a value that is not a key.
Result<PublicKeys> public_keys_from(std::string_view text);

}  // namespace cairn::integrity
