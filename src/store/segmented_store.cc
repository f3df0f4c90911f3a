// The follower's side: appending, and what maintain() does in which order. Jobs are in
// segmented_store_jobs.cc, commits in segmented_store_commit.cc, lookups in segmented_store_lookup.cc.
//
// Tested by store_test.cc, store_crash_test.cc.
#include "store/segmented_store.h"

#include "base/log.h"
#include "store/columns.h"

namespace cairn::store {

namespace {
}

SegmentedStore::SegmentedStore(Options options, Ports ports, Metrics& metrics, std::string scratch,
                               Loaded loaded)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      scratch_(std::move(scratch)),
      measures_(metrics, options_.name),
      slots_(std::make_shared<Slots>(options_.lookups_max, options_.lookups_waiting_max)),
      cache_(std::make_shared<SegmentCache>(options_.segment_cache_bytes_max,
                                            options_.postings_cache_bytes_max)),
      snapshot_{.heads = {std::make_shared<Head>(loaded.cursor)}, .segments = {}, 
                .end = loaded.cursor, .aside = nullptr, .sealed = loaded.cursor},
      cursor_(loaded.cursor.raw()),
      cursor_version_(loaded.cursor_version) {
  metrics.limit("cairn_store_head_rows", static_cast<double>(options_.heads_max * options_.head_rows_max),
                {{"store", options_.name}});
  metrics.limit("cairn_store_cache_bytes",
                static_cast<double>(options_.segment_cache_bytes_max + options_.postings_cache_bytes_max),
                {{"store", options_.name}});
  publish(std::move(loaded.segments), 0, keep_aside(std::move(loaded.aside)));
}

void SegmentedStore::stop() {
  if (running_) {
    std::unique_lock lock(outcome_mutex_);
    outcome_there_.wait(lock, [this] { return outcome_.has_value(); });
  }
  gate_.close();
  while (!gate_.wait_empty(Millis{1'000})) {
    log::warn("the store waits for its last job", {{"store", options_.name}});
  }
}

Snapshot SegmentedStore::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

Time SegmentedStore::oldest_kept() const {
  const auto& ages = options_.ages != nullptr ? *options_.ages : ports_.clock;
  return std::max(kTimeMin, ages.now() - options_.retention.get());
}

std::vector<const Row*> SegmentedStore::wanted(const std::vector<Row>& rows, journal::Position from) {
  const auto oldest = oldest_kept();
  std::vector<const Row*> wanted;
  wanted.reserve(rows.size());
  for (const auto& row : rows) {
    if (row.position < from) {
      continue;
    }
    if (row.view.time < oldest) {
      measures_.dropped_old.add();
    } else if (row.view.time > kTimeMax || !storable(row)) {
      measures_.dropped_damaged.add();
      log::error("record left out of the store: its text is damaged", {{"position", row.position.raw()}});
    } else {
      wanted.push_back(&row);
    }
  }
  return wanted;
}

bool SegmentedStore::is_full(const Head& head) const {
  return head.rows() >= options_.head_rows_max || head.bytes_soon() >= options_.head_bytes_max;
}

bool SegmentedStore::is_due(const Head& head, Time now) const {
  return head.rows() >= options_.seal_rows || head.bytes() >= options_.seal_bytes ||
         (unsealed_since_ && now - *unsealed_since_ >= options_.seal_age);
}

void SegmentedStore::begin_head() {
  auto head = std::make_shared<Head>(end());
  unsealed_since_.reset();
  const std::lock_guard lock(mutex_);
  snapshot_.heads.push_back(std::move(head));
}

void SegmentedStore::measure_heads() {
  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (const auto& head : snapshot().heads) {
    rows += head->rows();
    bytes += head->bytes();
  }
  measures_.head_rows.set(static_cast<double>(rows));
  measures_.head_bytes.set(static_cast<double>(bytes));
}

// When all heads are full, what helps is the end of the job that runs: a wait for it is shorter than any
// back-off.
Result<void> SegmentedStore::make_room() {
  auto current = snapshot();
  if (is_full(*current.heads.back()) && current.heads.size() >= options_.heads_max &&
      wait_for_outcome(options_.room_patience)) {
    const auto now = ports_.clock.now();
    CAIRN_TRY_VOID(adopt_outcome(now));
    CAIRN_TRY_VOID(start_next(now));
    current = snapshot();
  }
  if (!is_full(*current.heads.back())) {  // start_next() has begun another
    return {};
  }
  if (current.heads.size() >= options_.heads_max) {
    return Error{Errc::limit, "append to the store: the heads are full and could not be sealed",
                 options_.name};
  }
  begin_head();
  return {};
}

Result<void> SegmentedStore::append(const std::vector<Row>& rows, journal::Position end) {
  if (end <= this->end()) {
    return {};
  }
  CAIRN_TRY_VOID(make_room());
  const auto before = snapshot();
  const auto repeats = before.heads.back()->append(wanted(rows, before.end), end);
  measures_.dropped_repeats.add(static_cast<double>(repeats));
  if (!unsealed_since_) {
    unsealed_since_ = ports_.clock.now();
  }
  measure_heads();
  const std::lock_guard lock(mutex_);
  snapshot_.end = end;
  return {};
}

Result<void> SegmentedStore::maintain(Time now) {
  bury();
  CAIRN_TRY_VOID(settle());
  CAIRN_TRY_VOID(adopt_outcome(now));
  CAIRN_TRY_VOID(start_next(now));
  return retire(options_.ages != nullptr ? options_.ages->now() : now);
}

Result<void> SegmentedStore::seal() {
  CAIRN_TRY_VOID(settle());
  CAIRN_TRY_VOID(wait_and_adopt());
  const auto goal = end();
  while (cursor() < goal) {
    if (snapshot().heads.size() == 1) {
      begin_head();
    }
    CAIRN_TRY_VOID(start_seal(ports_.clock.now()));
    CAIRN_TRY_VOID(wait_and_adopt());
  }
  return {};
}

}  // namespace cairn::store
