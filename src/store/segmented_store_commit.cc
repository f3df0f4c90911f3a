// Commits. The order of a job is what makes it safe at any point to be killed:
//   1. files are written, and put as blobs under names of this job alone      (killed: orphans, removed by
//   the next open)
//   2. one commit: segments' documents, absorbed segments' documents gone, cursor
//   3. the snapshot is replaced: without the head, with the new segments      (killed: the journal is read
//   from the new cursor)
//   4. blobs of absorbed segments go when no lookup reads them any more       (killed: orphans)
// A merge writes the cursor, too, with its own id: who finds its own knows that its commit went through. When
// the catalog cannot say whether 2 happened, no job starts until it can.
//
// Tested by store_crash_test.cc.
#include "base/check.h"
#include "base/log.h"
#include "store/segment_files.h"
#include "store/segmented_store.h"

namespace cairn::store {

namespace {
constexpr std::size_t kRetiredPerCommit = 500;
}

Result<void> SegmentedStore::commit(Finished finished) {
  catalog::Transaction transaction;
  transaction.writes.push_back(
      {cursor_key(options_.name), to_json(finished.running.cursor), cursor_version_});
  for (const auto& segment : finished.made) {
    transaction.writes.push_back({segment->key, to_json(*segment), 0});
  }
  if (const auto& aside = finished.aside) {
    transaction.writes.push_back({aside_key(options_.name, aside->position), to_json(*aside), 0});
  }
  for (const auto& segment : finished.running.absorbed) {
    transaction.writes.push_back({segment->key, std::nullopt, std::nullopt});
  }
  const auto committed = async::run(ports_.executor, ports_.catalog.commit(std::move(transaction)));
  if (committed) {
    adopt(std::move(finished));
    return {};
  }
  if (committed.error().code != Errc::unknown) {
    discard(finished.made);
    return committed.error();
  }
  const auto version = cursor_version_;
  unsettled_ = std::move(finished);
  CAIRN_TRY_VOID(settle());
  return cursor_version_ > version ? Result<void>() : committed.error();
}

Result<void> SegmentedStore::settle() {
  if (!unsettled_) {
    return {};
  }
  CAIRN_TRY(const auto document, async::run(ports_.executor, ports_.catalog.get(cursor_key(options_.name))));
  std::string there;
  if (document) {
    CAIRN_TRY(auto cursor, parse_cursor(*document));
    there = std::move(cursor.seal);
  }
  auto finished = *std::exchange(unsettled_, std::nullopt);
  if (there == finished.running.cursor.seal) {
    adopt(std::move(finished));
  } else {
    discard(finished.made);
  }
  return {};
}

void SegmentedStore::adopt(Finished finished) {
  auto& running = finished.running;
  auto segments = *snapshot().segments;
  std::erase_if(segments,
                [&](const auto& s) { return std::ranges::find(running.absorbed, s) != running.absorbed.end(); });
  segments.insert(segments.end(), finished.made.begin(), finished.made.end());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - running.begun;
  const bool sealed = running.kind == Kind::seal;
  (sealed ? measures_.seal_seconds : measures_.merge_seconds).observe(took.count());
  log::info(sealed ? "head sealed" : "segments merged", {{"store", options_.name},
                                                         {"segments", finished.made.size()},
                                                         {"absorbed", running.absorbed.size()},
                                                         {"seconds", took.count()},
                                                         {"cursor", running.cursor.position.raw()}});
  std::optional<std::shared_ptr<Head>> aside;
  if (finished.aside) {
    auto rows = aside_;
    rows.push_back(*std::move(finished.aside));
    aside = keep_aside(std::move(rows));
  }
  ++cursor_version_;
  cursor_ = running.cursor.position.raw();
  publish(std::move(segments), sealed && running.cursor.position >= snapshot().heads.front()->end() ? 1 : 0,
          std::move(aside));
  discard(running.absorbed);
  measure_heads();
}

// Their blobs go when nobody reads them.
void SegmentedStore::discard(const Segments& segments) {
  buried_.insert(buried_.end(), segments.begin(), segments.end());
}

// Lookups that have begun keep what they began with.
void SegmentedStore::publish(Segments segments, std::size_t heads_gone,
                             std::optional<std::shared_ptr<Head>> aside) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t postings_bytes = 0;
  std::size_t unreadable = 0;
  for (const auto& segment : segments) {
    unreadable += segment->files->readable() ? 0 : 1;
    rows += segment->rows;
    bytes += segment->bytes;
    postings_bytes += segment->postings_bytes;
  }
  unreadable_ = unreadable;
  choice_.reset();
  measures_.segments_unreadable.set(static_cast<double>(unreadable));
  measures_.segments.set(static_cast<double>(segments.size()));
  measures_.segment_rows.set(static_cast<double>(rows));
  measures_.segment_bytes.set(static_cast<double>(bytes));
  measures_.postings_bytes.set(static_cast<double>(postings_bytes));
  sort_newest_first(segments);
  auto shared = std::make_shared<const Segments>(std::move(segments));
  std::vector<std::shared_ptr<Head>> gone;  // dropped after the lock: freeing a head takes a while
  const std::lock_guard lock(mutex_);
  auto& heads = snapshot_.heads;
  CAIRN_CHECK(heads_gone < heads.size());
  gone.assign(heads.begin(), heads.begin() + static_cast<std::ptrdiff_t>(heads_gone));
  heads.erase(heads.begin(), heads.begin() + static_cast<std::ptrdiff_t>(heads_gone));
  std::swap(snapshot_.segments, shared);
  snapshot_.sealed = cursor();
  if (aside) {
    std::swap(snapshot_.aside, *aside);
  }
}

Result<void> SegmentedStore::retire(Time now) {
  const auto current = snapshot();
  const Segments no_sources;
  const auto& merging = running_ ? running_->absorbed : no_sources;
  catalog::Transaction transaction;
  Segments kept;
  Segments gone;
  for (const auto& segment : *current.segments) {
    const bool busy = std::ranges::find(merging, segment) != merging.end();
    if (!busy && gone.size() < kRetiredPerCommit && expired(*segment, now, options_.retention)) {
      gone.push_back(segment);
      transaction.writes.push_back({segment->key, std::nullopt, std::nullopt});
    } else {
      kept.push_back(segment);
    }
  }
  auto aside = aside_;
  std::erase_if(aside, [&](const auto& row) {
    const bool old = row.time < now - options_.retention.get();
    if (old) {
      transaction.writes.push_back({aside_key(options_.name, row.position), std::nullopt, std::nullopt});
    }
    return old;
  });
  if (transaction.writes.empty()) {
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
  const bool fewer = aside.size() < aside_.size();
  publish(std::move(kept), 0, fewer ? std::optional(keep_aside(std::move(aside))) : std::nullopt);
  discard(gone);
  return {};
}

void SegmentedStore::bury() {
  std::erase_if(buried_, [&](const auto& segment) {
    if (segment.use_count() > 1) {
      return false;
    }
    for (const auto& name : {segment->blob, segment->postings}) {
      if (const auto removed = async::run(ports_.executor, ports_.blob.remove(name)); !removed) {
        log::warn("segment's file was not removed", {{"blob", name}, {"reason", removed.error().text()}});
        return false;
      }
    }
    return true;
  });
}

}  // namespace cairn::store
