// Tested by at_rest_test.cc and get_object_test.cc.
#include "services/s3/sealed_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/blocks.h"

namespace cairn::services::s3 {
namespace {

using crypto::Blocks;

constexpr std::size_t kBlocksAtOnce = 16;
constexpr std::uint64_t kOpenedHereMax = 1U << 20;  // of a short one, where it is read

// Blocks that lie one behind the other, and are opened where they lie.
struct Lot {
  std::vector<std::byte> bytes;
  std::uint64_t number = 0;  // of the first block
  std::vector<std::span<const std::byte>> plain{};
};

// Of one thread at a time: a pool's from the start of a lot until the loop has awaited it. It may outlive the
// source.
class Opening {
 public:
  explicit Opening(const crypto::Secret& key) : opener_(key) {}

  Result<Lot> open(Lot lot) {
    lot.plain.clear();
    auto sealed = std::span(lot.bytes);
    for (auto number = lot.number; !sealed.empty(); ++number) {
      const auto block = sealed.first(std::min(sealed.size(), Blocks::kSealedBytes));
      CAIRN_TRY(const auto plain, opener_.open(number, block));
      lot.plain.push_back(plain);
      sealed = sealed.subspan(block.size());
    }
    return lot;
  }

 private:
  crypto::BlockOpener opener_;
};

class SealedSource final : public http::BodySource {
 public:
  SealedSource(std::unique_ptr<blob::Reader> reader, async::Pool* pool, const crypto::Secret& key,
               std::uint64_t first, std::uint64_t length)
      : reader_(std::move(reader)),
        pool_(length > kOpenedHereMax ? pool : nullptr),
        opening_(std::make_shared<Opening>(key)),
        number_(first / Blocks::kPlainBytes),
        skip_(first % Blocks::kPlainBytes),
        length_(length),
        left_(length),
        unread_(reader_->size()) {}

  Task<Result<std::span<const std::byte>>> read() override {
    if (left_ == 0) {
      co_return std::span<const std::byte>();
    }
    if (given_ == now_.plain.size()) {
      CAIRN_CO_TRY_VOID(co_await next_lot());
    }
    const auto plain = now_.plain[given_++];
    const auto wanted = plain.subspan(std::min(plain.size(), std::exchange(skip_, 0)));
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wanted.size(), left_));
    left_ -= count;
    co_return wanted.first(count);
  }
  std::optional<std::uint64_t> size() const override { return length_; }

 private:
  Task<Result<void>> next_lot() {
    given_ = 0;
    if (pool_ == nullptr) {
      CAIRN_CO_TRY(auto lot, co_await sealed_lot(std::move(now_)));
      CAIRN_CO_TRY(now_, opening_->open(std::move(lot)));
      co_return Result<void>();
    }
    if (coming_ == nullptr) {
      Lot first;
      CAIRN_CO_TRY_VOID(co_await start(std::move(first)));
    }
    const auto coming = std::exchange(coming_, nullptr);
    CAIRN_CO_TRY(auto opened, co_await coming->wait());
    std::swap(now_, opened);
    if (unread_ > 0) {
      CAIRN_CO_TRY_VOID(co_await start(std::move(opened)));
    }
    co_return Result<void>();
  }

  Task<Result<void>> start(Lot spare) {
    CAIRN_CO_TRY(auto lot, co_await sealed_lot(std::move(spare)));
    auto work = [opening = opening_, lot = std::move(lot)]() mutable {
      return opening->open(std::move(lot));
    };
    coming_ = pool_->start(std::move(work));
    co_return Result<void>();
  }

  // The next blocks, in the memory of a lot that is done with.
  Task<Result<Lot>> sealed_lot(Lot spare) {
    auto lot = std::move(spare);
    lot.bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(unread_, kBlocksAtOnce * Blocks::kSealedBytes)));
    lot.number = number_;
    std::size_t filled = 0;
    while (filled < lot.bytes.size()) {
      CAIRN_CO_TRY(const auto count, co_await reader_->read(std::span(lot.bytes).subspan(filled)));
      if (count == 0) {
        co_return Error{Errc::corrupt, "a sealed blob became shorter"};
      }
      filled += count;
    }
    unread_ -= filled;
    number_ += kBlocksAtOnce;
    co_return lot;
  }

  const std::unique_ptr<blob::Reader> reader_;
  async::Pool* const pool_;
  const std::shared_ptr<Opening> opening_;
  std::uint64_t number_;  // of the block that is read next
  std::size_t skip_;      // of the first block
  const std::uint64_t length_;
  std::uint64_t left_;    // to give
  std::uint64_t unread_;  // of what is sealed
  Lot now_;
  std::size_t given_ = 0;  // of its blocks
  std::shared_ptr<async::Promise<Result<Lot>>> coming_;
};

}  // namespace

Task<Result<std::unique_ptr<http::BodySource>>> open_sealed(SealedPlace place, std::string name,
                                                            crypto::Secret key, std::uint64_t first,
                                                            std::uint64_t length, std::uint64_t size) {
  const auto begin = first / Blocks::kPlainBytes * Blocks::kPlainBytes;
  const auto end = length == 0 ? begin
                               : std::min(size, (first + length + Blocks::kPlainBytes - 1) /
                                                    Blocks::kPlainBytes * Blocks::kPlainBytes);
  const blob::Range range{Blocks::sealed_size(begin), Blocks::sealed_size(end) - Blocks::sealed_size(begin)};
  CAIRN_CO_TRY(auto reader, co_await place.blob.reader(name, range));
  if (reader->size() != range.length) {
    co_return Error{Errc::corrupt, "an object's blob has another size than its document says", name};
  }
  co_return std::make_unique<SealedSource>(std::move(reader), place.pool, key, first, length);
}

}  // namespace cairn::services::s3
