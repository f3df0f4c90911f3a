#include "integrity/coverage.h"

#include <algorithm>

namespace cairn::integrity {
namespace {

constexpr Millis kGone = std::chrono::hours(24);  // a bucket or a key that is away holds digests up
constexpr Millis kFirstPut = std::chrono::hours(1);

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

// Of which trail a chain is. An organization's has files of all its accounts.
DigestName trail_of(DigestName name) {
  name.end = Time{};
  name.backfill = false;
  name.region.clear();
  if (!name.organization.empty()) {
    name.account.clear();
  }
  return name;
}

const Coverage* find(const std::map<DigestName, Coverage>& trails, const DigestName& name) {
  const auto at = trails.find(name);
  return at == trails.end() ? nullptr : &at->second;
}

bool may_deliver(const DigestName& trail, const GroupName& group) {
  return trail.prefix == group.prefix && trail.organization == group.organization &&
         (!trail.organization.empty() || trail.account == group.account);
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

Says Coverage::of(Interval delivered, Millis late, Time newest) const {
  const bool is_covered = hold(covered_, delivered);
  const bool is_behind = newest_ && delivered.until > *newest_;
  const bool goes_on = newest_ && newest - *newest_ <= std::max(kGone, 2 * pace_);
  if (goes_on && (is_behind || (is_covered && delivered.until + late > *newest_))) {
    return Says::not_yet;
  }
  if (is_covered) {
    return Says::not_mine;
  }
  // A trail that was given another bucket has the last ones of this in the first digest there.
  const bool may_be_elsewhere = is_behind && delivered.from < *newest_ + pace_;
  return may_be_elsewhere || (!is_behind && hold(runs_, delivered)) ? Says::unknown : Says::nothing;
}

void Coverages::add(const GroupName& group, const DigestName& name, const Chain& chain) {
  const auto trail = trail_of(name);
  groups_[group][trail].add(chain);
  auto& everywhere = trails_[trail];
  everywhere.add(chain);
  if (everywhere.newest()) {
    newest_ = std::max(newest_.value_or(*everywhere.newest()), *everywhere.newest());
  }
}

void Coverages::finish() {
  for (auto& [group, trails] : groups_) {
    std::ranges::for_each(trails, [](auto& trail) { trail.second.finish(); });
  }
  std::ranges::for_each(trails_, [](auto& trail) { trail.second.finish(); });
}

Owners Coverages::owners(const GroupName& group) const {
  Owners owners;
  owners.newest_ = newest_.value_or(Time{});
  const auto here = groups_.find(group);
  for (const auto& [name, everywhere] : trails_) {
    if (may_deliver(name, group)) {
      owners.trails_.push_back(
          {.here = here == groups_.end() ? nullptr : find(here->second, name), .everywhere = &everywhere});
    }
  }
  return owners;
}

// Where its chain was not begun yet or has ended, the others' digests show that it went on. The first one
// here is for the same time as theirs, and may be put a while later. Where its chain was not begun yet or has
// ended, the others' digests show that it went on. The first one here is of the same time as theirs, and may
// be put a while later.
Says Owners::of(const Owner& owner, Interval delivered) const {
  const auto here = owner.here == nullptr ? Says::nothing : owner.here->of(delivered, Millis{0}, newest_);
  if (here != Says::nothing) {
    return here;
  }
  return owner.everywhere->of(delivered, std::max(kFirstPut, owner.everywhere->pace()), newest_);
}

Says Owners::of(Interval delivered) const {
  auto together = Says::nothing;
  for (const auto& owner : trails_) {
    together = std::max(together, of(owner, delivered));
  }
  return together;
}

}  // namespace cairn::integrity
