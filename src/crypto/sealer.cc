#include "crypto/sealer.h"

#include <array>

#include "crypto/aes_gcm.h"
#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kHeaderBytes = 1 + kKeyIdBytes;
static_assert(sizeof(MasterKey::Id) == kKeyIdBytes);
static_assert(kHeaderBytes + Gcm::kNonceBytes + Gcm::kTagBytes == Sealer::kOverheadBytes);

}  // namespace

std::string Sealer::seal(ByteView plaintext, ByteView associated_data) const {
  std::string header(1, kVersion);
  header += ByteView(key_.id()).text();
  std::array<std::byte, Gcm::kNonceBytes> nonce;
  random_bytes(nonce);
  const auto sealed = gcm_seal(key_.bytes(), nonce, {header, associated_data}, plaintext);
  header += ByteView(nonce).text();
  return header + sealed;
}

Result<Secret> Sealer::open(ByteView sealed, ByteView associated_data) const {
  if (sealed.size() < kOverheadBytes || sealed.text()[0] != kVersion) {
    return Error{Errc::corrupt, "sealed secret is cut or of an unknown version"};
  }
  if (sealed.subview(1, kKeyIdBytes).text() != ByteView(key_.id()).text()) {
    return Error{Errc::denied, "secret was sealed with another master key"};
  }
  return gcm_open(key_.bytes(), sealed.subview(kHeaderBytes, Gcm::kNonceBytes), {sealed.first(kHeaderBytes), associated_data},
                  sealed.subview(kHeaderBytes + Gcm::kNonceBytes));
}

}  // namespace cairn::crypto
