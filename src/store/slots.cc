#include "store/slots.h"

namespace cairn::store {

Slots::Lease::~Lease() {
  if (slots_) {
    give_back(std::move(slots_));
  }
}

Task<Result<Slots::Lease>> Slots::take(std::shared_ptr<Slots> slots) {
  bool taken = false;
  std::shared_ptr<Handed> handed;
  {
    const std::lock_guard lock(slots->mutex_);
    if (slots->free_ > 0) {
      --slots->free_;
      taken = true;
    } else if (slots->waiting_.size() < slots->waiting_max_) {
      handed = std::make_shared<Handed>();
      slots->waiting_.push_back(handed);
    }
  }
  if (taken) {
    co_return Lease(std::move(slots));
  }
  if (!handed) {
    co_return Error{Errc::limit, "look up events: too many lookups wait"};
  }
  co_return co_await handed->wait();
}

void Slots::give_back(std::shared_ptr<Slots> slots) {
  std::shared_ptr<Handed> next;
  {
    const std::lock_guard lock(slots->mutex_);
    if (slots->waiting_.empty()) {
      ++slots->free_;
      return;
    }
    next = std::move(slots->waiting_.front());
    slots->waiting_.pop_front();
  }
  next->set(Lease(std::move(slots)));
}

}  // namespace cairn::store
