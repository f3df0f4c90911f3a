// The committer: one thread that owns the write connection. Callers enqueue a change and suspend; the thread
// takes all that wait, commits them under one sync, and answers each.
//
// commit() is thread-safe. Destruction commits what still waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "async/promise.h"
#include "base/metrics.h"
#include "catalog/outbox_bell.h"
#include "catalog/sqlite/document_cache.h"
#include "catalog/sqlite/writer.h"

namespace cairn::catalog::sqlite {

class Committer {
 public:
  struct Setup {
    Limits limits;
    OutboxBell& bell;
    DocumentCache& cache;
    Metrics& metrics;
    std::uint64_t outbox_rows = 0;  // there at the start
  };
  Committer(Writer writer, const Setup& setup);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  Task<Result<Committed>> commit(Change change);

  // False between a failed sync and the next one that succeeds: what is read then, a crash could contradict.
  bool certain() const { return certain_.load(std::memory_order_acquire); }

 private:
  using Answer = async::Promise<Result<Committed>>;
  using Answers = async::PromiseBatch<Result<Committed>>;
  struct Pending {
    Change change;
    std::shared_ptr<Answer> answer;
    std::size_t bytes = 0;
    std::chrono::steady_clock::time_point since;
  };
  struct Meters {
    explicit Meters(Metrics& metrics);
    Counter commits, conflicts, failures;
    Histogram group_size, commit_seconds;
    Gauge outbox_rows;
    Gauge waiting_bytes;
  };

  Result<void> enqueue(Change change, std::shared_ptr<Answer> answer);
  void run();
  // None: closed and empty. An empty group: nothing waits, but the writer is not certain.
  std::optional<std::vector<Pending>> next_group();
  void serve(std::span<Pending> group);
  void answer(Pending& pending, Result<Committed> result, Answers& answers);

  const Limits limits_;
  OutboxBell& bell_;
  DocumentCache& cache_;
  Meters meters_;
  Writer writer_;  // the thread's
  std::atomic<bool> certain_{true};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending> waiting_;  // guarded, as the next two
  std::size_t waiting_bytes_ = 0;
  bool closed_ = false;

  std::thread thread_;  // last: it uses all above
};

}  // namespace cairn::catalog::sqlite
