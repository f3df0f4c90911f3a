// The journal: what happened, in the order in which it became durable. Everything else in Cairn follows it.
//
// A port with adapters: journal/file (segment files, group commit), journal/memory (tests; fails on request),
// later Kafka. It keeps bytes; what an entry means, event/entry.h says.
//
// Order and place: a journal has one or more partitions; in each, entries have positions 0, 1, 2, … without a
// gap (an adapter may start above 0 once old entries are gone). An account's entries are all in one
// partition.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/strong.h"
#include "base/time.h"

namespace cairn::journal {

using Position = Strong<struct PositionTag, std::uint64_t>;
using Partition = Strong<struct PartitionTag, std::uint32_t>;

inline Position operator+(Position p, std::uint64_t n) {
  return Position{p.raw() + n};
}
inline std::uint64_t operator-(Position a, Position b) {
  return a.raw() - b.raw();
}

struct Limits {
  std::uint64_t entry_bytes_max = 2ULL << 20;  // append of a larger one: Errc::limit
  std::uint64_t pending_bytes_max =
      64ULL << 20;  // waiting to be written; beyond it append() suspends (back-pressure)
  std::uint64_t read_bytes_max = 4ULL << 20;  // what one Reader::read returns at most (one entry at least)
};

// An entry as read. `payload` is valid until the next read() of the same reader.
struct Entry {
  Position position;
  Time time;  // when it was appended, by the writer's clock, never stepping back
  std::string_view payload;
};

// Reads one partition in order. Not thread-safe: one reader, one thread. Reads block on the disk, never on
// the writer.
class Reader {
 public:
  virtual ~Reader() = default;

  // The next entries, at most Limits::read_bytes_max; waits up to `patience` for the first one, and is then
  // empty. Only durable entries are seen. Errc::corrupt names file and position, and comes again at every
  // call: a reader never steps over a bad entry. Errc::not_found: `from` is older than the journal's first
  // entry (it was retired).
  virtual Result<std::span<const Entry>> read(Millis patience) = 0;

  // Of the entry that read() returns next.
  virtual Position position() const = 0;

  // Wakes a read() that waits; it returns empty. Thread-safe.
  virtual void interrupt() = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;

  virtual std::uint32_t partitions() const = 0;
  // The partition of an account's entries. Stable for the journal's life.
  virtual Partition partition_of(std::string_view account) const = 0;

  // Appends the payloads, in this order and next to each other, and returns the first one's position once all
  // of them would survive kill -9 and power loss. All or none: after an error (Errc::limit: disk full or too
  // large; Errc::unavailable) a later reader never sees a part, except that Errc::unknown says the whole
  // batch may or may not be there. Errc::invalid: no payloads, or no such partition; Errc::cancelled: the
  // journal is being closed. Concurrent callers share one sync. Thread-safe; the payloads must live until the
  // task is done.
  virtual Task<Result<Position>> append(Partition partition, std::span<const std::string> payloads) = 0;

  // The position after the last durable entry, and of the first one still kept.
  virtual Position end(Partition partition) const = 0;
  virtual Position begin(Partition partition) const = 0;

  // A reader that starts at `from` (at the end: waits for what comes). Thread-safe. Errc::invalid: `from` is
  // after the end: who believes to have read so far follows another journal, or this one lost its tail.
  // Errc::not_found: `from` was retired.
  virtual Result<std::unique_ptr<Reader>> reader(Partition partition, Position from) = 0;

  // Entries before `position` may go, as far as the adapter's minimum age allows. Thread-safe.
  virtual Result<void> retire(Partition partition, Position position) = 0;
};

}  // namespace cairn::journal
