// Tested by head_test.cc and, against a naive store, store_test.cc.
#include "store/head.h"

#include <algorithm>
#include <mutex>

#include "store/repeats.h"

namespace cairn::store {

namespace {

constexpr std::size_t kRowsPerLock = 256;

// The greatest keys of what it is offered.
class Newest {
 public:
  explicit Newest(std::size_t count) : count_(count) { rows_.reserve(count + 1); }

  bool wants(const Key& key) const { return rows_.size() < count_ || key > rows_.front().key; }
  void offer(const HeadRow& row) {
    if (!wants(row.key)) {
      return;
    }
    rows_.push_back(row);
    std::ranges::push_heap(rows_, std::greater(), &HeadRow::key);
    if (rows_.size() > count_) {
      std::ranges::pop_heap(rows_, std::greater(), &HeadRow::key);
      rows_.pop_back();
    }
  }
  std::vector<HeadRow> take() && {
    std::ranges::sort(rows_, std::greater(), &HeadRow::key);
    return std::move(rows_);
  }

 private:
  const std::size_t count_;
  std::vector<HeadRow> rows_;  // a heap, the smallest key in front
};

}  // namespace

std::size_t Head::append(std::span<const Row* const> rows, journal::Position end) {
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < rows.size(); i += kRowsPerLock) {
    const std::unique_lock lock(mutex_);
    for (const auto* row : rows.subspan(i, std::min(kRowsPerLock, rows.size() - i))) {
      left_out += add(*row) ? 0 : 1;
    }
  }
  end_ = end;
  return left_out;
}

bool Head::add(const Row& row) {
  const auto scope = scope_term(row.view);
  if (repeats(row, attribute_term(scope, Attribute::event_id, row.view.event_id))) {
    return false;
  }
  const auto number = static_cast<RowNumber>(rows_.size());
  const Key key{.time = row.view.time, .position = row.position};
  rows_.push_back({.key = key, .text = arena_.add(row.json)});
  text_bytes_ += row.json.size();
  lists_.add(scope, number, key.time);
  for_each_term(scope, row.view, [&](Term term) { lists_.add(term, number, key.time); });
  return true;
}

bool Head::repeats(const Row& row, Term id_term) const {
  bool found = false;
  lists_.for_each_block(id_term, [&](const RowLists::Block& block) {
    for (const auto number : block.rows) {
      const auto& there = rows_[number];
      found = found || (there.key.time == row.view.time && is_repeat(there.text, row.view));
    }
    return false;  // the last rows of the same id are enough: a sender that repeats itself does so soon
  });
  return found;
}

std::vector<HeadRow> Head::newest(const Criteria& criteria, std::size_t count) const {
  Newest newest(count);
  const auto unsealed = set_aside_ ? journal::Position() : criteria.unsealed;
  const auto to = criteria.before ? std::min(criteria.to, criteria.before->time) : criteria.to;
  const std::shared_lock lock(mutex_);
  lists_.for_each_block(criteria.term(), [&](const RowLists::Block& block) {
    const Key best{.time = block.newest, .position = rows_[block.rows.back()].key.position};
    if (block.oldest > to || block.newest < criteria.from || !newest.wants(best) ||
        best.position < unsealed) {
      return true;
    }
    for (const auto number : block.rows) {
      const auto& row = rows_[number];
      if (row.key.position >= unsealed && criteria.has(row.key)) {
        newest.offer(row);
      }
    }
    return true;
  });
  return std::move(newest).take();
}

// Nobody else changes rows_, so these need no lock.
std::size_t Head::rows_from(journal::Position from) const {
  const auto at = std::ranges::lower_bound(rows_, from, {}, [](const HeadRow& row) { return row.key.position; });
  return static_cast<std::size_t>(rows_.end() - at);
}

journal::Position Head::after(journal::Position from, std::size_t count) const {
  const auto left = rows_from(from);
  return left <= count ? end_ : rows_[rows_.size() - left + count].key.position;
}

std::size_t Head::bytes() const {
  const std::shared_lock lock(mutex_);
  return arena_.bytes() + rows_.size() * sizeof(HeadRow) + lists_.bytes();
}

std::size_t Head::bytes_soon() const {
  return bytes() + lists_.bytes_of_next_growth();
}

}  // namespace cairn::store
