// The reaper: keys whose time has come go, with their aliases and their material. Each is one commit together with its
// record (DeleteKey, an AwsServiceEvent of the key's owner); what conflicts is looked at again the next time.
#pragma once

#include <atomic>

#include "async/gate.h"
#include "catalog/catalog.h"
#include "keys/key.h"

namespace cairn::services::kms {

class Reaper {
 public:
  static constexpr Millis kEvery{3'600'000};

  // `wall` says what time it is; a step of it must not make every key due at once. Both outlive it.
  Reaper(catalog::Catalog& catalog, const Clock& wall) : catalog_(catalog), wall_(wall) {}

  void start(async::Executor executor);
  void stop();  // blocks

  // Everything once. How many keys went.
  Task<Result<std::size_t>> reap();

 private:
  Task<void> run();
  Task<Result<bool>> remove(keys::Stored<keys::Key> key);

  catalog::Catalog& catalog_;
  const Clock& wall_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::services::kms
