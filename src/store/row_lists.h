// RowLists: for each term the rows that have it, in the order in which they came, newest first to the reader.
// A list is a chain of blocks that double in size; a block knows the times of its rows, so a reader steps
// over blocks that are too old or too new. A term of one row has no block at all. Internal to store/.
//
// Not thread-safe: the head's lock is its lock.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "store/terms.h"

namespace cairn::store {

using RowNumber = std::uint32_t;

class RowLists {
 public:
  RowLists();

  // REQUIRES: rows rise from call to call. A term that the row has already is not added again.
  void add(Term term, RowNumber row, Time time);

  // A block's rows, rising, with the times between which they are.
  struct Block {
    std::span<const RowNumber> rows;
    Time oldest;
    Time newest;
  };
  // Calls visit(Block) for the term's blocks, the last rows first, until it returns false.
  template <class Visit>
  void for_each_block(Term term, Visit&& visit) const {
    const auto* const slot = find(term);
    if (slot == nullptr) {
      return;
    }
    if (slot->single) {
      visit(Block{.rows = std::span(&slot->at, 1), .oldest = Time::min(), .newest = Time::max()});
      return;
    }
    for (auto at = slot->at; at != kNone; at = headers_[at].previous) {
      const auto& header = headers_[at];
      const auto rows = std::span(rows_).subspan(header.begin, header.size);
      if (!visit(Block{.rows = rows, .oldest = header.oldest, .newest = header.newest})) {
        return;
      }
    }
  }

  // What it takes in memory.
  std::size_t bytes() const;
  // What will be added to that by tables that are soon to be doubled.
  std::size_t bytes_of_next_growth() const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kFirstBlock = 4;
  static constexpr std::uint32_t kLargestBlock = 256;

  struct Slot {
    Term term = 0;
    std::uint32_t at = kNone;  // the row, or the last block; kNone: the slot is free
    bool single = false;
  };
  struct Header {
    std::uint32_t previous = kNone;
    std::uint32_t begin = 0;  // in rows_
    std::uint32_t size = 0;
    std::uint32_t room = 0;
    Time oldest;
    Time newest;
  };

  const Slot* find(Term term) const;
  Slot& slot_of(Term term);
  void grow();
  std::uint32_t new_block(std::uint32_t previous, std::uint32_t room);
  void put(Header& block, RowNumber row, Time time);

  std::vector<Slot> slots_;  // open addressing; a power of two
  std::size_t used_ = 0;
  std::vector<Header> headers_;
  std::vector<RowNumber> rows_;
};

}  // namespace cairn::store
