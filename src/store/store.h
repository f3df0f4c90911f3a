// The store of the event history: the flat schema, searchable by LookupEvents. The newest events are in the
// head (an in-memory DuckDB table), the rest in sealed segments (Parquet; docs/formats/segment.md), each of
// one day. DuckDB is inside store/*.cc and nowhere else.
//
// A position is in the head or in a segment, never both and never neither: sealing commits {segments, cursor}
// in one catalog commit, then swaps the head for an empty one, and a lookup works on a snapshot {head,
// segments, end} taken under a short lock. After a restart the head is rebuilt from the journal from cursor()
// on. On disk there are Parquet files and catalog documents, nothing else: what a crash leaves (a blob that
// no document names, a file in the scratch folder) is removed by the next open().
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
#include "base/metrics.h"
#include "blob/blob.h"
#include "catalog/catalog.h"
#include "event/view.h"
#include "journal/journal.h"

namespace cairn::store {

struct Row {
  journal::Position position;
  event::View view;
  std::string_view json;  // the record's text
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
  std::size_t seal_rows = 25'000;
  std::size_t seal_bytes = 24U << 20;  // of record text
  Millis seal_age{300'000};
  Millis retention{90LL * 86'400'000};
  const Clock* ages = nullptr;  // what the retention is counted by, if not the store's clock; outlives it
  std::size_t memory_bytes_max =
      256U << 20;  // DuckDB's limit; at least 10 * seal_bytes, which a seal of a full head needs
  std::size_t spill_bytes_max = 1U << 30;  // what DuckDB may write to the scratch folder when memory is short
  std::size_t lookups_max = 4;             // that run at the same time
  std::size_t lookups_waiting_max = 256;   // beyond them: Errc::limit
  std::size_t page_rows_max = 1000;
  std::string name = "history";  // catalog prefix store/<name>/ and blob prefix store/<name>/
  // A local folder for files being written; its sub-folder <name> belongs to this store and is emptied by
  // open().
  std::string scratch;
  // The folders in which Blob::local_path answers. DuckDB can read these and the scratch folder, and nothing
  // else of the machine.
  std::vector<std::string> readable_folders;
};

// append, seal and maintain are called by one thread (the follower's, never a loop's); lookup by any loop,
// cursor and end by any thread. The store outlives no lookup: destroy it after the loops have no task of it
// any more.
class Store {
 public:
  // Errc::invalid: an option is wrong, DuckDB is another version, or a segment was written by a newer Cairn.
  // Errc::corrupt: a segment that the catalog names is missing or has another size. `executor` is a loop on
  // which the calls of the follower's thread use catalog and blob.
  static Task<Result<std::unique_ptr<Store>>> open(Options options, catalog::Catalog& catalog,
                                                   blob::Blob& blob, async::Pool& pool,
                                                   async::Executor executor, const Clock& clock,
                                                   Metrics& metrics);
  virtual ~Store() = default;

  // The position after the last sealed entry: where the journal is read from after a restart.
  virtual journal::Position cursor() const = 0;
  // The position after the last entry that is in: what the next lookup's first page sees.
  virtual journal::Position end() const = 0;

  // Rows up to `end` (exclusive) are in: those given, and nothing else of [end(), end). Visible to lookups
  // when it returns. Rows before end() are in already and skipped; rows past the retention are dropped. After
  // an error nothing of it is in, and the same call may be repeated. Errc::limit: the head is full because
  // sealing fails.
  virtual Result<void> append(const std::vector<Row>& rows, journal::Position end) = 0;
  // Seals the head if it is full or old. Removes segments that are past their retention. A failed seal is
  // tried again after a back-off.
  virtual Result<void> maintain(Time now) = 0;
  // Seals whatever the head holds (for tests; at shutdown there is no need, the journal has it).
  virtual Result<void> seal() = 0;

  // Errc::limit: too many wait. Errc::unavailable: the bookmark's snapshot is not reached yet (the head is
  // still being rebuilt).
  virtual Task<Result<Page>> lookup(Query query, std::optional<Bookmark> after) = 0;
};

}  // namespace cairn::store
