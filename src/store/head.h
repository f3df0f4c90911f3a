// Head: the rows of a range of the journal that are in no segment yet, in memory: the records' texts, and for
// each term the rows that have it. Internal to store/.
//
// One thread appends; any may look for rows. The lock is held for a few hundred rows at a time, so that
// nobody waits long. What newest() returned points into the head and stays as long as the head does.
#pragma once

#include <deque>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <vector>

#include "store/arena.h"
#include "store/criteria.h"
#include "store/row_lists.h"

namespace cairn::store {

// A row of a head: its key, and the record's text.
struct HeadRow {
  Key key;
  std::string_view text;
};

class Head {
 public:
  explicit Head(journal::Position begin) : begin_(begin), end_(begin) {}
  // Of rows that are in no segment though Criteria::unsealed is after them.
  struct SetAside {};
  explicit Head(SetAside) : set_aside_(true) {}

  // Adds rows, but for those that repeat an earlier one (is_repeat() in store/repeats.h). Returns how many it
  // left out. REQUIRES: positions rise.
  std::size_t append(std::span<const Row* const> rows, journal::Position end);

  // The newest rows with the criteria's term (or another value's with the same fingerprint), at most `count`,
  // newest first.
  std::vector<HeadRow> newest(const Criteria& criteria, std::size_t count) const;

  // The range of the journal it has the rows of. `end` is the appending thread's.
  journal::Position begin() const { return begin_; }
  journal::Position end() const { return end_; }
  // The appending thread's, as these.
  std::size_t rows() const { return rows_.size(); }
  std::size_t text_bytes() const { return text_bytes_; }
  // How many of its rows are at `from` or after.
  std::size_t rows_from(journal::Position from) const;
  // The position after the first `count` rows at `from` or after; end() when there are no more.
  journal::Position after(journal::Position from, std::size_t count) const;
  // The first row at `from` or after. REQUIRES: there is one.
  const HeadRow& row_from(journal::Position from) const { return rows_[rows_.size() - rows_from(from)]; }
  // What it takes in memory: texts, terms and keys.
  std::size_t bytes() const;
  // The same after a few hundred rows more, as far as tables grow by steps.
  std::size_t bytes_soon() const;

 private:
  bool repeats(const Row& row, Term id_term) const;
  bool add(const Row& row);

  const bool set_aside_ = false;
  const journal::Position begin_;
  journal::Position end_;
  std::size_t text_bytes_ = 0;

  mutable std::shared_mutex mutex_;
  Arena arena_;               // guarded, as what follows
  std::deque<HeadRow> rows_;  // by number
  RowLists lists_;
};

}  // namespace cairn::store
