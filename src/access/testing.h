// What the tests of access/ and of services/iam share: a catalog in memory, a sealer, a loop to run tasks on.
#pragma once

#include <gtest/gtest.h>

#include "access/access.h"
#include "access/bootstrap.h"
#include "access/documents.h"
#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "crypto/master_key.h"

namespace cairn::access::testing {

class World {
 public:
  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(0).get_executor()), std::move(task));
  }

  // Puts documents there, whatever was there before.
  void commit(std::vector<catalog::Write> writes) {
    catalog::Transaction transaction{.writes = std::move(writes), .expectations = {}, .outbox = {}};
    const auto done = run(catalog.commit(std::move(transaction)));
    ASSERT_TRUE(done) << done.error().text();
  }

  // All documents, as "key version value".
  std::vector<std::string> all() {
    std::vector<std::string> lines;
    const auto documents = run(catalog.scan("", "", 1000));
    for (const auto& document : *documents) {
      lines.push_back(document.key + " " + std::to_string(document.version) + " " + document.value);
    }
    return lines;
  }

  catalog::memory::MemoryCatalog catalog{system_clock()};
  crypto::Sealer sealer{crypto::MasterKey::generate()};

 private:
  async::Loops loops_{1};
};

inline constexpr Time kNow{Millis{1'772'446'500'123}};  // 2026-03-02T10:15:00.123Z

}  // namespace cairn::access::testing
