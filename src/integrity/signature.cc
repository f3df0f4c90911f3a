#include "integrity/signature.h"

#include <fmt/format.h>

#include "codec/base64.h"

namespace cairn::integrity {

namespace {

std::string data_to_sign_of(const Digest& digest, std::string_view hash) {
  return fmt::format("{}\n{}/{}\n{}\n{}", rfc3339(digest.end), digest.bucket, digest.key, hash,
                     digest.previous ? std::string_view(digest.previous->signature) : "null");
}

}  // namespace

std::string data_to_sign(const Digest& digest, std::string_view text) {
  return data_to_sign_of(digest, sha256_hex(text));
}

std::string sign(const crypto::RsaPrivateKey& key, const Digest& digest, std::string_view text) {
  return codec::hex_encode(key.sign(data_to_sign(digest, text)));
}

bool verifies(const crypto::RsaPublicKey& key, const Digest& digest, std::string_view text,
              std::string_view signature) {
  return verifies_hash(key, digest, sha256_hex(text), signature);
}

bool verifies_hash(const crypto::RsaPublicKey& key, const Digest& digest, std::string_view hash,
                   std::string_view signature) {
  const auto bytes = codec::hex_decode(signature);
  return bytes && key.verifies(data_to_sign_of(digest, hash), *bytes);
}

}  // namespace cairn::integrity
