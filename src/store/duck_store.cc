// The follower's side: appending, sealing, retiring. The order of a seal is what makes it safe at any point
// to be killed:
//   1. files are written and put as blobs, under names of this seal alone      (killed: orphans, removed by
//   the next open)
//   2. one commit: segments' documents, absorbed segments' documents gone, cursor
//   3. the snapshot is replaced: a new head, the new segments                  (killed: the journal is read
//   from the new cursor)
//   4. blobs of absorbed segments go when no lookup reads them any more        (killed: orphans)
// When the catalog cannot say whether 2 happened, nothing is appended until it can.
//
// Tested by store_test.cc, store_crash_test.cc.
#include "store/duck_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "base/log.h"
#include "store/duck.h"

namespace cairn::store {

namespace {

constexpr Millis kBackOffMin{1'000};
constexpr Millis kBackOffMax{60'000};
constexpr std::size_t kHeadsFull = 2;  // a head of so many seals' size takes no more
constexpr std::size_t kRetiredPerCommit = 500;

// 64 bits: it must only differ from the other few of the same store.
std::string new_seal_id(journal::Position end) {
  std::random_device random;
  return fmt::format("{:020}-{:08x}{:08x}", end.raw(), random(), random());
}

std::string absolute_folder(const std::string& folder) {
  auto path = duck::absolute_path(folder);
  return path.ends_with('/') ? path : path + '/';
}

}  // namespace

Result<Engine> Engine::start(const Options& options) {
  Engine engine;
  engine.scratch = absolute_folder(options.scratch) + options.name;
  const auto spill = engine.scratch + "/spill";
  std::error_code code;
  std::filesystem::remove_all(engine.scratch, code);
  std::filesystem::create_directories(spill, code);
  if (code) {
    return system_error(code.value(), "empty the store's scratch folder", engine.scratch);
  }
  duck::Settings settings{.memory_bytes_max = options.memory_bytes_max,
                          .spill_bytes_max = options.spill_bytes_max,
                          .spill_folder = spill,
                          .folders = {engine.scratch + "/"}};
  for (const auto& folder : options.readable_folders) {
    settings.folders.push_back(absolute_folder(folder));
  }
  CAIRN_TRY(engine.database, duck::Database::open(settings));
  CAIRN_TRY(engine.slots, Slots::make(*engine.database, options.lookups_max, options.lookups_waiting_max));
  CAIRN_TRY(engine.head, Head::make(*engine.database, 0));
  return engine;
}

DuckStore::DuckStore(Options options, Ports ports, Metrics& metrics, Engine engine, Loaded loaded)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      measures_(metrics, options_.name),
      database_(std::move(engine.database)),
      slots_(std::move(engine.slots)),
      snapshot_{.head = std::move(engine.head), .segments = nullptr, .end = loaded.cursor},
      cursor_(loaded.cursor.raw()),
      sealer_(options_, std::move(engine.scratch), ports_.blob, ports_.executor),
      cursor_version_(loaded.cursor_version),
      back_off_(kBackOffMin) {
  publish(std::move(loaded.segments), snapshot_.head);
}

Snapshot DuckStore::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

Time DuckStore::oldest_kept() const {
  const auto& ages = options_.ages != nullptr ? *options_.ages : ports_.clock;
  return std::max(kTimeMin, ages.now() - options_.retention);
}

std::vector<const Row*> DuckStore::wanted(const std::vector<Row>& rows, journal::Position from) {
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

Result<void> DuckStore::append(const std::vector<Row>& rows, journal::Position end) {
  CAIRN_TRY_VOID(settle());
  const auto before = snapshot();
  if (end <= before.end) {
    return {};
  }
  if (head_rows_ >= kHeadsFull * options_.seal_rows || head_bytes_ >= kHeadsFull * options_.seal_bytes) {
    return Error{Errc::limit, "append to the store: the head is full and could not be sealed", options_.name};
  }
  const auto in = wanted(rows, before.end);
  CAIRN_TRY_VOID(before.head->append(in));
  for (const auto* row : in) {
    head_bytes_ += row->json.size();
  }
  head_rows_ += in.size();
  if (!unsealed_since_) {
    unsealed_since_ = ports_.clock.now();
  }
  measures_.head_rows.set(static_cast<double>(head_rows_));
  const std::lock_guard lock(mutex_);
  snapshot_.end = end;
  return {};
}

bool DuckStore::seal_due(Time now) const {
  const bool due = head_rows_ >= options_.seal_rows || head_bytes_ >= options_.seal_bytes ||
                   (unsealed_since_ && now - *unsealed_since_ >= options_.seal_age);
  return due && now >= next_try_;
}

Result<void> DuckStore::maintain(Time now) {
  bury();
  if (seal_due(now)) {
    if (auto sealed = seal(); !sealed) {
      measures_.seal_failures.add();
      next_try_ = now + back_off_;
      back_off_ = std::min(back_off_ * 2, kBackOffMax);
      return sealed;
    }
    back_off_ = kBackOffMin;
  }
  return retire(options_.ages != nullptr ? options_.ages->now() : now);
}

Result<void> DuckStore::seal() {
  CAIRN_TRY_VOID(settle());
  if (end() == cursor()) {
    return {};
  }
  const Stopwatch stopwatch(measures_.seal_seconds);
  return seal_head();
}

Result<void> DuckStore::seal_head() {
  const auto current = snapshot();
  Seal seal;
  seal.cursor = {.position = current.end, .seal = new_seal_id(current.end)};
  CAIRN_TRY(seal.head, Head::make(*database_, heads_++));
  CAIRN_TRY(seal.sealed,
            sealer_.write(*current.head, *current.segments, seal.cursor.seal, ports_.clock.now()));
  return commit(std::move(seal));
}

Result<void> DuckStore::commit(Seal seal) {
  catalog::Transaction transaction;
  transaction.writes.push_back({cursor_key(options_.name), to_json(seal.cursor), cursor_version_});
  for (const auto& segment : seal.sealed.made) {
    transaction.writes.push_back({segment->key, to_json(*segment), 0});
  }
  for (const auto& segment : seal.sealed.absorbed) {
    transaction.writes.push_back({segment->key, std::nullopt, std::nullopt});
  }
  const auto committed = async::run(ports_.executor, ports_.catalog.commit(std::move(transaction)));
  if (committed) {
    adopt(std::move(seal));
    return {};
  }
  if (committed.error().code != Errc::unknown) {
    buried_.insert(buried_.end(), seal.sealed.made.begin(), seal.sealed.made.end());
    return committed.error();
  }
  unsettled_ = std::move(seal);
  CAIRN_TRY_VOID(settle());
  return cursor() == end() ? Result<void>() : committed.error();
}

Result<void> DuckStore::settle() {
  if (!unsettled_) {
    return {};
  }
  CAIRN_TRY(const auto document, async::run(ports_.executor, ports_.catalog.get(cursor_key(options_.name))));
  std::string seal_there;
  if (document) {
    CAIRN_TRY(auto cursor, parse_cursor(*document));
    seal_there = std::move(cursor.seal);
  }
  auto seal = *std::exchange(unsettled_, std::nullopt);
  if (seal_there == seal.cursor.seal) {
    adopt(std::move(seal));
  } else {
    buried_.insert(buried_.end(), seal.sealed.made.begin(), seal.sealed.made.end());
  }
  return {};
}

void DuckStore::adopt(Seal seal) {
  auto segments = *snapshot().segments;
  std::erase_if(segments, [&](const auto& s) {
    return std::ranges::find(seal.sealed.absorbed, s) != seal.sealed.absorbed.end();
  });
  segments.insert(segments.end(), seal.sealed.made.begin(), seal.sealed.made.end());
  log::info("segments sealed", {{"store", options_.name},
                                {"rows", head_rows_},
                                {"segments", seal.sealed.made.size()},
                                {"absorbed", seal.sealed.absorbed.size()},
                                {"cursor", seal.cursor.position.raw()}});
  CAIRN_CHECK(end() == seal.cursor.position);
  publish(std::move(segments), std::move(seal.head));
  ++cursor_version_;
  cursor_ = seal.cursor.position.raw();
  buried_.insert(buried_.end(), seal.sealed.absorbed.begin(), seal.sealed.absorbed.end());
  head_rows_ = 0;
  head_bytes_ = 0;
  unsealed_since_.reset();
  measures_.head_rows.set(0);
}

// Lookups that have begun keep what they began with: the old head is dropped when the last of them is done.
void DuckStore::publish(Segments segments, std::shared_ptr<Head> head) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const auto& segment : segments) {
    rows += segment->rows;
    bytes += segment->bytes;
  }
  measures_.segments.set(static_cast<double>(segments.size()));
  measures_.segment_rows.set(static_cast<double>(rows));
  measures_.segment_bytes.set(static_cast<double>(bytes));
  sort_newest_first(segments);
  auto shared = std::make_shared<const Segments>(std::move(segments));
  const std::lock_guard lock(mutex_);
  std::swap(snapshot_.segments, shared);
  std::swap(snapshot_.head, head);
}

Result<void> DuckStore::retire(Time now) {
  const auto current = snapshot();
  catalog::Transaction transaction;
  Segments kept;
  Segments gone;
  for (const auto& segment : *current.segments) {
    if (gone.size() < kRetiredPerCommit && expired(*segment, now, options_.retention)) {
      gone.push_back(segment);
      transaction.writes.push_back({segment->key, std::nullopt, std::nullopt});
    } else {
      kept.push_back(segment);
    }
  }
  if (gone.empty()) {
    return {};
  }
  // Only who knows the latest seal may take a segment away. When the outcome is unknown, the next call
  // deletes once more: no harm.
  transaction.expectations.push_back({cursor_key(options_.name), cursor_version_});
  const auto committed = async::run(ports_.executor, ports_.catalog.commit(std::move(transaction)));
  if (!committed) {
    return committed.error();
  }
  log::info("segments past their retention removed", {{"store", options_.name}, {"segments", gone.size()}});
  publish(std::move(kept), current.head);
  buried_.insert(buried_.end(), gone.begin(), gone.end());
  return {};
}

void DuckStore::bury() {
  const auto unread = [](const auto& segment) { return segment.use_count() == 1; };
  std::erase_if(buried_, [&](const auto& segment) { return unread(segment) && sealer_.remove(*segment); });
}

}  // namespace cairn::store
