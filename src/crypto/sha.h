// SHA hashes and their HMACs, by a value: for whom a caller or a document names the hash. One-shot,
// thread-safe; they cannot fail. Where the hash is known, hash.h is faster.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"

struct evp_md_st;

namespace cairn::crypto {

enum class Sha { sha1, sha224, sha256, sha384, sha512 };

std::size_t size_of(Sha sha);
std::string digest(Sha sha, ByteView data);
std::string hmac(Sha sha, ByteView key, ByteView data);

namespace detail {

const evp_md_st* digest_for(Sha sha);  // lives for ever

}  // namespace detail

}  // namespace cairn::crypto
