// Why a page is right: a row is in a head or in one segment, and the snapshot has both as they were at one
// moment. Rows are ordered by (time, position), which is unique, and a page is the greatest keys below the
// bookmark's among rows before the snapshot's position. Neither sealing nor merging changes a row's time or
// position, so the next page, which works on a later snapshot of the store, sees the same rows below its
// bookmark, wherever they lie by then.
//
// A repeat of an event goes when the two meet in one seal or merge, which keeps the first. Until then a page
// shows what will stay: a row is left out when there is an earlier one that it repeats (same scope, time and
// id, a lower position). That is asked of the index for every row that is shown, so it does not matter on
// which page the other one is, nor whether it went between two pages.
//
// A segment is opened when no row that is left elsewhere is newer than its newest. A row found by its term is
// only kept when its text says that it fits, so more rows are taken until the page is full.
//
// Tested by store_test.cc and store_paging_test.cc against a naive store.
#include "store/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "store/hit_sources.h"
#include "store/repeats.h"

namespace cairn::store {

namespace {

constexpr std::size_t kRepeatsAtATime = 8;  // that a head is asked for

bool older(const std::unique_ptr<HitSource>& a, const std::unique_ptr<HitSource>& b) {
  return a->hit()->key < b->hit()->key;
}

}  // namespace

Lookup::Lookup(Snapshot snapshot, Criteria criteria, LookupPorts ports, LookupDeadline deadline)
    : snapshot_(std::move(snapshot)), criteria_(std::move(criteria)), ports_(ports), deadline_(deadline) {
  CAIRN_CHECK(criteria_.limit > 1);
  const auto newest = criteria_.before ? std::min(criteria_.to, criteria_.before->time) : criteria_.to;
  for (const auto& segment : *snapshot_.segments) {
    if (segment->first < criteria_.snapshot && segment->min_time <= newest &&
        segment->max_time >= criteria_.from && may_hold(*segment, criteria_.account, criteria_.region)) {
      candidates_.push_back(segment);
    }
  }
}

Lookup::~Lookup() = default;

Result<void> Lookup::add(std::unique_ptr<HitSource> source) {
  if (source->hit()) {
    sources_.push_back(std::move(source));
    std::ranges::push_heap(sources_, older);
  }
  return {};
}

Result<void> Lookup::open_heads() {
  for (const auto& head : snapshot_.heads) {
    CAIRN_TRY(auto source, HeadSource::open(*head, criteria_));
    CAIRN_TRY_VOID(add(std::move(source)));
  }
  return {};
}

// All that may have a row newer than the newest there is.
Result<void> Lookup::open_segments() {
  while (next_ < candidates_.size() &&
         (sources_.empty() || candidates_[next_]->max_time >= sources_.front()->hit()->key.time)) {
    CAIRN_TRY_VOID(in_time(deadline_));
    CAIRN_TRY(auto source, SegmentSource::open(*candidates_[next_++], criteria_, ports_.cache));
    CAIRN_TRY_VOID(add(std::move(source)));
  }
  return {};
}

Result<std::vector<Hit>> Lookup::take(std::size_t count) {
  std::vector<Hit> hits;
  while (hits.size() < count) {
    CAIRN_TRY_VOID(open_segments());
    if (sources_.empty()) {
      break;
    }
    std::ranges::pop_heap(sources_, older);
    auto source = std::move(sources_.back());
    sources_.pop_back();
    hits.push_back(*source->hit());
    CAIRN_TRY_VOID(source->advance());
    CAIRN_TRY_VOID(add(std::move(source)));
  }
  return hits;
}

// Each segment's texts are read together, in the file's order.
Result<void> Lookup::read(const std::vector<Hit>& hits) {
  std::map<const Segment*, std::vector<std::uint64_t>> wanted;
  for (const auto& hit : hits) {
    if (hit.segment != nullptr) {
      wanted[hit.segment].push_back(hit.row);
    }
  }
  std::vector<PageTexts::Part> parts;
  for (auto& [segment, rows] : wanted) {
    std::ranges::sort(rows);
    parts.push_back({.segment = segment, .rows = std::move(rows), .texts = {}});
  }
  CAIRN_TRY(parts, PageTexts::read(std::move(parts), ports_.cache, ports_.pool, deadline_));
  for (const auto& hit : hits) {
    if (hit.segment == nullptr) {
      CAIRN_TRY_VOID(keep(hit, std::string(hit.text)));
      continue;
    }
    auto& part = *std::ranges::lower_bound(parts, hit.segment, std::less(), &PageTexts::Part::segment);
    const auto at = std::ranges::lower_bound(part.rows, hit.row) - part.rows.begin();
    CAIRN_TRY_VOID(keep(hit, std::move(part.texts[static_cast<std::size_t>(at)])));
  }
  return {};
}

// Only what can be read as a record was ever written, under the time it has.
Result<void> Lookup::keep(const Hit& hit, std::string text) {
  auto view = event::view(text);
  if (!view || view->time != hit.key.time) {
    return Error{Errc::corrupt, "read the rows of a page: one is not the record its index has",
                 fmt::format("position {}", hit.key.position.raw())};
  }
  if (!criteria_.fits(*view)) {
    return {};
  }
  CAIRN_TRY(const auto repeats, repeats_an_earlier(hit, *view));
  if (!repeats) {
    found_.push_back({.position = hit.key.position, .view = *std::move(view), .json = std::move(text)});
  }
  return {};
}

// Of other segments only those can have it whose times and positions reach so far: few, because times mostly
// rise. A segment itself has no repeats.
Result<bool> Lookup::repeats_an_earlier(const Hit& hit, const event::View& view) {
  const Criteria same{.account = criteria_.account,
                      .region = criteria_.region,
                      .category = criteria_.category,
                      .attribute = {{Attribute::event_id, std::string(view.event_id)}},
                      .from = hit.key.time,
                      .to = hit.key.time,
                      .snapshot = criteria_.snapshot,
                      .unsealed = criteria_.unsealed,
                      .before = hit.key,
                      .limit = kRepeatsAtATime};
  for (const auto& head : snapshot_.heads) {
    if (head->begin() < hit.key.position) {
      CAIRN_TRY(auto source, HeadSource::open(*head, same));
      CAIRN_TRY(const auto found, has_repeat(std::move(source), view));
      if (found) {
        return true;
      }
    }
  }
  for (const auto& segment : candidates_) {
    if (segment.get() != hit.segment && segment->first < hit.key.position &&
        segment->min_time <= hit.key.time && segment->max_time >= hit.key.time) {
      CAIRN_TRY_VOID(in_time(deadline_));
      CAIRN_TRY(auto source, SegmentSource::open(*segment, same, ports_.cache));
      CAIRN_TRY(const auto found, has_repeat(std::move(source), view));
      if (found) {
        return true;
      }
    }
  }
  return false;
}

// A hit may be of another id: its text says.
Result<bool> Lookup::has_repeat(std::unique_ptr<HitSource> source, const event::View& later) {
  parquet::RowReader reader;
  while (const auto hit = source->hit()) {
    if (hit->segment == nullptr) {
      if (is_repeat(hit->text, later)) {
        return true;
      }
    } else {
      const auto& files = *hit->segment->files;
      const std::uint64_t rows[] = {hit->row};
      CAIRN_TRY(const auto index, ports_.cache.open(files));
      CAIRN_TRY(const auto texts, files.texts(*index, reader, rows));
      if (is_repeat(texts.front(), later)) {
        return true;
      }
    }
    CAIRN_TRY_VOID(source->advance());
  }
  return false;
}

Page Lookup::finish() {
  Page page;
  if (found_.size() == criteria_.limit) {
    found_.pop_back();
    const auto& last = found_.back();
    page.next = Bookmark{.snapshot = criteria_.snapshot, .time = last.view.time, .position = last.position};
  }
  page.events = std::move(found_);
  return page;
}

Result<Page> Lookup::page() {
  CAIRN_TRY_VOID(in_time(deadline_));
  CAIRN_TRY_VOID(open_heads());
  while (found_.size() < criteria_.limit) {
    CAIRN_TRY(const auto hits, take(criteria_.limit - found_.size()));
    if (hits.empty()) {
      break;
    }
    CAIRN_TRY_VOID(read(hits));
  }
  return finish();
}

}  // namespace cairn::store
