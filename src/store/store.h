// The store of the event history, searchable by LookupEvents. The newest events are in heads (memory), the
// rest in sealed segments, each of one day: a Parquet file and its postings (docs/formats/segment.md). Sealing
// and merging are jobs (job.h), done by a JobRunner elsewhere; nothing of DuckDB runs where lookups do.
//
// A position is in a head or in a segment, never both and never neither: sealing commits {segments, cursor}
// in one catalog commit, then takes the head away, and a lookup works on a snapshot {heads, segments, end}
// taken under a short lock. After a restart the heads are rebuilt from the journal from cursor() on. On disk
// there are segments' files and catalog documents, nothing else: what a crash leaves (a blob that no document
// names, a file in the scratch folder) is removed by the next open().
//
// A store follows one partition of the journal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loops.h"
#include "async/pool.h"
#include "base/live.h"
#include "base/metrics.h"
#include "blob/blob.h"
#include "catalog/catalog.h"
#include "event/view.h"
#include "journal/journal.h"

namespace cairn::store {

class JobRunner;

struct Row {
  journal::Position position;
  event::View view;       // may point into the text
  std::string_view json;  // the record's
};

enum class Attribute {
  event_id,
  event_name,
  read_only,
  username,
  resource_type,
  resource_name,
  event_source,
  access_key_id
};

struct Query {
  std::string account;
  std::string region;
  // Exact match. ResourceType and ResourceName match any of the event's resources; an empty value matches
  // nothing.
  std::optional<std::pair<Attribute, std::string>> attribute;
  std::optional<Time> from;  // inclusive
  std::optional<Time> to;    // inclusive
  std::size_t limit = 50;    // 1 to Options::page_rows_max
  event::Category category = event::Category::management;
};

// Where a page stopped. Pages of one query never repeat or skip an event that was there when the first page
// was read, whatever arrives meanwhile (but for what becomes older than the retention).
struct Bookmark {
  journal::Position snapshot;  // rows from here on are invisible to later pages
  Time time;
  journal::Position position;
};

struct Found {
  journal::Position position;
  event::View view;
  std::string json;
};

struct Page {
  std::vector<Found> events;  // newest first: by eventTime, then position, falling
  std::optional<Bookmark> next;
};

struct Options {
  // A head this large or old is due: it is sealed as soon as no other job runs.
  std::size_t seal_rows = 25'000;
  std::size_t seal_bytes = 24U << 20;  // of memory: texts, terms and keys
  Millis seal_age{300'000};
  // While a job runs a head goes on growing, up to this; then another is begun.
  std::size_t head_rows_max = 100'000;
  std::size_t head_bytes_max = 64U << 20;  // of memory: texts, terms and keys
  std::size_t heads_max = 3;               // beyond them append() says Errc::limit
  std::size_t merge_rows_max = 200'000;    // of a segment made by merging
  std::size_t merge_bytes_max = 256U << 20;  // of its records' text
  std::size_t job_memory_bytes_max = 400U << 20;  // at least 4 * head_bytes_max, which a seal of one needs
  Millis job_deadline{120'000};
  Live<Millis> retention = Millis{90LL * 86'400'000};
  const Clock* ages = nullptr;  // what the retention is counted by, if not the store's clock; outlives it
  Millis room_patience{1'000};            // of an append to heads that are full, while a job runs
  std::size_t lookups_max = 4;            // that run at the same time
  std::size_t lookups_waiting_max = 256;  // beyond them: Errc::limit
  Millis lookup_deadline{20'000};         // from its call, its turn waited for: then Errc::limit
  // What is kept in memory of segments' files for lookups: blocks of postings, and where texts are.
  std::size_t postings_cache_bytes_max = 48U << 20;
  std::size_t segment_cache_bytes_max = 16U << 20;
  std::size_t page_rows_max = 1000;
  std::string name = "history";  // catalog prefix store/<name>/ and blob prefix store/<name>/
  journal::Partition partition{0};
  // A local folder for files being written; its sub-folder <name> belongs to this store and is emptied by
  // open().
  std::string scratch;
};

// append, seal and maintain are called by one thread (the follower's, never a loop's); lookup by any loop,
// cursor, end and working by any thread. The store outlives no lookup: destroy it after the loops have no task
// of it any more.
class Store {
 public:
  // Errc::invalid: an option is wrong, or a segment was written by a newer Cairn. Errc::corrupt: a
  // document of the catalog is damaged. `executor` is a loop on which the store uses catalog
  // and blob; `runner` is this store's alone. All of these outlive it, but for the runner, which may go before
  // stop(): that gives up the job it has. Lookups have a pool of their own, because they may take all of it.
  static Task<Result<std::unique_ptr<Store>>> open(Options options, catalog::Catalog& catalog,
                                                   blob::Blob& blob, async::Pool& pool,
                                                   async::Pool& lookups, async::Executor executor,
                                                   JobRunner& runner,
                                                   const Clock& clock, Metrics& metrics);
  virtual ~Store() = default;

  // The position after the last sealed entry: where the journal is read from after a restart.
  virtual journal::Position cursor() const = 0;
  // The position after the last entry that is in: what the next lookup's first page sees.
  virtual journal::Position end() const = 0;

  // Rows up to `end` (exclusive) are in: those given, and nothing else of [end(), end). Visible to lookups
  // when it returns. Rows before end() are in already and skipped; rows past the retention are dropped, and
  // those that repeat an event as far as it is noticed. After an error nothing of it is in, and the same call
  // may be repeated. Errc::limit: the heads are full because sealing fails or is slower than what arrives; while
  // a job runs, its end is waited for, up to a second.
  virtual Result<void> append(const std::vector<Row>& rows, journal::Position end) = 0;
  // Adopts what a job has made, starts the next one (a head that is due, segments to be merged), and removes
  // segments that are past their retention. Never waits for a job. A failed job is an error once, and is
  // tried again after a back-off; one that was too much is tried again in parts, at once.
  virtual Result<void> maintain(Time now) = 0;
  // Seals whatever the heads hold and waits for it (for tests; at shutdown there is no need, the journal has
  // it).
  virtual Result<void> seal() = 0;
  // Is there a job that maintain() has not adopted yet?
  virtual bool working() const = 0;
  // Segments whose files were missing or of another size when the store was opened: a lookup that needs one
  // says Errc::corrupt. Any thread.
  virtual std::size_t unreadable_segments() const { return 0; }
  // Waits for the job that runs, and starts none any more; what it made is not adopted (the next open()
  // removes it). REQUIRES: maintain() and seal() are not called any more. Called before the executor's loop
  // ends; the destructor calls it, too.
  virtual void stop() {}

  // Errc::limit: too many wait. Errc::unavailable: the bookmark's snapshot is not reached yet (the head is
  // still being rebuilt).
  virtual Task<Result<Page>> lookup(Query query, std::optional<Bookmark> after) = 0;
};

}  // namespace cairn::store
