// Tested by key_pair_test.cc.
#include "crypto/sha.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"

namespace cairn::crypto {

const EVP_MD* detail::digest_for(Sha sha) {
  switch (sha) {
    case Sha::sha1:
      return EVP_sha1();
    case Sha::sha224:
      return EVP_sha224();
    case Sha::sha256:
      return EVP_sha256();
    case Sha::sha384:
      return EVP_sha384();
    case Sha::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

std::size_t size_of(Sha sha) {
  return static_cast<std::size_t>(EVP_MD_get_size(detail::digest_for(sha)));
}

std::string digest(Sha sha, ByteView data) {
  std::string out(size_of(sha), '\0');
  unsigned size = 0;
  CAIRN_CHECK(EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                         detail::digest_for(sha), nullptr) == 1);
  return out;
}

std::string hmac(Sha sha, ByteView key, ByteView data) {
  std::string out(size_of(sha), '\0');
  unsigned size = 0;
  CAIRN_CHECK(HMAC(detail::digest_for(sha), key.data(), static_cast<int>(key.size()), data.unsigned_data(),
                   data.size(), reinterpret_cast<unsigned char*>(out.data()), &size) != nullptr);
  return out;
}

}  // namespace cairn::crypto
