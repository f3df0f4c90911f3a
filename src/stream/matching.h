// Matching: all followers' patterns as one matcher, and batches matched with it. Thread-safe.
#pragma once

#include <mutex>

#include "stream/measures.h"
#include "stream/stream.h"

namespace cairn::stream {

using BatchPtr = std::shared_ptr<const Batch>;

// The patterns of all followers at one time. Immutable.
struct PatternSet {
  std::vector<const Follower*> followers;
  std::vector<std::uint64_t> versions;  // by follower
  std::shared_ptr<const match::Matcher>
      matcher;  // owners are followers' indexes; null: nobody asks for anything
};

class Matching {
 public:
  explicit Matching(const std::vector<Follower*>& followers);

  // Asks every follower. One whose patterns are too many is left out and logged; its version stays 0.
  void ask_all();
  Result<void> ask(const Follower& follower);

  std::shared_ptr<const PatternSet> current() const;

 private:
  Result<void> ask(std::size_t index);

  const std::vector<const Follower*> followers_;
  std::mutex asking_;            // held while patterns are asked for and compiled
  std::vector<Patterns> asked_;  // by follower; guarded by asking_
  mutable std::mutex mutex_;     // held for the pointer alone
  std::shared_ptr<const PatternSet> current_;
};

// What a thread needs to match batches. It takes up no memory before the first pattern.
class BatchMatcher {
 public:
  BatchMatcher(const Matching& matching, ReaderMeasures measures)
      : matching_(matching), measures_(measures) {}

  // So many items at most should be in a batch, for its hits to be within Limits::batch_hits_max.
  std::size_t items_max() const;
  // With the current patterns. The batch must not have been matched before.
  void match(Batch& batch);
  // The batch, or a copy of it if the follower's patterns have changed since it was matched.
  BatchPtr renewed(BatchPtr batch, const Follower& follower);

 private:
  void match(Batch& batch, std::shared_ptr<const PatternSet> patterns);
  void match(Batch& batch, Item& item);

  const Matching& matching_;
  ReaderMeasures measures_;
  std::unique_ptr<match::Scratch> scratch_;
};

}  // namespace cairn::stream
