// Tested by store_test.cc, against a naive store.
#include "store/hit_sources.h"

namespace cairn::store {

namespace {

postings::Key index_key(Time time, std::uint64_t position) {
  return {.time_ms = time.time_since_epoch().count(), .position = position};
}

// Of a list so short, the keys are looked at one by one.
constexpr postings::Row kFewRows = 64;

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

Result<std::unique_ptr<HitSource>> SegmentSource::open(const Segment& segment, const Criteria& criteria,
                                                       SegmentCache& cache) {
  auto source = std::make_unique<SegmentSource>(segment, criteria);
  CAIRN_TRY_VOID(source->start(cache));
  CAIRN_TRY_VOID(source->advance());
  return std::unique_ptr<HitSource>(std::move(source));
}

// An absent value, which most segments answer with, costs no more than its term.
Result<void> SegmentSource::start(SegmentCache& cache) {
  CAIRN_TRY(opened_, cache.open(*segment_.files));
  const auto& index = *opened_->index;
  if (criteria_.attribute) {
    CAIRN_TRY(rows_, index.find(postings::Term{criteria_.term()}));
    if (rows_->count() == 0) {
      return {};
    }
  }
  CAIRN_TRY(range_, index.scope(scope_text(criteria_.account, criteria_.region, criteria_.category)));
  if (!rows_ || rows_->count() > kFewRows) {
    CAIRN_TRY_VOID(bound());
  }
  if (rows_) {
    rows_->seek_before(range_.end);
  }
  return {};
}

// A search in the keys for each end that cuts the segment.
Result<void> SegmentSource::bound() {
  const auto& index = *opened_->index;
  const auto end = end_key(criteria_);
  if (end < index_key(segment_.max_time + Millis{1}, 0)) {
    CAIRN_TRY(range_.end, index.lower_bound(range_, end));
  }
  if (criteria_.from > segment_.min_time) {
    CAIRN_TRY(range_.begin, index.lower_bound(range_, index_key(criteria_.from, 0)));
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
    return rows_->error();
  }
  return row && *row >= range_.begin ? row : std::nullopt;
}

// Rows at or after the snapshot are stepped over: the segment was sealed after the page walk had begun. So
// are those of a short list that are too new.
Result<void> SegmentSource::advance() {
  hit_.reset();
  while (true) {
    CAIRN_TRY(const auto row, next_row());
    if (!row) {
      return {};
    }
    CAIRN_TRY(const auto key, opened_->index->key(*row));
    const Key found{.time = Time(Millis(key.time_ms)), .position = journal::Position{key.position}};
    if (found.time < criteria_.from) {
      return {};
    }
    if (criteria_.has(found)) {
      hit_ = Hit{.key = found, .segment = &segment_, .row = *row, .text = {}};
      return {};
    }
  }
}

}  // namespace cairn::store
