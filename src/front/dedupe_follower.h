// Tells the index of event ids what is in the journal: at start what it had not yet written down, and then
// each record as it comes.
#pragma once

#include "dedupe/dedupe.h"
#include "stream/stream.h"

namespace cairn::front {

class DedupeFollower final : public stream::Follower {
 public:
  DedupeFollower(dedupe::Index& index, const Clock& clock) : index_(index), flushed_(clock.now()) {}

  std::string_view name() const override { return "dedupe"; }
  journal::Position cursor(journal::Partition partition) const override;
  Result<void> take(const stream::Batch& batch) override;
  Result<void> tick(Time now) override;

 private:
  dedupe::Index& index_;
  Time flushed_;
};

}  // namespace cairn::front
