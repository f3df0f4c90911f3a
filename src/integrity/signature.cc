#include "integrity/signature.h"

#include <fmt/format.h>

#include "codec/base64.h"

namespace cairn::integrity {

std::string data_to_sign(const Digest& digest, std::string_view text) {
  return fmt::format("{}\n{}/{}\n{}\n{}", rfc3339(digest.end), digest.bucket, digest.key, sha256_hex(text),
                     digest.previous ? std::string_view(digest.previous->signature) : "null");
}

std::string sign(const crypto::RsaPrivateKey& key, const Digest& digest, std::string_view text) {
  return codec::hex_encode(key.sign(data_to_sign(digest, text)));
}

bool verifies(const crypto::RsaPublicKey& key, const Digest& digest, std::string_view text,
              std::string_view signature) {
  const auto bytes = codec::hex_decode(signature);
  return bytes && key.verifies(data_to_sign(digest, text), *bytes);
}

}  // namespace cairn::integrity
