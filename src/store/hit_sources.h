// Where a lookup's rows come from: a head, and a segment. Internal to store/.
#pragma once

#include "store/lookup.h"
#include "store/segment_files.h"

namespace cairn::store {

// Asks the head for as many rows as the page has, and again when they did not do.
class HeadSource final : public HitSource {
 public:
  // The head and the criteria live longer.
  static Result<std::unique_ptr<HitSource>> open(const Head& head, const Criteria& criteria);
  HeadSource(const Head& head, const Criteria& criteria) : head_(head), criteria_(criteria) {}

  const std::optional<Hit>& hit() const override { return hit_; }
  Result<void> advance() override;

 private:
  const Head& head_;
  Criteria criteria_;  // `before` falls as rows are taken
  std::vector<HeadRow> rows_;
  std::size_t next_ = 0;
  bool more_ = true;
  std::optional<Hit> hit_;
};

// Walks down a term's rows, or all of a scope's.
class SegmentSource final : public HitSource {
 public:
  // The segment and the criteria live longer.
  static Result<std::unique_ptr<HitSource>> open(const Segment& segment, const Criteria& criteria,
                                                 SegmentCache& cache);
  SegmentSource(const Segment& segment, const Criteria& criteria) : segment_(segment), criteria_(criteria) {}

  const std::optional<Hit>& hit() const override { return hit_; }
  Result<void> advance() override;

 private:
  Result<void> start(SegmentCache& cache);
  Result<void> bound();
  Result<std::optional<postings::Row>> next_row();

  const Segment& segment_;
  const Criteria& criteria_;
  std::shared_ptr<const SegmentIndex> opened_;
  postings::Range range_;               // rows of the scope; of many, those between the criteria's times
  std::optional<postings::Rows> rows_;  // of the attribute's term; none: all of the range
  std::optional<Hit> hit_;
};

}  // namespace cairn::store
