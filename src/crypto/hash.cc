#include "crypto/hash.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/secret.h"

namespace cairn::crypto {
namespace {

constexpr std::size_t kHmacBlock = 64;  // SHA-256's block

// EVP_MD_fetch looks through the providers: slower than hashing a kilobyte, so each algorithm is fetched
// once. Never freed: a thread may still hash while statics are destroyed.
const EVP_MD* fetch(const char* name) {
  const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
  CAIRN_CHECK(md != nullptr);
  return md;
}

const EVP_MD* algorithm_of(Algorithm algorithm) {
  static const std::array<const EVP_MD*, 4> fetched = {fetch("MD5"), fetch("SHA1"), fetch("SHA256"),
                                                       fetch("SHA512")};
  return fetched.at(static_cast<std::size_t>(algorithm));
}

// A context per thread and algorithm: starting over in the same one allocates nothing.
template <Algorithm A>
EVP_MD_CTX& thread_context() {
  thread_local const detail::Context context = detail::start(A);
  return *context;
}

template <Algorithm A>
Digest<A> one_shot(ByteView first, ByteView second = {}) {
  EVP_MD_CTX& context = thread_context<A>();
  detail::restart(context, A);
  detail::add(context, first);
  detail::add(context, second);
  Digest<A> digest;
  detail::finish(context, digest);
  return digest;
}

}  // namespace

namespace detail {

void ContextFree::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Context start(Algorithm algorithm) {
  Context context(EVP_MD_CTX_new());
  CAIRN_CHECK(context != nullptr);
  restart(*context, algorithm);
  return context;
}

void restart(evp_md_ctx_st& context, Algorithm algorithm) {
  CAIRN_CHECK(EVP_DigestInit_ex2(&context, algorithm_of(algorithm), nullptr) == 1);
}

void add(evp_md_ctx_st& context, ByteView data) {
  if (!data.empty()) {
    CAIRN_CHECK(EVP_DigestUpdate(&context, data.data(), data.size()) == 1);
  }
}

void finish(evp_md_ctx_st& context, std::span<std::byte> digest) {
  unsigned size = 0;
  CAIRN_CHECK(EVP_DigestFinal_ex(&context, reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  CAIRN_CHECK(size == digest.size());
}

}  // namespace detail

Md5Digest md5(ByteView data) {
  return one_shot<Algorithm::md5>(data);
}
Sha1Digest sha1(ByteView data) {
  return one_shot<Algorithm::sha1>(data);
}
Sha256Digest sha256(ByteView data) {
  return one_shot<Algorithm::sha256>(data);
}
Sha512Digest sha512(ByteView data) {
  return one_shot<Algorithm::sha512>(data);
}

// RFC 2104. OpenSSL's own goes through EVP_MAC, which takes longer to set up than SigV4's short messages take
// to hash.
Sha256Digest hmac_sha256(ByteView key, ByteView data) {
  std::array<std::byte, kHmacBlock> block{};
  if (key.size() > block.size()) {
    std::ranges::copy(sha256(key), block.begin());
  } else {
    std::ranges::copy(key.bytes(), block.begin());
  }
  std::ranges::for_each(block, [](std::byte& b) { b ^= std::byte{0x36}; });
  auto inner = one_shot<Algorithm::sha256>(block, data);
  std::ranges::for_each(block, [](std::byte& b) { b ^= std::byte{0x36 ^ 0x5c}; });
  const auto outer = one_shot<Algorithm::sha256>(block, inner);
  wipe(block);
  return outer;
}

}  // namespace cairn::crypto
