// Which master key a data folder lies sealed under: the catalog says it, in "node/key". Another key would
// open nothing of what is there, and what it sealed beside it would not open with the right one.
#pragma once

#include <filesystem>

#include "async/task.h"
#include "catalog/catalog.h"
#include "crypto/master_key.h"

namespace cairn::node {

// Whether what lies in this catalog's file was sealed under the key; changes nothing. Errc::denied: under
// another one. Of an older Cairn's, which does not say it, one of the access keys' secrets must open; where
// there are none, or there is no catalog yet, any key will do. Errors else as Offline's.
Result<void> check_key(const std::filesystem::path& catalog_file, const crypto::MasterKey& key,
                       const std::filesystem::path& key_file);

// Has the catalog say it, once. REQUIRES: check_key() found nothing wrong.
Task<Result<void>> bind_key(catalog::Catalog& catalog, const crypto::MasterKey& key);

}  // namespace cairn::node
