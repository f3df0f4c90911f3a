// A new key for whoever lost his, or fears that another has it: made beside the catalog, not through the API.
// For users that Cairn keeps a key of (the configuration names the user, or no user at all, but no keys): the
// administrator "admin" above all. What apply_declared() answers afterwards has the new key. Tested by
// administrator_test.cc.
#pragma once

#include <string>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"

namespace cairn::access {

// Takes all the user's keys away and makes one; its id. The user has another id then, so that temporary
// credentials that were made for him with the old keys open nothing either; those of roles that he took on
// before live out their time. Errc::not_found: there is no such user. Errc::denied:
// his keys are the configuration's, or he is the IAM API's. Errc::conflict: the catalog changed meanwhile;
// nothing was done.
Task<Result<std::string>> renew_key(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                    std::string account, std::string user, Time now);

}  // namespace cairn::access
