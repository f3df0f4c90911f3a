// SegmentedStore: the Store of heads and segments. Internal to store/.
//
// Threads: the follower's has all that is not marked; lookups take the snapshot; a job's end comes on the
// runner's thread and is carried on by a task on the executor.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "async/gate.h"
#include "store/job_runner.h"
#include "store/load.h"
#include "store/lookup.h"
#include "store/measures.h"
#include "store/narrowing.h"
#include "store/retry.h"
#include "store/slots.h"

namespace cairn::store {

// Where it works and with what. All live longer than the store.
struct Ports {
  catalog::Catalog& catalog;
  blob::Blob& blob;
  async::Pool& pool;
  async::Pool& lookups;  // the pool that lookups run on
  async::Executor executor;
  JobRunner& runner;
  const Clock& clock;
};

// Rows set aside; beyond them a row that cannot be sealed stops the sealing, and the journal keeps what
// waits.
inline constexpr std::size_t kAsideMax = 100;

class SegmentedStore final : public Store {
 public:
  // `scratch`: an empty folder of its own.
  SegmentedStore(Options options, Ports ports, Metrics& metrics, std::string scratch, Loaded loaded);
  ~SegmentedStore() override { SegmentedStore::stop(); }

  journal::Position cursor() const override { return journal::Position{cursor_.load()}; }
  journal::Position end() const override { return snapshot().end; }
  Result<void> append(const std::vector<Row>& rows, journal::Position end) override;
  Result<void> maintain(Time now) override;
  Result<void> seal() override;
  bool working() const override { return working_; }
  std::size_t unreadable_segments() const override { return unreadable_; }
  void stop() override;
  Task<Result<Page>> lookup(Query query, std::optional<Bookmark> after) override;

 private:
  enum class Kind { seal, merge };
  // A job on its way, and what its commit takes away.
  struct Running {
    Kind kind;
    std::size_t size;   // rows of a seal, sources of a merge
    Cursor cursor;      // as the commit writes it
    Segments absorbed;  // of a merge
    std::string folder;
    std::shared_ptr<const crypto::Secret> key;  // of what lies in the folder
    std::chrono::steady_clock::time_point begun;
  };
  struct Outcome {
    Result<Segments> made;
    bool by_job = false;  // an error is the job's own, not of putting what it made
  };
  struct Choice {
    std::size_t most;  // it may take
    Segments merge;    // empty: nothing is to be merged
    bool overdue;
  };
  // A job's files, put as blobs: a commit away from being part of the store.
  struct Finished {
    Running running;
    Segments made;
    std::optional<Aside> aside;  // the row that stands for the whole of a seal
  };

  Snapshot snapshot() const;
  Time oldest_kept() const;
  std::vector<const Row*> wanted(const std::vector<Row>& rows, journal::Position from);
  bool is_full(const Head& head) const;
  bool is_due(const Head& head, Time now) const;
  void begin_head();
  Result<void> make_room();
  void measure_heads();

  // segmented_store_jobs.cc
  Result<void> start_next(Time now);
  Result<void> start_due(Time now);
  Segments mergeable(const Segments& segments) const;
  const Choice& choose_merge(const Segments& segments);
  Result<void> start_seal(Time now);
  Result<void> start_merge(Segments sources);
  Result<void> start(Running running, std::variant<SealJob, MergeJob> work);
  Task<void> carry_on(Result<JobResult> result);
  Task<Result<Segments>> put(JobResult result);
  Task<Result<Segment>> put_one(Made made);
  void set_outcome(Outcome outcome);
  // False: no job runs, or it is not done yet.
  bool wait_for_outcome(Millis patience);
  Result<void> wait_and_adopt();
  Result<void> adopt_outcome(Time now);
  void leave_out(const Segments& segments, const Error& error);
  Result<void> job_failed(Running running, const Error& error, Time now);

  // segmented_store_aside.cc
  Result<void> set_aside(Running running, const Error& error);
  std::shared_ptr<Head> keep_aside(std::vector<Aside> rows);

  // segmented_store_commit.cc
  Result<void> commit(Finished finished);
  Result<void> settle();
  void adopt(Finished finished);
  void discard(const Segments& made);
  Result<void> retire(Time now);
  // All of it at once: no lookup sees a row twice, or not at all. `aside` replaces what was set aside.
  void publish(Segments segments, std::size_t heads_gone,
               std::optional<std::shared_ptr<Head>> aside = std::nullopt);
  void bury();

  Result<Criteria> criteria(Query query, const std::optional<Bookmark>& after,
                            const Snapshot& snapshot) const;

  const Options options_;
  const Ports ports_;
  const std::string scratch_;
  Measures measures_;
  const std::shared_ptr<Slots> slots_;
  const std::shared_ptr<SegmentCache> cache_;

  mutable std::mutex mutex_;
  Snapshot snapshot_;  // guarded
  std::atomic<std::uint64_t> cursor_;
  std::atomic<std::size_t> unreadable_{0};

  // Between the job's end and the follower's thread:
  std::atomic<bool> working_{false};
  std::mutex outcome_mutex_;
  std::condition_variable outcome_there_;
  std::optional<Outcome> outcome_;  // guarded
  async::Gate gate_;                // the task that carries on

  // The follower's thread alone:
  catalog::Version cursor_version_;
  std::optional<Running> running_;
  std::optional<Finished> unsettled_;   // its commit's outcome is unknown: no job starts before it is settled
  Segments buried_;                     // in no document any more; their blobs go when no lookup reads them
  std::optional<Time> unsealed_since_;  // the newest head's first append
  Retry seal_retry_;
  Retry merge_retry_;
  Narrowing seal_rows_{1};
  Narrowing merge_sources_{2};
  std::vector<Aside> aside_;           // what snapshot_.aside has
  std::set<std::string> unmergeable_;  // keys of segments that no job could merge
  std::optional<Choice> choice_;       // of what to merge next; none: the segments have changed
};

}  // namespace cairn::store
