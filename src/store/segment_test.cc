// Which rows go into which segment, which segments are taken in, and the documents.
#include "store/segment.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace cairn::store {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

// A Friday; two days before it is the 18th, the day after it the 21st.
constexpr Time kNow{sys_days(year{2026} / 3 / 20) + 10h};

struct DayCase {
  sys_days day;
  std::string_view group;
  Time from;
  Time to;
};

TEST(Segment, a_day_has_a_segment_of_its_own_unless_it_is_late_or_to_come) {
  const DayCase cases[] = {
      {sys_days(year{2026} / 3 / 20), "2026-03-20", sys_days(year{2026} / 3 / 20),
       sys_days(year{2026} / 3 / 21)},
      {sys_days(year{2026} / 3 / 21), "2026-03-21", sys_days(year{2026} / 3 / 21),
       sys_days(year{2026} / 3 / 22)},
      {sys_days(year{2026} / 3 / 18), "2026-03-18", sys_days(year{2026} / 3 / 18),
       sys_days(year{2026} / 3 / 19)},
      {sys_days(year{2026} / 3 / 17), "2026-03", sys_days(year{2026} / 3 / 1), sys_days(year{2026} / 3 / 18)},
      {sys_days(year{2026} / 2 / 28), "2026-02", sys_days(year{2026} / 2 / 1), sys_days(year{2026} / 3 / 1)},
      {sys_days(year{2025} / 12 / 31), "2025-12", sys_days(year{2025} / 12 / 1),
       sys_days(year{2026} / 1 / 1)},
      {sys_days(year{2026} / 3 / 22), "future", sys_days(year{2026} / 3 / 22), Time::max()},
      {sys_days(year{9999} / 1 / 1), "future", sys_days(year{2026} / 3 / 22), Time::max()},
  };
  for (const auto& c : cases) {
    const auto groups = group_days({c.day}, kNow);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].name, c.group);
    EXPECT_EQ(groups[0].from, c.from);
    EXPECT_EQ(groups[0].to, c.to);
  }
}

TEST(Segment, days_of_one_group_are_together) {
  const auto groups =
      group_days({sys_days(year{2026} / 2 / 3), sys_days(year{2026} / 2 / 28), sys_days(year{2026} / 3 / 1),
                  sys_days(year{2026} / 3 / 19), sys_days(year{2026} / 3 / 20), sys_days(year{2027} / 3 / 20),
                  sys_days(year{2028} / 3 / 20)},
                 kNow);
  std::vector<std::string> names;
  for (const auto& group : groups) {
    names.push_back(group.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"2026-02", "2026-03", "2026-03-19", "2026-03-20", "future"}));
}

std::vector<std::shared_ptr<const Segment>> with_rows(const std::vector<std::uint64_t>& rows) {
  std::vector<std::shared_ptr<const Segment>> segments;
  for (const auto n : rows) {
    segments.push_back(
        std::make_shared<const Segment>(Segment{.group = "2026-03-20", .rows = n, .json_bytes = n * 1000}));
  }
  segments.push_back(
      std::make_shared<const Segment>(Segment{.group = "2026-03-19", .rows = 1, .json_bytes = 1}));
  return segments;
}

struct MergeCase {
  std::vector<std::uint64_t> there;
  std::vector<std::uint64_t> merged;
};

TEST(Segment, small_ones_of_a_group_are_merged_when_they_are_many_or_fill_one) {
  Options options;
  options.seal_rows = 10;
  options.seal_bytes = 10'000;
  options.merge_rows_max = 100;
  const MergeCase cases[] = {
      {{}, {}},
      {{1}, {}},
      {{1, 1}, {1, 1}},
      {{2, 1}, {}},  // the larger one waits for as much again
      {{2, 1, 1}, {1, 1, 2}},
      {{6, 6}, {}},  // too large to be merged by twos
      {{6, 6, 6}, {}},
      {{6, 6, 6, 6}, {6, 6, 6, 6}},
      {{40, 40}, {40, 40}},  // no third one has room
      {{30, 30}, {}},
      {{30, 30, 30}, {30, 30, 30}},
      {{60, 60}, {}},  // too large together
      {{100, 100, 100, 100, 1}, {}},
      {{15, 13, 16, 14}, {13, 14, 15, 16}},     // as seals are, never just as large
      {{15, 13, 1, 16, 14}, {13, 14, 15, 16}},  // the small one waits for its like, the others do not
      {{40, 15, 40, 1}, {40, 40}},
      {{34, 34}, {}},
      {{34, 34, 34}, {34, 34}},  // a third one has no room
  };
  for (const auto& c : cases) {
    std::vector<std::uint64_t> merged;
    for (const auto& segment : due_merge(with_rows(c.there), options)) {
      merged.push_back(segment->rows);
    }
    EXPECT_EQ(merged, c.merged) << ::testing::PrintToString(c.there);
  }
  EXPECT_EQ(due_merge(with_rows(std::vector<std::uint64_t>(40, 1)), options).size(), 16U);
  EXPECT_EQ(due_merge(with_rows(std::vector<std::uint64_t>(40, 9)), options, 3).size(), 3U);
  EXPECT_EQ(due_merge(with_rows(std::vector<std::uint64_t>(40, 9)), options, 2).size(), 2U);
  options.merge_bytes_max = 2500;
  EXPECT_EQ(due_merge(with_rows({1, 1, 1}), options).size(), 2U);
}

TEST(Segment, a_group_of_very_many_small_ones_is_overdue) {
  const Options options;
  EXPECT_FALSE(merge_overdue(with_rows(std::vector<std::uint64_t>(512, 100)), options));
  EXPECT_TRUE(merge_overdue(with_rows(std::vector<std::uint64_t>(513, 100)), options));
  EXPECT_FALSE(merge_overdue(with_rows(std::vector<std::uint64_t>(33, options.merge_rows_max)), options));
}

TEST(Segment, expires_with_its_newest_event_but_a_far_future_ages_from_the_seal) {
  const Millis retention = 24h * 90;
  Segment segment;
  segment.max_time = kNow;
  segment.sealed = kNow + 1h;
  EXPECT_FALSE(expired(segment, kNow + retention, retention));
  EXPECT_TRUE(expired(segment, kNow + retention + 1ms, retention));
  segment.max_time = sys_days(year{9999} / 1 / 1);
  EXPECT_FALSE(expired(segment, kNow + retention, retention));
  EXPECT_TRUE(expired(segment, kNow + retention + 72h, retention));
}

TEST(Segment, an_account_that_is_not_listed_is_not_in_it) {
  Segment segment;
  EXPECT_TRUE(may_hold(segment, "1", "r"));  // too many to list
  segment.accounts = {"1", "2"};
  segment.regions = {"r"};
  EXPECT_TRUE(may_hold(segment, "2", "r"));
  EXPECT_FALSE(may_hold(segment, "3", "r"));
  EXPECT_FALSE(may_hold(segment, "2", "s"));
}

TEST(Segment, a_document_is_read_as_it_was_written) {
  const Segment segment{.key = "store/history/segment/a",
                        .blob = "store/history/a.parquet",
                        .postings = "store/history/a.postings",
                        .group = "2026-03-20",
                        .first = journal::Position{18'446'744'073'709'551'614ULL},
                        .last = journal::Position{18'446'744'073'709'551'615ULL},
                        .min_time = kNow - 1h,
                        .max_time = kNow,
                        .sealed = kNow + 5min,
                        .rows = 2,
                        .bytes = 3,
                        .postings_bytes = 5,
                        .json_bytes = 4,
                        .accounts = {"111122223333"},
                        .regions = {"us-east-1", "eu-west-1"},
                        .files = nullptr};
  const auto read = parse_segment({.key = segment.key, .value = to_json(segment), .version = 1});
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(segment));
  EXPECT_EQ(read->key, segment.key);
  EXPECT_EQ(read->first, segment.first);
  EXPECT_EQ(read->max_time, segment.max_time);
  EXPECT_EQ(read->regions, segment.regions);
}

TEST(Segment, a_damaged_document_is_an_error_that_names_it) {
  const std::pair<std::string_view, Errc> cases[] = {{"", Errc::corrupt},
                                                     {"[]", Errc::corrupt},
                                                     {"{}", Errc::corrupt},
                                                     {R"({"format":2})", Errc::corrupt},
                                                     {R"({"format":2,"blob":7})", Errc::corrupt},
                                                     {R"({"format":1})", Errc::invalid},
                                                     {R"({"format":4})", Errc::invalid}};
  for (const auto& [value, code] : cases) {
    const auto read = parse_segment({.key = "k", .value = std::string(value), .version = 1});
    ASSERT_FALSE(read.has_value()) << value;
    EXPECT_EQ(read.error().code, code) << value;
    EXPECT_EQ(read.error().subject, "k");
  }
  for (const auto* value : {"", "{}", R"({"format":2,"position":1,"time":2})", R"({"format":4})"}) {
    EXPECT_FALSE(parse_aside({.key = "k", .value = value, .version = 1}).has_value()) << value;
  }
  const Aside aside{.position = journal::Position{7}, .time = kNow, .json = R"({"a":"ä"})"};
  const auto again = parse_aside({.key = "k", .value = to_json(aside), .version = 1});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(to_json(*again), to_json(aside));
  EXPECT_FALSE(parse_cursor({.key = "k", .value = R"({"format":2,"position":-1,"seal":"x"})", .version = 1})
                   .has_value());
  EXPECT_FALSE(parse_cursor({.key = "k", .value = R"({"format":2,"position":1})", .version = 1}).has_value());
}

}  // namespace
}  // namespace cairn::store
