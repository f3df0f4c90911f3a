// The journal and the catalog as this node runs them: in the data folder, and what they hold of calls sealed
// under keys that are derived from the master key. docs/decisions/0009-sealed-on-the-disk.md.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/metrics.h"
#include "catalog/catalog.h"
#include "crypto/master_key.h"
#include "journal/journal.h"
#include "node/config.h"

namespace cairn::node {

// Of the documents that hold records, which lie sealed: what no job could seal into a segment, rows that
// could not be read, and what waits for a log file.
inline constexpr std::string_view kUnreadablePrefix = "front/unreadable/";
inline constexpr std::array<std::string_view, 3> kSealedPrefixes = {"store/history/aside/", kUnreadablePrefix,
                                                                    "delivery/echoes/"};

// Made at the first start. A folder that has data and lost its key is refused (Errc::not_found), and so is
// another key than the folder's (Errc::denied, key_binding.h); nothing is written then.
Result<crypto::MasterKey> open_master_key(const Config& config);
// As it, of a folder that has data: no key is made.
Result<crypto::MasterKey> load_master_key(const Config& config);

// Errors as journal::open's and catalog::sqlite::open's; the same must outlive them.
Result<std::unique_ptr<journal::Journal>> open_journal(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key,
                                                       std::function<bool()> hurry, const Clock& clock,
                                                       Metrics& metrics);
Result<std::unique_ptr<catalog::Catalog>> open_catalog(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key, const Clock& clock,
                                                       Metrics& metrics);

}  // namespace cairn::node
