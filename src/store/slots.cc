#include "store/slots.h"

namespace cairn::store {

Result<std::shared_ptr<Slots>> Slots::make(duck::Database& database, std::size_t count,
                                           std::size_t waiting_max) {
  std::vector<std::unique_ptr<duck::Connection>> connections;
  for (std::size_t i = 0; i < count; ++i) {
    CAIRN_TRY(auto connection, database.connect());
    connections.push_back(std::move(connection));
  }
  return std::make_shared<Slots>(std::move(connections), waiting_max);
}

Slots::Lease::~Lease() {
  if (connection_) {
    give_back(std::move(slots_), std::move(connection_));
  }
}

Task<Result<Slots::Lease>> Slots::take(std::shared_ptr<Slots> slots) {
  std::unique_ptr<duck::Connection> connection;
  std::shared_ptr<Handed> handed;
  {
    const std::lock_guard lock(slots->mutex_);
    if (!slots->free_.empty()) {
      connection = std::move(slots->free_.back());
      slots->free_.pop_back();
    } else if (slots->waiting_.size() < slots->waiting_max_) {
      handed = std::make_shared<Handed>();
      slots->waiting_.push_back(handed);
    }
  }
  if (connection) {
    co_return Lease(std::move(slots), std::move(connection));
  }
  if (!handed) {
    co_return Error{Errc::limit, "look up events: too many lookups wait"};
  }
  co_return co_await handed->wait();
}

void Slots::give_back(std::shared_ptr<Slots> slots, std::unique_ptr<duck::Connection> connection) {
  std::shared_ptr<Handed> next;
  {
    const std::lock_guard lock(slots->mutex_);
    if (slots->waiting_.empty()) {
      slots->free_.push_back(std::move(connection));
      return;
    }
    next = std::move(slots->waiting_.front());
    slots->waiting_.pop_front();
  }
  next->set(Lease(std::move(slots), std::move(connection)));
}

}  // namespace cairn::store
