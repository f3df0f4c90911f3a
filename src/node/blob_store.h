// The node's blobs: files below one folder. What followers keep there lies sealed under the master key
// (blob/sealed); objects S3 seals itself.
#pragma once

#include <filesystem>
#include <memory>

#include "async/pool.h"
#include "base/metrics.h"
#include "blob/blob.h"
#include "crypto/master_key.h"

namespace cairn::node {

// Errors are blob/dir's. The pool and the metrics outlive it.
Result<std::unique_ptr<blob::Blob>> open_blobs(const std::filesystem::path& folder,
                                               const crypto::MasterKey& key, async::Pool& pool,
                                               Metrics& metrics);

}  // namespace cairn::node
