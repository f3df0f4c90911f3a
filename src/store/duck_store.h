// DuckStore: the Store over DuckDB. Internal to store/.
#pragma once

#include <atomic>
#include <mutex>

#include "store/load.h"
#include "store/measures.h"
#include "store/sealer.h"
#include "store/slots.h"

namespace cairn::store {

// Where it works and with what. All live longer than the store.
struct Ports {
  catalog::Catalog& catalog;
  blob::Blob& blob;
  async::Pool& pool;
  async::Executor executor;
  const Clock& clock;
};

// What blocks while it is made (on the pool).
struct Engine {
  std::shared_ptr<duck::Database> database;
  std::shared_ptr<Slots> slots;
  std::shared_ptr<Head> head;
  std::string scratch;

  static Result<Engine> start(const Options& options);
};

class DuckStore final : public Store {
 public:
  DuckStore(Options options, Ports ports, Metrics& metrics, Engine engine, Loaded loaded);

  journal::Position cursor() const override { return journal::Position{cursor_.load()}; }
  journal::Position end() const override { return snapshot().end; }
  Result<void> append(const std::vector<Row>& rows, journal::Position end) override;
  Result<void> maintain(Time now) override;
  Result<void> seal() override;
  Task<Result<Page>> lookup(Query query, std::optional<Bookmark> after) override;

 private:
  // A seal whose commit is decided by the catalog alone, with the head that replaces the sealed one.
  struct Seal {
    Cursor cursor;
    Sealed sealed;
    std::shared_ptr<Head> head;
  };
  // One lookup on its way: what the pool's work and the coroutine share.
  struct Running {
    Slots::Lease lease;
    Lookup lookup;
  };

  Snapshot snapshot() const;
  Time oldest_kept() const;
  std::vector<const Row*> wanted(const std::vector<Row>& rows, journal::Position from);
  bool seal_due(Time now) const;
  Result<void> seal_head();
  Result<void> commit(Seal seal);
  Result<void> settle();
  void adopt(Seal seal);
  Result<void> retire(Time now);
  void publish(Segments segments, std::shared_ptr<Head> head);
  void bury();

  Result<Criteria> criteria(Query query, const std::optional<Bookmark>& after,
                            const Snapshot& snapshot) const;
  Task<Result<void>> search(std::shared_ptr<Running> running);
  Task<Result<std::vector<std::string>>> paths(Segments segments);

  const Options options_;
  const Ports ports_;
  Measures measures_;
  const std::shared_ptr<duck::Database> database_;
  const std::shared_ptr<Slots> slots_;
  const ParquetReader reader_;

  mutable std::mutex mutex_;
  Snapshot snapshot_;  // guarded
  std::atomic<std::uint64_t> cursor_;

  // The follower's thread alone:
  Sealer sealer_;
  catalog::Version cursor_version_;
  std::optional<Seal> unsettled_;  // its commit's outcome is unknown: nothing goes on before it is settled
  Segments buried_;                // in no document any more; their blobs go when no lookup reads them
  std::uint64_t heads_ = 1;
  std::size_t head_rows_ = 0;
  std::size_t head_bytes_ = 0;
  std::optional<Time> unsealed_since_;
  Time next_try_;  // of a seal that failed
  Millis back_off_;
};

}  // namespace cairn::store
