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
constexpr std::size_t kBlocksAtOnce = 4;
constexpr std::string_view kMarks = "marks of customers' keys";

// Some blocks of the blob at a time, opened one after the other where they were read to.
class SealedSource final : public http::BodySource {
 public:
  SealedSource(std::unique_ptr<blob::Reader> reader, const crypto::Secret& key, std::uint64_t first,
               std::uint64_t length)
      : reader_(std::move(reader)),
        opener_(key),
        number_(first / Blocks::kPlainBytes),
        skip_(first % Blocks::kPlainBytes),
        length_(length),
        left_(length),
        buffer_(static_cast<std::size_t>(
            std::min<std::uint64_t>(reader_->size(), kBlocksAtOnce * Blocks::kSealedBytes))) {}

  Task<Result<std::span<const std::byte>>> read() override {
    if (left_ == 0) {
      co_return std::span<const std::byte>();
    }
    if (unread_.empty()) {
      CAIRN_CO_TRY_VOID(co_await fill());
    }
    const auto sealed = unread_.first(std::min(unread_.size(), Blocks::kSealedBytes));
    unread_ = unread_.subspan(sealed.size());
    CAIRN_CO_TRY(const auto plain, opener_.open(number_, sealed));
    number_ += 1;
    const auto wanted = plain.subspan(std::min(plain.size(), std::exchange(skip_, 0)));
    const auto given = static_cast<std::size_t>(std::min<std::uint64_t>(wanted.size(), left_));
    left_ -= given;
    co_return std::span<const std::byte>(wanted.first(given));
  }
  std::optional<std::uint64_t> size() const override { return length_; }

 private:
  Task<Result<void>> fill() {
    std::size_t filled = 0;
    while (filled < buffer_.size()) {
      CAIRN_CO_TRY(const auto count, co_await reader_->read(std::span(buffer_).subspan(filled)));
      if (count == 0) {
        break;
      }
      filled += count;
    }
    unread_ = std::span(buffer_).first(filled);
    co_return Result<void>{};
  }

  std::unique_ptr<blob::Reader> reader_;
  crypto::BlockOpener opener_;
  std::uint64_t number_;
  std::size_t skip_;  // of the first block
  const std::uint64_t length_;
  std::uint64_t left_;
  std::vector<std::byte> buffer_;
  std::span<std::byte> unread_;  // of the buffer
};

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

Task<Result<std::unique_ptr<http::BodySource>>> open_sealed(blob::Blob& blob, std::string name,
                                                            crypto::Secret key, std::uint64_t first,
                                                            std::uint64_t length, std::uint64_t size) {
  const auto begin = first / Blocks::kPlainBytes * Blocks::kPlainBytes;
  const auto end = length == 0 ? begin
                               : std::min(size, (first + length + Blocks::kPlainBytes - 1) /
                                                    Blocks::kPlainBytes * Blocks::kPlainBytes);
  const blob::Range range{Blocks::sealed_size(begin), Blocks::sealed_size(end) - Blocks::sealed_size(begin)};
  CAIRN_CO_TRY(auto reader, co_await blob.reader(name, range));
  if (reader->size() != range.length) {
    co_return Error{Errc::corrupt, "an object's blob has another size than its document says", name};
  }
  co_return std::make_unique<SealedSource>(std::move(reader), key, first, length);
}

}  // namespace cairn::services::s3
