#include "integrity/coverage.h"

#include <algorithm>

namespace cairn::integrity {
namespace {

constexpr Millis kGone = std::chrono::hours(24);  // a bucket or a key that is away holds digests up

// Those that touch become one.
void merge(std::vector<Interval>& intervals) {
  std::ranges::sort(intervals, {}, &Interval::from);
  std::vector<Interval> merged;
  for (const auto& interval : intervals) {
    if (!merged.empty() && interval.from <= merged.back().until) {
      merged.back().until = std::max(merged.back().until, interval.until);
    } else {
      merged.push_back(interval);
    }
  }
  intervals = std::move(merged);
}

// REQUIRES: merged.
bool hold(const std::vector<Interval>& intervals, Interval time) {
  const auto behind = std::ranges::upper_bound(intervals, time.from, {}, &Interval::from);
  return behind != intervals.begin() && time.until <= std::prev(behind)->until;
}

bool is_valid(const JudgedDigest& judged) {
  return judged.verdict.state == State::valid;
}

bool is_beginning(const JudgedDigest& judged) {
  return is_valid(judged) && !judged.digest->previous;
}

// The first digest of a chain ends when logging began, and covers the time before it only if it lists some.
Time covered_from(const Digest& digest) {
  return !digest.previous && digest.log_files.empty() ? digest.end : digest.start;
}

// Of which trail a chain is.
DigestName trail_of(DigestName name) {
  name.end = Time{};
  name.backfill = false;
  return name;
}

}  // namespace

void Coverage::add(const Chain& chain) {
  for (const auto& judged : chain) {
    if (runs_.empty() || &judged == &chain.front() || is_beginning(judged)) {
      runs_.push_back({is_beginning(judged) ? covered_from(*judged.digest) : Time::min(), judged.end()});
    }
    runs_.back().until = std::max(runs_.back().until, judged.end());
    if (!is_valid(judged)) {
      continue;
    }
    covered_.push_back({covered_from(*judged.digest), judged.digest->end});
    if (!newest_ || judged.digest->end > *newest_) {
      newest_ = judged.digest->end;
      pace_ = judged.digest->end - judged.digest->start;
    }
  }
}

void Coverage::finish() {
  merge(covered_);
  merge(runs_);
}

Says Coverage::of(Interval delivered, Time newest) const {
  if (hold(covered_, delivered)) {
    return Says::not_mine;
  }
  if (newest_ && delivered.until > *newest_) {
    return newest - *newest_ <= std::max(kGone, 2 * pace_) ? Says::not_yet : Says::nothing;
  }
  return hold(runs_, delivered) ? Says::unknown : Says::nothing;
}

void Coverages::add(const GroupName& group, const DigestName& name, const Chain& chain) {
  auto& coverage = groups_[group][trail_of(name)];
  coverage.add(chain);
  if (coverage.newest()) {
    newest_ = std::max(newest_.value_or(*coverage.newest()), *coverage.newest());
  }
}

void Coverages::finish() {
  for (auto& [group, trails] : groups_) {
    for (auto& [name, coverage] : trails) {
      coverage.finish();
    }
  }
}

Owners Coverages::owners(const GroupName& group) const {
  Owners owners;
  owners.newest_ = newest_.value_or(Time{});
  if (const auto at = groups_.find(group); at != groups_.end()) {
    for (const auto& [name, coverage] : at->second) {
      owners.trails_.push_back(&coverage);
    }
  }
  return owners;
}

Says Owners::of(Interval delivered) const {
  auto together = Says::nothing;
  for (const auto* trail : trails_) {
    together = std::max(together, trail->of(delivered, newest_));
  }
  return together;
}

}  // namespace cairn::integrity
