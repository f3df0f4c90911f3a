// Why a page is right: a row is in the head or in one segment, and the snapshot has both as they were at one
// moment. Rows are ordered by (time, position), which is unique, and a page is the greatest keys below the
// bookmark's among rows before the snapshot's position. Neither sealing nor merging changes a row's time or
// position, so the next page, which works on a later snapshot of the store, sees the same rows below its
// bookmark, wherever they lie by then.
//
// Tested by store_test.cc and store_paging_test.cc against a naive store.
#include "store/lookup.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"

namespace cairn::store {

namespace {
constexpr std::size_t kGroupMax = 32;  // files that one statement opens
}

Lookup::Lookup(Snapshot snapshot, Criteria criteria, const SegmentReader& reader)
    : snapshot_(std::move(snapshot)), criteria_(std::move(criteria)), reader_(reader) {
  CAIRN_CHECK(criteria_.limit > 1);
  const auto newest = criteria_.before ? std::min(criteria_.to, criteria_.before->time) : criteria_.to;
  for (const auto& segment : *snapshot_.segments) {
    if (segment->first < criteria_.snapshot && segment->min_time <= newest &&
        segment->max_time >= criteria_.from && may_hold(*segment, criteria_.account, criteria_.region)) {
      candidates_.push_back(segment);
    }
  }
}

Result<void> Lookup::search_head(duck::Connection& connection) {
  CAIRN_TRY(const auto keys, find_rows(connection, {snapshot_.head->table(), {}}, criteria_));
  merge(keys, true);
  return {};
}

std::span<const std::shared_ptr<const Segment>> Lookup::next_group() {
  std::size_t count = 0;
  while (count < group_size_ && next_ + count < candidates_.size() &&
         candidates_[next_ + count]->max_time >= criteria_.from) {
    ++count;
  }
  return std::span(candidates_).subspan(next_, count);
}

Result<void> Lookup::search_group(duck::Connection& connection, const std::vector<std::string>& files) {
  CAIRN_TRY(const auto keys, reader_.find(connection, files, criteria_));
  merge(keys, false);
  next_ += files.size();
  group_size_ = std::min(group_size_ * 2, kGroupMax);
  return {};
}

void Lookup::merge(const std::vector<Key>& keys, bool in_head) {
  for (const auto& key : keys) {
    hits_.push_back({key, in_head});
  }
  std::ranges::sort(hits_, std::greater(), &Hit::key);
  if (full()) {
    hits_.resize(criteria_.limit);
    criteria_.from = std::max(criteria_.from, hits_.back().key.time);
  }
}

std::vector<Key> Lookup::page_keys(bool in_head) const {
  std::vector<Key> keys;
  for (const auto& hit : std::span(hits_).first(page_size())) {
    if (hit.in_head == in_head) {
      keys.push_back(hit.key);
    }
  }
  return keys;
}

Segments Lookup::needed() const {
  const auto keys = page_keys(false);
  Segments needed;
  std::ranges::copy_if(std::span(candidates_).first(next_), std::back_inserter(needed),
                       [&](const auto& segment) {
                         return std::ranges::any_of(keys, [&](const Key& key) {
                           return segment->min_time <= key.time && key.time <= segment->max_time &&
                                  segment->first <= key.position && key.position <= segment->last;
                         });
                       });
  return needed;
}

Result<Page> Lookup::page(duck::Connection& connection, const std::vector<std::string>& files) const {
  std::unordered_map<journal::Position, Found> rows;
  const auto add = [&](std::vector<Found> found) {
    for (auto& row : found) {
      rows.emplace(row.position, std::move(row));
    }
  };
  if (const auto keys = page_keys(true); !keys.empty()) {
    CAIRN_TRY(auto found, fetch_rows(connection, {snapshot_.head->table(), {}}, criteria_, keys));
    add(std::move(found));
  }
  if (const auto keys = page_keys(false); !keys.empty()) {
    CAIRN_TRY(auto found, reader_.fetch(connection, files, criteria_, keys));
    add(std::move(found));
  }
  Page page;
  for (const auto& hit : std::span(hits_).first(page_size())) {
    const auto row = rows.find(hit.key.position);
    if (row == rows.end()) {
      return Error{Errc::corrupt, "read the rows of a page: one is missing",
                   std::to_string(hit.key.position.raw())};
    }
    page.events.push_back(std::move(row->second));
  }
  if (full()) {
    const auto& last = hits_[page_size() - 1].key;
    page.next = Bookmark{.snapshot = criteria_.snapshot, .time = last.time, .position = last.position};
  }
  return page;
}

}  // namespace cairn::store
