// Sealer: keeps secrets at rest. AES-256-GCM under the master key; what is sealed says with which key and
// form it was, so that both can change later. Thread-safe.
//
// A sealed text, version 1:  version (1 byte, 0x01) | key id (8) | nonce (12, random) | ciphertext | tag (16)
// Authenticated with it: the first 9 bytes, then the caller's associated data (where the secret is kept, so
// that a sealed text that was moved elsewhere does not open). Nonces are random, so one master key is good
// for 2^32 seals.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/master_key.h"

namespace cairn::crypto {

class Sealer {
 public:
  static constexpr std::size_t kOverheadBytes = 1 + 8 + 12 + 16;

  explicit Sealer(MasterKey key) : key_(std::move(key)) {}

  std::string seal(ByteView plaintext, ByteView associated_data) const;
  // Errc::denied: sealed with another master key. Errc::corrupt: changed, cut, of an unknown version, or
  // sealed for another place.
  Result<Secret> open(ByteView sealed, ByteView associated_data) const;

 private:
  MasterKey key_;
};

}  // namespace cairn::crypto
