#include "dedupe/shard.h"

namespace cairn::dedupe {

Task<void> Claim::wait() {
  if (const auto waiter = enlist()) {
    co_await waiter->wait();
  }
}

Claim::Waiter Claim::enlist() {
  const std::lock_guard lock(mutex_);
  if (settled_) {
    return nullptr;
  }
  return waiters_.emplace_back(std::make_shared<async::Promise<bool>>());
}

void Claim::settle() {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    settled_ = true;
    waiters.swap(waiters_);
  }
  for (const auto& waiter : waiters) {
    waiter->set(true);
  }
}

Account& Shard::account(std::string_view name, std::size_t ids_max, Secret secret) {
  auto found = accounts.find(name);
  if (found == accounts.end()) {
    found = accounts.emplace(name, std::make_unique<Account>(ids_max, secret)).first;
  }
  return *found->second;
}

}  // namespace cairn::dedupe
