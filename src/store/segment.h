// A segment: one sealed Parquet file and what the catalog's document says about it. docs/formats/segment.md.
// Internal to store/. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "journal/journal.h"
#include "store/store.h"

namespace cairn::store {

inline constexpr int kSegmentFormat = 1;

// A value; never changes once it is in the catalog.
struct Segment {
  std::string key;          // the document's
  std::string blob;         // the Parquet file's
  std::string group;        // "2026-03-02", "2026-02" for late rows, "future"
  journal::Position first;  // the lowest position in it, and the highest
  journal::Position last;
  Time min_time;  // of the events
  Time max_time;
  Time sealed;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;       // of the file
  std::uint64_t json_bytes = 0;  // of the records' text
  // What occurs in it; empty when there are more than kListedMax.
  std::vector<std::string> accounts;
  std::vector<std::string> regions;

  static constexpr std::size_t kListedMax = 64;
};

std::string to_json(const Segment& segment);
// Errc::corrupt; Errc::invalid for a newer format.
Result<Segment> parse_segment(const catalog::Document& document);

// The cursor's document. `seal` is drawn anew for each seal: who finds its own knows that its commit went
// through.
struct Cursor {
  journal::Position position;
  std::string seal;
};
std::string to_json(const Cursor& cursor);
Result<Cursor> parse_cursor(const catalog::Document& document);

// Could the segment hold rows of this account and region?
bool may_hold(const Segment& segment, std::string_view account, std::string_view region);

// Everything in it is past the retention. Events from the future (a wrong clock) age from the time they were
// sealed.
bool expired(const Segment& segment, Time now, Millis retention);

// The rows that one segment takes: those of one day, or of one month when they are more than two days late.
struct Group {
  std::string name;
  Time from;  // inclusive
  Time to;    // exclusive
  std::uint64_t rows = 0;
  std::uint64_t json_bytes = 0;
};
struct DayCount {
  std::chrono::sys_days day;
  std::uint64_t rows = 0;
  std::uint64_t json_bytes = 0;
};
// REQUIRES: days rise.
std::vector<Group> group_days(const std::vector<DayCount>& days, Time now);

// Which of the small segments of its group a new one takes in, so that a quiet day ends with few segments and
// not with one for every five minutes: those no larger than what is there already, as long as the whole stays
// within a seal's size. Each row is so rewritten at most log2(seal_rows) times.
std::vector<std::shared_ptr<const Segment>> absorbed_by(
    const Group& group, const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options);

}  // namespace cairn::store
