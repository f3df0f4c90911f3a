// Hashes and HMAC, by OpenSSL. One-shot functions are thread-safe and allocate nothing after a thread's first
// call; a Hasher belongs to one thread at a time. They cannot fail: an OpenSSL without these algorithms ends
// the process at the first use.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace cairn::crypto {

enum class Algorithm { md5, sha1, sha256, sha512 };

constexpr std::size_t digest_size(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::md5:
      return 16;
    case Algorithm::sha1:
      return 20;
    case Algorithm::sha256:
      return 32;
    case Algorithm::sha512:
      return 64;
  }
  return 0;
}

template <Algorithm A>
using Digest = std::array<std::byte, digest_size(A)>;
using Md5Digest = Digest<Algorithm::md5>;
using Sha1Digest = Digest<Algorithm::sha1>;
using Sha256Digest = Digest<Algorithm::sha256>;
using Sha512Digest = Digest<Algorithm::sha512>;

// For MD5 see S3's ETag and Content-MD5, for SHA-1 S3's checksums: neither protects anything.
Md5Digest md5(ByteView data);
Sha1Digest sha1(ByteView data);
Sha256Digest sha256(ByteView data);
Sha512Digest sha512(ByteView data);
Sha256Digest hmac_sha256(ByteView key, ByteView data);

namespace detail {

struct ContextFree {
  void operator()(evp_md_ctx_st* context) const;
};
using Context = std::unique_ptr<evp_md_ctx_st, ContextFree>;
Context start(Algorithm algorithm);
void restart(evp_md_ctx_st& context, Algorithm algorithm);
void add(evp_md_ctx_st& context, ByteView data);
void finish(evp_md_ctx_st& context, std::span<std::byte> digest);

}  // namespace detail

// A hash of bytes that come in pieces.
template <Algorithm A>
class Hasher {
 public:
  Hasher() : context_(detail::start(A)) {}

  Hasher& add(ByteView data) {
    detail::add(*context_, data);
    return *this;
  }
  // The digest of all that was added; then starts over.
  Digest<A> finish() {
    Digest<A> digest;
    detail::finish(*context_, digest);
    detail::restart(*context_, A);
    return digest;
  }

 private:
  detail::Context context_;
};

using Md5 = Hasher<Algorithm::md5>;
using Sha1 = Hasher<Algorithm::sha1>;
using Sha256 = Hasher<Algorithm::sha256>;
using Sha512 = Hasher<Algorithm::sha512>;

}  // namespace cairn::crypto
