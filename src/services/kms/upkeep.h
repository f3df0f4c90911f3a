// What is done to keys without being asked for: those whose time has come go, with their aliases and their
// material; and material is replaced on its day. Each is one commit together with its record (DeleteKey,
// RotateKey: an AwsServiceEvent of the key's owner); what conflicts is looked at again the next time.
#pragma once

#include <atomic>

#include "async/gate.h"
#include "catalog/catalog.h"
#include "keys/key.h"

namespace cairn::services::kms {

class Upkeep {
 public:
  static constexpr Millis kEvery{3'600'000};

  // `wall` says what time it is; a step of it must not make every key due at once. All outlive it.
  Upkeep(catalog::Catalog& catalog, const crypto::Sealer& sealer, const Clock& wall)
      : catalog_(catalog), sealer_(sealer), wall_(wall) {}

  void start(async::Executor executor);
  void stop();  // blocks

  struct Done {
    std::size_t removed = 0;  // keys
    std::size_t rotated = 0;
  };
  // Everything once.
  Task<Result<Done>> pass();

 private:
  Task<void> run();
  // False: it was changed meanwhile.
  Task<Result<bool>> remove(keys::Stored<keys::Key> key);
  Task<Result<bool>> rotate(keys::Stored<keys::Key> key);
  Task<Result<bool>> commit(catalog::Transaction change);

  catalog::Catalog& catalog_;
  const crypto::Sealer& sealer_;
  const Clock& wall_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
};

}  // namespace cairn::services::kms
