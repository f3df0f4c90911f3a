// A catalog in memory, for tests: stricter than a disk. Commits fail on request, every call suspends at least
// once (so that callers meet the interleavings of a real one), and what is durable can be copied, as a crash
// would leave it.
//
// Thread-safe. The clock must outlive it.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "catalog/catalog.h"
#include "catalog/outbox_bell.h"

namespace cairn::catalog::memory {

struct Faults {
  enum class Kind {
    unavailable,          // nothing was changed
    unknown_not_applied,  // "unknown", and nothing was changed
    unknown_applied,      // "unknown", and it is there
  };
  std::size_t every = 0;  // the nth commit from now on fails, and then every nth again; 0: none
  Kind kind = Kind::unavailable;
};

class MemoryCatalog final : public Catalog {
 public:
  explicit MemoryCatalog(const Clock& clock, Limits limits = {});

  void fail(Faults faults);
  std::size_t commits_tried() const;
  // What a restart after a crash at this moment would find. Carries no faults.
  std::unique_ptr<MemoryCatalog> durable_copy() const;

  Task<Result<std::optional<Document>>> get(std::string key) override;
  Task<Result<std::vector<Document>>> scan(std::string prefix, std::string after, std::size_t limit) override;
  Task<Result<Committed>> commit(Transaction transaction) override;
  Task<Result<std::vector<OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) override;
  Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<Write> writes) override;
  Task<void> outbox_wait(std::uint64_t after, Millis patience) override;
  Task<Result<Lease>> acquire(std::string name, std::string holder, Millis duration) override;
  Task<Result<void>> release(Lease lease) override;

 private:
  struct Value {
    Version version = 0;
    std::string bytes;
  };
  struct Contents {
    std::map<std::string, Value> documents;
    std::map<std::uint64_t, std::string> outbox;
    std::uint64_t outbox_last = 0;
  };
  struct Change {
    Transaction transaction;
    std::uint64_t delete_through = 0;
  };

  Result<Committed> change(const Change& change);
  // These REQUIRE the mutex.
  Result<void> check_versions(const Transaction& transaction) const;
  Result<void> expect(const std::string& key, Version version) const;
  Result<void> expect_none(const std::string& prefix) const;
  Committed apply(const Change& change);
  bool fails_now();

  const Clock& clock_;
  const Limits limits_;
  OutboxBell bell_;
  mutable std::mutex mutex_;
  Contents contents_;  // guarded, as all below
  Faults faults_;
  std::size_t tried_ = 0;
  std::size_t until_fault_ = 0;
};

}  // namespace cairn::catalog::memory
