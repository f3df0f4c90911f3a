// Leases over any catalog: two documents and the rules of who may write them. What the adapters' acquire()
// and release() call.
//
//   lease/holder/NAME   "1 EPOCH HOLDER"     written by a taking; its version fences
//   lease/expiry/NAME   "1 MILLISECONDS"     written by every taking, renewal and release
//
// Neither is ever deleted, so epochs rise and versions never start again.
#pragma once

#include "catalog/catalog.h"

namespace cairn::catalog {

struct LeaseRequest {
  std::string name;
  std::string holder;
  Millis duration{};
};

// Errors: Errc::conflict (held by somebody else), Errc::corrupt (a document is not ours), and those of get()
// and commit(). The catalog and the clock must outlive the task.
Task<Result<Lease>> acquire_lease(Catalog& catalog, const Clock& clock, LeaseRequest request);
Task<Result<void>> release_lease(Catalog& catalog, Lease lease);

}  // namespace cairn::catalog
