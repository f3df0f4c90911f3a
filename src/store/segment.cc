#include "store/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cairn::store {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr days kLate{2};    // days before today that still have segments of their own
constexpr days kFuture{1};  // days after today likewise

std::string day_name(sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Group empty_group(sys_days day, sys_days today) {
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

std::vector<Group> group_days(const std::vector<DayCount>& counts, Time now) {
  const auto today = std::chrono::floor<days>(now);
  std::vector<Group> groups;
  for (const auto& count : counts) {
    if (groups.empty() || Time(count.day) >= groups.back().to) {
      groups.push_back(empty_group(count.day, today));
    }
    groups.back().rows += count.rows;
    groups.back().json_bytes += count.json_bytes;
  }
  return groups;
}

std::vector<std::shared_ptr<const Segment>> absorbed_by(
    const Group& group, const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options) {
  std::vector<std::shared_ptr<const Segment>> small;
  std::ranges::copy_if(segments, std::back_inserter(small),
                       [&](const auto& s) { return s->group == group.name; });
  std::ranges::stable_sort(small, {}, [](const auto& s) { return s->rows; });
  auto rows = group.rows;
  auto bytes = group.json_bytes;
  std::size_t taken = 0;
  while (taken < small.size() && small[taken]->rows <= rows &&
         rows + small[taken]->rows <= options.seal_rows &&
         bytes + small[taken]->json_bytes <= options.seal_bytes) {
    rows += small[taken]->rows;
    bytes += small[taken]->json_bytes;
    ++taken;
  }
  small.resize(taken);
  return small;
}

}  // namespace cairn::store
