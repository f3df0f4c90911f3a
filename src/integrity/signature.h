// The signature of a digest: kept in the object's metadata, and again in the next digest. Pure.
#pragma once

#include <string>
#include <string_view>

#include "crypto/rsa.h"
#include "integrity/digest.h"

namespace cairn::integrity {

inline constexpr std::string_view kSignatureAlgorithm = "SHA256withRSA";
// Names of the object's metadata, behind x-amz-meta-.
inline constexpr std::string_view kSignatureMetadata = "signature";
inline constexpr std::string_view kSignatureAlgorithmMetadata = "signature-algorithm";

// The four lines that are signed: end, place, hash of `text` (the digest's JSON exactly as it is stored,
// before compression), and the previous digest's signature or "null".
std::string data_to_sign(const Digest& digest, std::string_view text);

// Lower-case hexadecimal, 512 characters with a key of 2048 bits.
std::string sign(const crypto::RsaPrivateKey& key, const Digest& digest, std::string_view text);
// The signature as it is in the metadata, whatever that holds. REQUIRES: `digest` was read from `text`.
bool verifies(const crypto::RsaPublicKey& key, const Digest& digest, std::string_view text,
              std::string_view signature);
// The same, of a text of which only its sha256_hex() is at hand.
bool verifies_hash(const crypto::RsaPublicKey& key, const Digest& digest, std::string_view hash,
                   std::string_view signature);

}  // namespace cairn::integrity
