// Which event ids were seen lately, so that a producer may send again what it got no answer for. The door
// asks before it appends:
//
//   const std::vector<dedupe::Key> keys{{account, id}, …};
//   CAIRN_CO_TRY(auto admission, co_await index.admit(keys));   // waits for repeats that are in flight
//   …append the fresh ones…
//   admission.settle(appended);                                 // seen from now on; or free again, when it
//   failed
//
// An id among the last Options::ids_max of its account is known; an older one is not. What is known is in the
// journal, durable. The index follows the journal: somebody calls observe() for its entries in order, first
// from cursor() to the end (before the door opens), then for ever. What was settled and is observed later is
// known once.
// All accounts together have ids_total_max; beyond it those with the most lose their oldest.
//
// Saved in a file beside the journal by flush(). What is not saved yet is observed again after a restart, so
// the journal must keep what is at cursor() and after it.
//
// An index is for one partition of the journal. Thread-safe, but for flush(): one call at a time, from a
// thread that may block.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/metrics.h"
#include "journal/journal.h"

namespace cairn::dedupe {

struct Limits {
  std::size_t batch_ids_max = 100'000;  // ids in one admit(): more is Errc::limit
  std::size_t in_flight_ids_max =
      1'000'000;  // admitted and not settled, in each of the index's 16 shards: more is Errc::limit
  std::uint64_t spare_bytes_max = 8ULL << 20;  // by which the file may be larger than twice what is known
};

struct Options {
  std::filesystem::path folder;     // made when it is not there
  std::size_t ids_max = 4'000'000;  // of one account; 25 bytes of memory each, up to 31 while they grow
  std::size_t ids_total_max = 2 * ids_max;  // of all accounts together, but for ids not yet observed
  Limits limits{};
};

struct Key {
  std::string_view account;
  std::string_view event_id;
};

class Index;
struct Taken;

// The answer to one admit(). Whoever holds it owns the fresh ids: nobody else gets them before it is settled.
// Not thread-safe. Must not outlive its index. Destroyed unsettled, it settles as failed.
class Admission {
 public:
  Admission(Admission&&) noexcept;
  Admission& operator=(Admission&&) noexcept;
  ~Admission();

  // Is the key of this index to be appended? If not, it is in the journal already, or earlier in the same
  // batch.
  bool is_fresh(std::size_t index) const { return fresh_[index]; }
  std::size_t fresh_count() const { return fresh_count_; }
  std::size_t repeat_count() const { return fresh_.size() - fresh_count_; }

  // Once. With a position: the fresh ids are in the journal. With an error: they are free again, and a repeat
  // that waits becomes fresh. After Errc::unknown they are free as well: an event twice is better than none,
  // and observe() sees what is really there.
  void settle(const Result<journal::Position>& appended);

 private:
  friend class Index;
  Admission(Index& index, std::vector<bool> fresh, std::unique_ptr<Taken> taken);

  Index* index_;
  std::vector<bool> fresh_;
  std::size_t fresh_count_ = 0;
  std::unique_ptr<Taken> taken_;  // null once settled
};

class Index {
 public:
  // Loads what was saved. Errc::invalid: a newer Cairn wrote it; Errc::corrupt: the file's head is damaged
  // (delete the file to begin anew). A damaged or missing tail only moves cursor() back.
  static Result<std::unique_ptr<Index>> open(Options options, Metrics& metrics);
  ~Index();  // does not save
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // Every entry of the journal before it is in the index, durably.
  journal::Position cursor() const;

  // The journal's entry at `position` has this event id. In the journal's order. REQUIRES: an account admit()
  // would take.
  void observe(std::string_view account, std::string_view event_id, journal::Position position);
  // All before `next` was observed: for entries without an event id.
  void observe_through(journal::Position next);

  // Takes all fresh ids of the batch at once, or none: while one of them is in flight elsewhere it waits and
  // holds nothing, so that two batches with each other's ids cannot wait for each other. The keys must live
  // until the task is done.
  Task<Result<Admission>> admit(std::span<const Key> keys);

  // Saves what is new and syncs it. After an error nothing is lost: the next call saves it too.
  Result<void> flush();

 private:
  friend class Admission;
  struct State;
  explicit Index(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace cairn::dedupe
