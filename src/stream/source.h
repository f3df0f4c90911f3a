// Source: a partition of the journal as batches, from a position on. One thread.
#pragma once

#include <memory>
#include <span>

#include "journal/journal.h"
#include "stream/matching.h"
#include "stream/measures.h"
#include "stream/stream.h"

namespace cairn::stream {

// Is the entry a record, or has one?
bool has_view(event::Kind kind);

class Source {
 public:
  struct Place {
    journal::Journal& journal;
    journal::Partition partition;
    std::size_t batch_items_max;
    const Matching& matching;
  };
  Source(Place place, journal::Position from, ReaderMeasures measures)
      : place_(place), position_(from), measures_(measures), matcher_(place.matching, measures) {}

  // The next batch, within the limits and of what one read of the journal returns; null when there is none
  // within `patience`. After an error the next call tries at the same position again.
  Result<BatchPtr> next(Millis patience);

  // Of the entry that the next batch begins with.
  journal::Position position() const { return position_; }

 private:
  Result<std::span<const journal::Entry>> entries(Millis patience);
  Result<BatchPtr> parse(std::span<const journal::Entry> entries);
  Result<void> add(Batch& batch, const journal::Entry& entry);

  const Place place_;
  journal::Position position_;
  ReaderMeasures measures_;
  BatchMatcher matcher_;
  std::unique_ptr<journal::Reader> reader_;
  std::span<const journal::Entry> left_;  // read, but not yet in a batch
};

// The part of a batch from a position within it on; a copy of all of it from its first. It keeps the batch, whose
// texts it points into.
std::shared_ptr<Batch> copy_from(BatchPtr batch, journal::Position from);
// What a batch takes in memory, about.
std::size_t bytes_of(const Batch& batch);

}  // namespace cairn::stream
