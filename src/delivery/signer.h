// The keys that this process signs digests with, found or made as they are needed. Blocks: not on a loop. One
// thread.
#pragma once

#include <map>
#include <string>

#include "async/loops.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "signing/signing_keys.h"

namespace cairn::delivery {

class Signer {
 public:
  // All outlive it.
  Signer(catalog::Catalog& catalog, const crypto::Sealer& sealer, async::Executor executor)
      : catalog_(catalog), sealer_(sealer), executor_(std::move(executor)) {}

  // For a digest of the Region that ends at the moment. Valid until the next call.
  Result<const signing::SigningKey*> key_for(const std::string& region, Time moment);

 private:
  Result<signing::SigningKey> found_or_made(const std::string& region, Time moment);

  catalog::Catalog& catalog_;
  const crypto::Sealer& sealer_;
  async::Executor executor_;
  std::map<std::string, signing::SigningKey> last_;  // by Region
};

}  // namespace cairn::delivery
