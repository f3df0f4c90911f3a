#include "crypto/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace cairn::crypto {

Secret::Secret(ByteView bytes) : bytes_(bytes.bytes().begin(), bytes.bytes().end()) {}

Secret::Secret(std::size_t size) : bytes_(size) {}

Secret::~Secret() {
  wipe(bytes_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

void wipe(std::span<std::byte> bytes) {
  if (!bytes.empty()) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace cairn::crypto
