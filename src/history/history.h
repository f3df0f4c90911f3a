// The event history: the follower that keeps the management and insight events of the last 90 days in a
// store, where LookupEvents finds them.
//
// It follows one partition. The stream calls take() and tick() on its thread; reached() and cursor() are for
// any thread. It does not seal or search: the store does, and its cursor is this follower's.
#pragma once

#include "store/store.h"
#include "stream/stream.h"

namespace cairn::history {

class History final : public stream::Follower {
 public:
  // The store outlives it.
  explicit History(store::Store& store, journal::Partition partition = journal::Partition{0})
      : store_(store), partition_(partition) {}

  std::string_view name() const override { return "history"; }
  // REQUIRES: its own partition.
  journal::Position cursor(journal::Partition partition) const override;
  // What is neither a management nor an insight event is passed over. Errc::limit: the store's head is full,
  // because sealing fails.
  Result<void> take(const stream::Batch& batch) override;
  Result<void> tick(Time now) override { return store_.maintain(now); }

  // Every entry before it is in the store. Lookups are complete once this is the journal's end seen at start,
  // or more.
  journal::Position reached() const { return store_.end(); }

 private:
  store::Store& store_;
  const journal::Partition partition_;
};

}  // namespace cairn::history
