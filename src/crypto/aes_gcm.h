// AES-256-GCM, in one go: for data that is small and in memory. Pure and thread-safe. A key must never see a
// nonce twice: random ones are good for 2^32 texts.
#pragma once

#include <initializer_list>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace cairn::crypto {

struct Gcm {
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;
};

// The parts of `associated_data` count as one text. The answer is as long as the plaintext, and a tag.
// REQUIRES: a key and a nonce of these sizes.
std::string gcm_seal(ByteView key, ByteView nonce, std::initializer_list<ByteView> associated_data, ByteView plaintext);
// Errc::corrupt: changed, cut, or sealed with another key, nonce or associated data.
Result<Secret> gcm_open(ByteView key, ByteView nonce, std::initializer_list<ByteView> associated_data, ByteView sealed);

}  // namespace cairn::crypto
