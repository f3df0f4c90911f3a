// Makes the names in a folder durable; callers who come while a sync of the same folder runs share the next
// one.
//
// Thread-safe. Blocks.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/metrics.h"
#include "base/result.h"

namespace cairn::blob::dir {

class FolderSync {
 public:
  // REQUIRES: `root` stays open.
  FolderSync(int root, Counter syncs) : root_(root), syncs_(syncs) {}

  // Returns once every name that was in the folder before the call is durable. A path below the root; empty:
  // the root. A folder that is no longer there has no names to lose.
  Result<void> sync(const std::string& folder);

 private:
  struct Round {
    bool done = false;
    Result<void> result;
  };
  struct Line {
    bool running = false;
    std::shared_ptr<Round> next;  // has not begun: may be joined
  };

  Result<void> sync_now(const std::string& folder);

  const int root_;
  Counter syncs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, Line> lines_;  // of folders that are synced now
};

}  // namespace cairn::blob::dir
