// One lookup over a snapshot of the store: a merge, newest first, of the rows of all heads and segments that
// have the criteria's term, which reads no more than the page needs. Internal to store/. Used by one thread;
// the snapshot keeps what it reads alive.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/head.h"
#include "store/page_texts.h"
#include "store/segment.h"

namespace cairn::store {

using Segments = std::vector<std::shared_ptr<const Segment>>;

// What the store consists of at one moment. Immutable, but for rows that are appended to the last head: those
// are at `end` or after.
struct Snapshot {
  std::vector<std::shared_ptr<Head>> heads;  // oldest first; one at least: the last one takes rows
  std::shared_ptr<const Segments> segments;  // newest first, by max_time
  journal::Position end;
  std::shared_ptr<Head> aside;  // rows that no job could seal; null: none
  journal::Position sealed;     // what the oldest head has before it is in segments already
};

// A row that may belong to the page.
struct Hit {
  Key key;
  const Segment* segment = nullptr;  // null: of a head
  std::uint64_t row = 0;             // of the segment
  std::string_view text;             // of a head's row
};

// Rows of one head or segment, newest first.
class HitSource {
 public:
  virtual ~HitSource() = default;
  // The row it stands at; nothing at the end.
  virtual const std::optional<Hit>& hit() const = 0;
  virtual Result<void> advance() = 0;
};

// What a lookup works with; outlives it.
struct LookupPorts {
  SegmentCache& cache;
  async::Pool& pool;  // for others to help it
};

class Lookup {
 public:
  // REQUIRES: criteria.limit is one more than the page has, so that it shows whether another page follows.
  Lookup(Snapshot snapshot, Criteria criteria, LookupPorts ports, LookupDeadline deadline);
  ~Lookup();

  // Errc::limit: the deadline is over.
  Result<Page> page();

  std::size_t segments_searched() const { return next_; }

 private:
  Result<void> add(std::unique_ptr<HitSource> source);
  Result<void> open_heads();
  Result<void> open_segments();
  Result<std::vector<Hit>> take(std::size_t count);
  Result<void> read(const std::vector<Hit>& hits);
  Result<void> keep(const Hit& hit, std::string text);
  Result<bool> repeats_an_earlier(const Hit& hit, const event::View& view);
  Result<bool> has_repeat(std::unique_ptr<HitSource> source, const event::View& later);
  Page finish();

  const Snapshot snapshot_;
  const Criteria criteria_;
  const LookupPorts ports_;
  const LookupDeadline deadline_;
  Segments candidates_;  // newest first
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<HitSource>> sources_;  // a heap, the newest hit in front
  std::vector<Found> found_;
};

}  // namespace cairn::store
