// Shard: some of the accounts, under one lock: what each has seen, and what is in flight. Claim: what a batch
// in flight is waited for by.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/promise.h"
#include "dedupe/recent_ids.h"

namespace cairn::dedupe {

// Stands for one admitted batch until it is settled. Thread-safe.
class Claim {
 public:
  // Returns once it is settled.
  Task<void> wait();
  void settle();

 private:
  using Waiter = std::shared_ptr<async::Promise<bool>>;

  Waiter enlist();

  std::mutex mutex_;
  bool settled_ = false;         // guarded by mutex_
  std::vector<Waiter> waiters_;  // guarded by mutex_
};

struct Account {
  struct IdHash {
    std::size_t operator()(const Id& id) const { return hash(id, secret); }
    Secret secret;
  };
  Account(std::size_t ids_max, Secret secret) : seen(ids_max, secret), in_flight(0, IdHash{secret}) {}

  RecentIds seen;
  std::unordered_map<Id, std::shared_ptr<Claim>, IdHash> in_flight;
  std::uint64_t saved = 0;  // ids before this number are on the disk
};

struct Shard {
  std::mutex mutex;
  // Both guarded by mutex. Accounts stay, so a pointer to one is good for ever.
  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts;
  std::size_t in_flight = 0;

  // REQUIRES: mutex is held.
  Account& account(std::string_view name, std::size_t ids_max, Secret secret);
};

}  // namespace cairn::dedupe
