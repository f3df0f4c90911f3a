#include "services/s3/at_rest.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cairn::services::s3 {
namespace {

using crypto::Blocks;

constexpr std::size_t kSaltBytes = 16;
constexpr std::string_view kMarks = "marks of customers' keys";

}  // namespace

AtRest::AtRest(const crypto::MasterKey& key)
    : master_(codec::hex_encode(key.id())), root_(key.derive("s3 objects")) {}

Seal AtRest::new_seal() const {
  std::array<std::byte, kSaltBytes> salt{};
  crypto::random_bytes(salt);
  return {.salt = codec::base64_encode(ByteView(salt)), .master = master_};
}

Result<crypto::Secret> AtRest::key(const Seal& seal, const crypto::Secret* data_key) const {
  if (!seal.kms_key.empty() || !seal.customer.empty()) {
    if (data_key == nullptr) {
      return Error{Errc::denied, "object was sealed with a data key", seal.kms_key};
    }
    return crypto::Secret(crypto::hmac_sha256(data_key->bytes(), seal.salt));
  }
  if (seal.master != master_) {
    return Error{Errc::denied, "object was sealed with another master key", seal.master};
  }
  return crypto::Secret(crypto::hmac_sha256(root_.bytes(), seal.salt));
}

std::string AtRest::mark_of(const crypto::Secret& customer_key) const {
  const auto mark = crypto::hmac_sha256(crypto::hmac_sha256(root_.bytes(), kMarks), customer_key.bytes());
  return codec::base64_encode(ByteView(mark));
}

std::string seal_small(const crypto::Secret& key, std::string_view plain) {
  CAIRN_CHECK(plain.size() <= Blocks::kPlainBytes);
  if (plain.empty()) {
    return {};
  }
  std::string sealed(plain.size() + Blocks::kTagBytes, '\0');
  const auto out = std::as_writable_bytes(std::span(sealed));
  crypto::BlockSealer sealer(key);
  sealer.end_block(out.subspan(sealer.add(plain, out)));
  return sealed;
}

Result<std::string> open_small(const crypto::Secret& key, std::string sealed) {
  if (sealed.empty()) {
    return sealed;
  }
  CAIRN_TRY(const auto plain, crypto::BlockOpener(key).open(0, std::as_writable_bytes(std::span(sealed))));
  sealed.resize(plain.size());
  return sealed;
}

SealedWriter::SealedWriter(const crypto::Secret& key, std::unique_ptr<blob::Writer> to)
    : sealer_(key), to_(std::move(to)), block_(Blocks::kSealedBytes) {}

Task<Result<void>> SealedWriter::write(std::span<const std::byte> plain) {
  while (!plain.empty()) {
    const auto taken = sealer_.add(plain, std::span(block_).subspan(filled_));
    plain = plain.subspan(taken);
    filled_ += taken;
    if (sealer_.block_is_full()) {
      sealer_.end_block(std::span(block_).subspan(std::exchange(filled_, 0)));
      CAIRN_CO_TRY_VOID(co_await to_->write(block_));
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> SealedWriter::commit() {
  if (!sealer_.block_is_empty()) {
    sealer_.end_block(std::span(block_).subspan(filled_));
    CAIRN_CO_TRY_VOID(co_await to_->write(std::span(block_).first(filled_ + Blocks::kTagBytes)));
  }
  co_return co_await to_->commit();
}

}  // namespace cairn::services::s3
