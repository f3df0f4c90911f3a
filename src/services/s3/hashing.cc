// Tested by hashing_test.cc.
#include "services/s3/hashing.h"

#include "services/s3/s3.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kHashedHereMax = 1U << 20;
constexpr std::size_t kLotBytes = 512U << 10;

}  // namespace

std::shared_ptr<void> HashingRoom::take(const std::shared_ptr<HashingRoom>& room) {
  if (room->taken_.fetch_add(1) >= bodies_max) {
    room->taken_.fetch_sub(1);
    return nullptr;
  }
  return {room.get(), [room](HashingRoom* held) { held->taken_.fetch_sub(1); }};
}

std::shared_ptr<HashingRoom> make_hashing_room() {
  return std::make_shared<HashingRoom>();
}

bool Hashing::is_beside() {
  if (place_.pool == nullptr || hashed_here_ < kHashedHereMax) {
    return false;
  }
  if (taken_ == nullptr) {
    taken_ = HashingRoom::take(place_.room);
  }
  return taken_ != nullptr;
}

Task<void> Hashing::add(std::span<const std::byte> piece) {
  if (!is_beside()) {
    hashed_here_ += piece.size();
    hashes_->add(piece);
    co_return;
  }
  gathering_.insert(gathering_.end(), piece.begin(), piece.end());
  if (gathering_.size() < kLotBytes) {
    co_return;
  }
  co_await take_back();
  hashing_ = place_.pool->start([hashes = hashes_, lot = std::move(gathering_), taken = taken_]() mutable {
    hashes->add(lot);
    return std::move(lot);
  });
  gathering_ = std::move(spare_);
  gathering_.clear();
}

Task<void> Hashing::end() {
  co_await take_back();
  hashes_->add(gathering_);
  gathering_ = Lot();
  spare_ = Lot();
  taken_.reset();
}

Task<void> Hashing::take_back() {
  if (hashing_ != nullptr) {
    const auto hashing = std::exchange(hashing_, nullptr);
    spare_ = co_await hashing->wait();
  }
}

}  // namespace cairn::services::s3
