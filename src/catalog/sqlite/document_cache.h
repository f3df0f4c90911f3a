// DocumentCache: documents that were read lately, and keys read lately that have none. A call reads its key,
// its user, its bucket; thousands of calls read the same ones.
//
// What it answers is what the database would answer: a key that a commit is about to change is forgotten
// before the change can be seen, stays unknown until the commit has ended, and a reading that began earlier
// is not kept. So it needs to hear of every commit: one process writes a database (sqlite_catalog.h).
//
// Thread-safe; begin() and end() are the committer's.
#pragma once

#include <mutex>
#include <span>
#include <unordered_set>

#include "base/lru.h"
#include "catalog/sqlite/writer.h"

namespace cairn::catalog::sqlite {

class DocumentCache {
 public:
  explicit DocumentCache(std::size_t bytes_max) : kept_(bytes_max) {}

  struct Found {
    bool known = false;
    std::optional<Document> document;  // if known; none: there is none
    std::uint64_t reading = 0;         // for keep(), if not known; 0: it would not be kept
  };
  Found find(const std::string& key);

  // What a reading of the database that began after find() found.
  void keep(const std::string& key, const std::optional<Document>& document, std::uint64_t reading);

  // A group of changes is about to be committed, and has been, or not.
  void begin(std::span<const Change* const> group);
  void end();

 private:
  struct Known {
    Version version = 0;  // 0: there is none
    std::string value;
  };

  std::mutex mutex_;
  std::uint64_t group_ = 1;                        // guarded, as all that follows; rises with each begin()
  std::unordered_set<std::string_view> changing_;  // keys of the group that is being committed
  Lru<std::string, std::shared_ptr<const Known>> kept_;
};

}  // namespace cairn::catalog::sqlite
