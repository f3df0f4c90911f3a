// The journal and the catalog as this node runs them: in the data folder, and what they hold of calls sealed
// under keys that are derived from the master key. docs/decisions/0009-sealed-on-the-disk.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/metrics.h"
#include "catalog/catalog.h"
#include "crypto/master_key.h"
#include "journal/journal.h"
#include "node/config.h"

namespace cairn::node {

// Made at the first start. A folder that has data and lost its key is refused (Errc::not_found), and nothing
// is written: another key would open nothing.
Result<crypto::MasterKey> open_master_key(const Config& config);

// Errors as journal::open's and catalog::sqlite::open's; the same must outlive them.
Result<std::unique_ptr<journal::Journal>> open_journal(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key,
                                                       std::function<bool()> hurry, const Clock& clock,
                                                       Metrics& metrics);
Result<std::unique_ptr<catalog::Catalog>> open_catalog(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key, const Clock& clock,
                                                       Metrics& metrics);

}  // namespace cairn::node
