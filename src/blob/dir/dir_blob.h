// The embedded blob store: files below one folder. docs/formats/blob.md describes the folder, README.md the
// life of a put.
//
// Thread-safe; all work that touches the disk runs on the pool. One process at a time uses a folder.
#pragma once

#include <filesystem>
#include <memory>

#include "async/pool.h"
#include "base/metrics.h"
#include "blob/blob.h"

namespace cairn::blob::dir {

struct Options {
  std::filesystem::path folder;  // made if it is not there; its parent must be
  Limits limits{};
};

// Removes what a crash left unfinished. Errc::denied: another process uses the folder, or we may not.
// The pool must outlive the store, its writers and its readers; the metrics too.
Result<std::unique_ptr<Blob>> open(Options options, async::Pool& pool, Metrics& metrics);

}  // namespace cairn::blob::dir
