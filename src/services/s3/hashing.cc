// Tested by hashing_test.cc.
#include "services/s3/hashing.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kHashedHereMax = 1U << 20;
constexpr std::size_t kLotBytes = 512U << 10;

}  // namespace

Task<void> Hashing::add(std::span<const std::byte> piece) {
  if (pool_ == nullptr || hashed_here_ < kHashedHereMax) {
    hashed_here_ += piece.size();
    hashes_->add(piece);
    co_return;
  }
  gathering_.insert(gathering_.end(), piece.begin(), piece.end());
  if (gathering_.size() < kLotBytes) {
    co_return;
  }
  co_await take_back();
  hashing_ = pool_->start([hashes = hashes_, lot = std::move(gathering_)]() mutable {
    hashes->add(lot);
    return std::move(lot);
  });
  gathering_ = std::move(spare_);
  gathering_.clear();
}

Task<void> Hashing::end() {
  co_await take_back();
  hashes_->add(gathering_);
  gathering_.clear();
}

Task<void> Hashing::take_back() {
  if (hashing_ != nullptr) {
    const auto hashing = std::exchange(hashing_, nullptr);
    spare_ = co_await hashing->wait();
  }
}

}  // namespace cairn::services::s3
