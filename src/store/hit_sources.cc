// Tested by store_test.cc, against a naive store.
#include "store/hit_sources.h"

#include <limits>

namespace cairn::store {

namespace {

postings::Key index_key(Time time, std::uint64_t position) {
  return {.time_ms = time.time_since_epoch().count(), .position = position};
}

// The first key that is too new.
postings::Key end_key(const Criteria& criteria) {
  if (criteria.before && criteria.before->time <= criteria.to) {
    return index_key(criteria.before->time, criteria.before->position.raw());
  }
  return index_key(criteria.to + Millis{1}, 0);
}

}  // namespace

Result<std::unique_ptr<HitSource>> HeadSource::open(const Head& head, const Criteria& criteria) {
  auto source = std::make_unique<HeadSource>(head, criteria);
  CAIRN_TRY_VOID(source->advance());
  return std::unique_ptr<HitSource>(std::move(source));
}

Result<void> HeadSource::advance() {
  if (next_ == rows_.size() && more_) {
    if (!rows_.empty()) {
      criteria_.before = rows_.back().key;
    }
    rows_ = head_.newest(criteria_, criteria_.limit);
    next_ = 0;
    more_ = rows_.size() == criteria_.limit;
  }
  hit_.reset();
  if (next_ < rows_.size()) {
    const auto& row = rows_[next_++];
    hit_ = Hit{.key = row.key, .segment = nullptr, .row = 0, .text = row.text};
  }
  return {};
}

Result<std::unique_ptr<HitSource>> SegmentSource::open(const Segment& segment, const Criteria& criteria) {
  auto source = std::make_unique<SegmentSource>(segment, criteria);
  CAIRN_TRY_VOID(source->start());
  CAIRN_TRY_VOID(source->advance());
  return std::unique_ptr<HitSource>(std::move(source));
}

Result<void> SegmentSource::start() {
  CAIRN_TRY(const auto* const opened, segment_.files->index());
  index_ = opened->index.get();
  CAIRN_TRY(const auto scope,
            index_->scope(scope_text(criteria_.account, criteria_.region, criteria_.category)));
  CAIRN_TRY(range_.begin, index_->lower_bound(scope, index_key(criteria_.from, 0)));
  CAIRN_TRY(range_.end, index_->lower_bound(scope, end_key(criteria_)));
  if (criteria_.attribute && range_.begin < range_.end) {
    CAIRN_TRY(rows_, index_->find(postings::Term{criteria_.term()}));
    rows_->seek_before(range_.end);
  }
  return {};
}

Result<std::optional<postings::Row>> SegmentSource::next_row() {
  if (range_.begin >= range_.end) {
    return std::optional<postings::Row>();
  }
  if (!rows_) {
    return std::optional(--range_.end);
  }
  const auto row = rows_->next();
  if (!row && !rows_->good()) {
    return Error{Errc::corrupt, "look up events: a segment's postings are damaged", segment_.postings};
  }
  return row && *row >= range_.begin ? row : std::nullopt;
}

// Rows at or after the snapshot are stepped over: the segment was sealed after the page walk had begun.
Result<void> SegmentSource::advance() {
  while (true) {
    CAIRN_TRY(const auto row, next_row());
    if (!row) {
      hit_.reset();
      return {};
    }
    CAIRN_TRY(const auto key, index_->key(*row));
    const Key found{.time = Time(Millis(key.time_ms)), .position = journal::Position{key.position}};
    if (found.position < criteria_.snapshot) {
      hit_ = Hit{.key = found, .segment = &segment_, .row = *row, .text = {}};
      return {};
    }
  }
}

}  // namespace cairn::store
