// One lookup over a snapshot of the store: the head, then the segments newest first, until the page is full
// and nothing that is left can be newer than its last row. Internal to store/. Used by one thread at a time;
// the snapshot keeps what it reads alive.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/head.h"
#include "store/segment.h"
#include "store/segment_reader.h"

namespace cairn::store {

using Segments = std::vector<std::shared_ptr<const Segment>>;

// What the store consists of at one moment. Immutable, but for rows that are appended to the head: those are
// at `end` or after.
struct Snapshot {
  std::shared_ptr<Head> head;
  std::shared_ptr<const Segments> segments;  // newest first, by max_time
  journal::Position end;
};

class Lookup {
 public:
  // REQUIRES: criteria.limit is one more than the page has, so that it shows whether another page follows.
  Lookup(Snapshot snapshot, Criteria criteria, const SegmentReader& reader);

  Result<void> search_head(duck::Connection& connection);

  // The segments to be searched next; empty: no row that is left belongs to the page. They come in groups
  // that double in size: a page of recent events opens one file, and a rare value is looked for in many files
  // by one statement.
  std::span<const std::shared_ptr<const Segment>> next_group();
  // `files`: of next_group(), which it completes.
  Result<void> search_group(duck::Connection& connection, const std::vector<std::string>& files);

  // When there is no next group: the segments with rows of the page, and the page itself.
  Segments needed() const;
  Result<Page> page(duck::Connection& connection, const std::vector<std::string>& files) const;

  std::size_t segments_searched() const { return next_; }

 private:
  struct Hit {
    Key key;
    bool in_head;
  };
  void merge(const std::vector<Key>& keys, bool in_head);
  bool full() const { return hits_.size() >= criteria_.limit; }
  std::size_t page_size() const { return std::min(hits_.size(), criteria_.limit - 1); }
  std::vector<Key> page_keys(bool in_head) const;

  const Snapshot snapshot_;
  Criteria criteria_;  // `from` rises as the page fills
  const SegmentReader& reader_;
  Segments candidates_;
  std::size_t next_ = 0;
  std::size_t group_size_ = 1;
  std::vector<Hit> hits_;  // newest first, at most criteria_.limit
};

}  // namespace cairn::store
