// A segment: a sealed Parquet file, its postings, and what the catalog's document says about them.
// docs/formats/segment.md. Internal to store/. Pure.
#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "journal/journal.h"
#include "store/store.h"

namespace cairn::store {

inline constexpr int kSegmentFormat = 3;
inline constexpr int kSegmentFormatMin = 2;  // of those that are read

class SegmentFiles;

// A value; never changes once it is in the catalog.
struct Segment {
  std::string key;          // the document's
  std::string blob;         // the Parquet file's
  std::string postings;     // the postings file's blob
  std::string group;        // "2026-03-02", "2026-02" for late rows, "future"
  journal::Position first;  // the lowest position in it, and the highest
  journal::Position last;
  Time min_time;  // of the events
  Time max_time;
  Time sealed;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;           // of the Parquet file
  std::uint64_t postings_bytes = 0;  // of the postings file
  std::uint64_t json_bytes = 0;      // of the records' text
  // What occurs in it; empty when there are more than kListedMax.
  std::vector<std::string> accounts;
  std::vector<std::string> regions;
  std::shared_ptr<SegmentFiles> files;  // on this machine; not in the document

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

// A row that no job could seal: its record lies in a document of its own, and in memory while the store runs.
struct Aside {
  journal::Position position;
  Time time;
  std::string json;
};
std::string to_json(const Aside& aside);
Result<Aside> parse_aside(const catalog::Document& document);

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
};
// The groups of events of these days. REQUIRES: days rise.
std::vector<Group> group_days(const std::vector<std::chrono::sys_days>& days, Time now);

// Segments of one group that should be one now, so that a day ends with few segments and not with one for
// every few minutes. Empty: none. The smallest first, as long as each is at most half as large again as
// those before it together and the whole stays within Options::merge_rows_max and merge_bytes_max; two are
// enough when they are small, larger ones wait until there are four or they fill a segment. So a row is
// rewritten a few times only. At most `sources_max` (2 at least) and 16.
std::vector<std::shared_ptr<const Segment>> due_merge(
    const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options,
    std::size_t sources_max = std::numeric_limits<std::size_t>::max());

// Has some group so many segments that merging must not wait for a quiet time?
bool merge_overdue(const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options);

}  // namespace cairn::store
