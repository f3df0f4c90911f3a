// What Encrypt answers and Decrypt reads: a text that says by itself under which key it was encrypted.
//
// Version 2:  version (1 byte, 0x02) | account (12, digits) | key id (16) | number of the material (4) |
//             salt (32, random) | ciphertext | tag (16)
// Version 1:  version (1 byte, 0x01) | account (12, digits) | key id (16) | number of the material (4) |
//             nonce (12, random) | ciphertext | tag (16)
// AES-256-GCM. Version 2 has a key for each text: HMAC-SHA-256 with the material of "kms text key" and the
// salt, with a nonce of zeros; so there is no number of texts after which a nonce may come again. Version 1
// is read, no longer written: its key is the material itself. Authenticated with the text: all that stands
// before the salt or nonce, then the encryption context: for each pair, in the order of the names' bytes,
// length (4) and bytes of the name, length (4) and bytes of the value. Numbers: the highest byte first.
// (docs/formats/kms.md) Pure; any thread. Tested by keys_test.cc; fuzzed by ciphertext_fuzz.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace cairn::keys {

using EncryptionContext = std::map<std::string, std::string>;

// Which key, and which of its material.
struct CiphertextHead {
  std::string account{};
  std::string key{};  // its id, a UUID in text
  std::uint32_t material = 0;

  friend bool operator==(const CiphertextHead&, const CiphertextHead&) = default;
};

inline constexpr std::size_t kCiphertextOverheadBytes = 1 + 12 + 16 + 4 + 32 + 16;

// Errc::invalid: cut, of an unknown version, or nothing of ours.
Result<CiphertextHead> read_head(ByteView ciphertext);

// REQUIRES: 32 bytes of material; an account and an id as keys have them.
std::string encrypt(const CiphertextHead& head, const crypto::Secret& material,
                    const EncryptionContext& context, ByteView plaintext);
// Errc::invalid as read_head(); Errc::corrupt: changed, or of another context or material.
Result<crypto::Secret> decrypt(const crypto::Secret& material, const EncryptionContext& context,
                               ByteView ciphertext);

}  // namespace cairn::keys
