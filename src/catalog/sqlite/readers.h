// A small pool of read connections, used inline by whoever calls: reads take microseconds. More callers than
// connections wait for one. Documents read lately come from the cache.
//
// Thread-safe. Reads see what is durable (writer.cc says why).
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/checks.h"
#include "catalog/sqlite/connection.h"
#include "catalog/sqlite/document_cache.h"

namespace cairn::catalog::sqlite {

class Readers {
 public:
  struct Setup {
    std::filesystem::path file;
    std::string vfs;
    std::size_t connections_max = 4;
    Limits limits;
    DocumentCache& cache;
  };
  explicit Readers(Setup setup) : setup_(std::move(setup)) {}

  Result<std::optional<Document>> get(std::string key);
  Result<std::vector<Document>> scan(const KeyRange& range, std::size_t limit);
  Result<std::vector<OutboxRow>> outbox(std::uint64_t after, std::size_t limit);

  // One consistent copy of the whole database, compact, in a new file. Blocks; commits go on meanwhile.
  Result<void> copy_to(const std::filesystem::path& target) const;

 private:
  struct Reader {
    Connection connection;
    Statement get, scan, outbox;
  };
  class Lent;

  Result<std::optional<Document>> read(const std::string& key);
  Result<std::unique_ptr<Reader>> open() const;
  Result<std::unique_ptr<Reader>> borrow();
  void give_back(std::unique_ptr<Reader> reader);

  const Setup setup_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Reader>> free_;
  std::size_t lent_ = 0;
};

}  // namespace cairn::catalog::sqlite
