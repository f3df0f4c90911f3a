#include "store/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>

namespace cairn::store {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr days kLate{2};    // days before today that still have segments of their own
constexpr days kFuture{1};  // days after today likewise

constexpr std::size_t kManyMerged = 4;    // segments that are merged though they do not fill one
constexpr std::size_t kSourcesMax = 16;   // of a merge, which has a row group of each in memory
constexpr std::ptrdiff_t kOverdue = 512;  // segments of less than a quarter of the largest size, of one group

std::string day_name(sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Group group_of(sys_days day, sys_days today) {
  if (day > today + kFuture) {
    return {.name = "future", .from = Time(today + kFuture + days(1)), .to = Time::max()};
  }
  if (day >= today - kLate) {
    return {.name = day_name(day), .from = Time(day), .to = Time(day + days(1))};
  }
  const std::chrono::year_month_day date(day);
  const auto month = date.year() / date.month();
  const sys_days begin(month / 1);
  const sys_days end((month + std::chrono::months(1)) / 1);
  return {.name = day_name(day).substr(0, 7), .from = Time(begin), .to = Time(std::min(end, today - kLate))};
}

using GroupedSegments = std::map<std::string_view, std::vector<std::shared_ptr<const Segment>>>;

GroupedSegments by_group(const std::vector<std::shared_ptr<const Segment>>& segments) {
  GroupedSegments groups;
  for (const auto& segment : segments) {
    groups[segment->group].push_back(segment);
  }
  return groups;
}

// How many segments from the first on, which are sorted by rows, one merge may take; 0 where it should not.
std::size_t due_run(std::span<const std::shared_ptr<const Segment>> sorted, const Options& options,
                    std::size_t most) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  bool fills = false;
  for (; taken < std::min(sorted.size(), most); ++taken) {
    const auto& next = *sorted[taken];
    if (taken > 0 && next.rows > rows + rows / 2) {
      break;
    }
    fills = rows + next.rows > options.merge_rows_max || bytes + next.json_bytes > options.merge_bytes_max;
    if (fills) {
      break;
    }
    rows += next.rows;
    bytes += next.json_bytes;
  }
  const bool small = rows <= options.seal_rows && bytes <= options.seal_bytes;
  fills = fills || rows + rows / 3 > options.merge_rows_max || bytes + bytes / 3 > options.merge_bytes_max;
  return taken >= std::min(kManyMerged, most) || (taken >= 2 && (small || fills)) ? taken : 0;
}

// The smallest that are alike: one that has no like keeps nobody else from being merged.
std::vector<std::shared_ptr<const Segment>> smallest(std::vector<std::shared_ptr<const Segment>> group,
                                                     const Options& options, std::size_t sources_max) {
  const auto most = std::min(sources_max, kSourcesMax);
  std::ranges::stable_sort(group, {}, [](const auto& s) { return s->rows; });
  for (std::size_t first = 0; first < group.size(); ++first) {
    if (const auto taken = due_run(std::span(group).subspan(first), options, most); taken > 0) {
      const auto begin = group.begin() + static_cast<std::ptrdiff_t>(first);
      return {begin, begin + static_cast<std::ptrdiff_t>(taken)};
    }
  }
  return {};
}

}  // namespace

bool may_hold(const Segment& segment, std::string_view account, std::string_view region) {
  const auto listed = [](const std::vector<std::string>& names, std::string_view name) {
    return names.empty() || std::ranges::find(names, name) != names.end();
  };
  return listed(segment.accounts, account) && listed(segment.regions, region);
}

bool expired(const Segment& segment, Time now, Millis retention) {
  return std::min(segment.max_time, segment.sealed + kFuture + days(1)) < now - retention;
}

std::vector<Group> group_days(const std::vector<sys_days>& days_there, Time now) {
  const auto today = std::chrono::floor<days>(now);
  std::vector<Group> groups;
  for (const auto day : days_there) {
    if (groups.empty() || Time(day) >= groups.back().to) {
      groups.push_back(group_of(day, today));
    }
  }
  return groups;
}

std::vector<std::shared_ptr<const Segment>> due_merge(
    const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options,
    std::size_t sources_max) {
  for (auto& [name, group] : by_group(segments)) {
    if (auto due = smallest(std::move(group), options, sources_max); !due.empty()) {
      return due;
    }
  }
  return {};
}

bool merge_overdue(const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options) {
  return std::ranges::any_of(by_group(segments), [&](const auto& group) {
    return std::ranges::count_if(group.second, [&](const auto& s) {
             return s->rows < options.merge_rows_max / 4;
           }) > kOverdue;
  });
}

}  // namespace cairn::store
