// Tested by head_test.cc.
#include "store/row_lists.h"

#include <algorithm>

namespace cairn::store {

namespace {
constexpr std::size_t kSlotsAtFirst = 1U << 12;
}

RowLists::RowLists() : slots_(kSlotsAtFirst) {}

const RowLists::Slot* RowLists::find(Term term) const {
  const auto mask = slots_.size() - 1;
  for (auto i = static_cast<std::size_t>(term) & mask;; i = (i + 1) & mask) {
    const auto& slot = slots_[i];
    if (slot.at == kNone) {
      return nullptr;
    }
    if (slot.term == term) {
      return &slot;
    }
  }
}

RowLists::Slot& RowLists::slot_of(Term term) {
  const auto mask = slots_.size() - 1;
  auto i = static_cast<std::size_t>(term) & mask;
  while (slots_[i].at != kNone && slots_[i].term != term) {
    i = (i + 1) & mask;
  }
  return slots_[i];
}

void RowLists::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const auto& slot : old) {
    if (slot.at != kNone) {
      slot_of(slot.term) = slot;
    }
  }
}

std::uint32_t RowLists::new_block(std::uint32_t previous, std::uint32_t room) {
  const auto begin = static_cast<std::uint32_t>(rows_.size());
  headers_.push_back({.previous = previous,
                      .begin = begin,
                      .size = 0,
                      .room = room,
                      .oldest = Time::max(),
                      .newest = Time::min()});
  rows_.resize(rows_.size() + room);
  return static_cast<std::uint32_t>(headers_.size() - 1);
}

void RowLists::put(Header& block, RowNumber row, Time time) {
  rows_[block.begin + block.size++] = row;
  block.oldest = std::min(block.oldest, time);
  block.newest = std::max(block.newest, time);
}

void RowLists::add(Term term, RowNumber row, Time time) {
  if ((used_ + 1) * 2 > slots_.size()) {
    grow();
  }
  auto& slot = slot_of(term);
  if (slot.at == kNone) {
    slot = {.term = term, .at = row, .single = true};
    ++used_;
    return;
  }
  if (slot.single) {
    if (slot.at == row) {
      return;
    }
    const auto block = new_block(kNone, kFirstBlock);
    // The first row's time is not known any more: its block is never stepped over.
    put(headers_[block], slot.at, Time::min());
    headers_[block].newest = Time::max();
    slot.at = block;
    slot.single = false;
  }
  const auto& last = headers_[slot.at];
  if (rows_[last.begin + last.size - 1] == row) {
    return;
  }
  if (last.size == last.room) {
    slot.at = new_block(slot.at, std::min(last.room * 4, kLargestBlock));
  }
  put(headers_[slot.at], row, time);
}

std::size_t RowLists::bytes_of_next_growth() const {
  const auto of = [](const auto& vector) {
    const bool soon = vector.size() * 8 > vector.capacity() * 7;
    return soon ? vector.capacity() * sizeof(vector.front()) : 0;
  };
  const bool soon = used_ * 8 > slots_.size() * 3;  // it grows at a half
  return (soon ? slots_.capacity() * sizeof(Slot) : 0) + of(headers_) + of(rows_);
}

std::size_t RowLists::bytes() const {
  return slots_.capacity() * sizeof(Slot) + headers_.capacity() * sizeof(Header) +
         rows_.capacity() * sizeof(RowNumber);
}

}  // namespace cairn::store
