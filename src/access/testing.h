// What the tests of access/ and of services/iam share: a catalog in memory, a sealer, a loop to run tasks on.
#pragma once

#include <gtest/gtest.h>

#include <utility>

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

// A catalog in which somebody else commits just before a document is read, once.
class Intruding final : public catalog::Catalog {
 public:
  Intruding(catalog::Catalog& inner, std::string key) : inner_(inner), key_(std::move(key)) {}

  std::vector<catalog::Write> writes;

  Task<Result<std::optional<catalog::Document>>> get(std::string key) override {
    if (key == key_ && !writes.empty()) {
      catalog::Transaction theirs;
      theirs.writes = std::exchange(writes, {});
      CAIRN_CO_TRY_VOID(co_await inner_.commit(std::move(theirs)));
    }
    co_return co_await inner_.get(std::move(key));
  }
  Task<Result<std::vector<catalog::Document>>> scan(std::string prefix, std::string after, std::size_t limit) override {
    return inner_.scan(std::move(prefix), std::move(after), limit);
  }
  Task<Result<catalog::Committed>> commit(catalog::Transaction transaction) override {
    return inner_.commit(std::move(transaction));
  }
  Task<Result<std::vector<catalog::OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) override {
    return inner_.outbox(after, limit);
  }
  Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<catalog::Write> more) override {
    return inner_.outbox_delete(number, std::move(more));
  }
  Task<void> outbox_wait(std::uint64_t after, Millis patience) override { return inner_.outbox_wait(after, patience); }
  Task<Result<catalog::Lease>> acquire(std::string name, std::string holder, Millis duration) override {
    return inner_.acquire(std::move(name), std::move(holder), duration);
  }
  Task<Result<void>> release(catalog::Lease lease) override { return inner_.release(std::move(lease)); }

 private:
  catalog::Catalog& inner_;
  const std::string key_;
};

inline constexpr Time kNow{Millis{1'772'446'500'123}};  // 2026-03-02T10:15:00.123Z

}  // namespace cairn::access::testing
