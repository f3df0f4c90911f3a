// The catalog: small versioned documents under ordered keys, and the outbox. What Cairn knows (trails, users,
// buckets, objects, segments, cursors) is here; what happened is in the journal.
//
// A port with adapters: catalog/sqlite, catalog/memory (tests; fails every nth call), later PostgreSQL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/time.h"

namespace cairn::catalog {

// A document's version: 1 when created, one more with each write, never reused while the key lives. 0: there
// is none. A key that was deleted and created again starts at 1 again, so a version proves "nobody wrote
// since I read" only while nobody deletes: where a key may come back, either give each life a key of its own
// (an id in it) or write "gone" into the value instead.
using Version = std::uint64_t;

struct Document {
  std::string key;
  std::string value;
  Version version = 0;
};

struct Write {
  std::string key;
  std::optional<std::string> value;  // none: delete
  std::optional<Version> expected;   // none: whatever is there; 0: nothing may be there
};

// A read whose answer the commit depends on without writing it: the commit conflicts if the version is
// another by then.
struct Expectation {
  std::string key;
  Version version = 0;
};

// One atomic change. Documents and outbox rows become durable together or not at all. All versions are
// compared with what was there before the transaction, so a key may be written once only (Errc::invalid
// otherwise); deleting what is not there is no error.
struct Transaction {
  std::vector<Write> writes;
  std::vector<Expectation> expectations;
  std::vector<std::string> outbox;  // appended; each gets the next number
  // Prefixes: the commit conflicts if a document's key starts with one of them ("the bucket holds no
  // object"). An adapter need not see what others are committing at this moment: who creates such a key MUST
  // expect or write a document that this transaction writes too.
  std::vector<std::string> absent{};

  bool empty() const { return writes.empty() && expectations.empty() && outbox.empty() && absent.empty(); }
};

// A row of the outbox: something decided here that the journal must still hear of. Numbers rise in commit
// order, start at 1 and are never reused, not even after every row was deleted.
struct OutboxRow {
  std::uint64_t number = 0;
  std::string payload;
};

struct Committed {
  std::uint64_t outbox_last = 0;  // number of the transaction's last outbox row; 0 if it had none
};

// What holds a lease may do what the lease names (own a partition, forward an outbox). The epoch rises with
// each taking, and so does `version`; a renewal changes neither. So writes of a former holder are refused by
// the expectation {lease_key(name), version}, while the holder's own renewals never stand in its way.
struct Lease {
  std::string name;
  std::string holder;  // one process, not one host: a restarted process must not pass for its predecessor
  std::uint64_t epoch = 0;
  Version version = 0;
  Time expires;
};

// The document whose version is Lease::version.
std::string lease_key(std::string_view name);

// Beyond these: Errc::limit, and nothing was changed.
struct Limits {
  std::size_t value_bytes_max = 1U << 20;  // a document's value; an outbox row's payload
  std::size_t key_bytes_max = 2048;
  std::size_t transaction_bytes_max = 64U << 20;  // keys, values and payloads together
  std::size_t waiting_bytes_max = 256U << 20;     // of all transactions that wait for the next sync
  std::size_t page_max =
      4096;  // documents a scan returns at most (AWS's longest page is 1,000, and one to look ahead)
  std::size_t page_bytes_max = 32U << 20;  // a page ends with the document that reaches it
  std::size_t group_max = 256;             // transactions that share one sync
};

// Thread-safe. Keys compare as bytes; a key is not empty. Tasks must be done before the catalog or their loop
// is destroyed.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Reads see what is durable, and nothing else. Not found is a value, not an error.
  virtual Task<Result<std::optional<Document>>> get(std::string key) = 0;
  // Documents whose key starts with `prefix` and is greater than `after`, in key order, at most min(limit,
  // page_max). A page may be shorter than asked for (page_bytes_max): only an empty one is the end.
  virtual Task<Result<std::vector<Document>>> scan(std::string prefix, std::string after,
                                                   std::size_t limit) = 0;

  // Returns once the transaction would survive kill -9 and power loss. Errc::conflict: some version was
  // another; nothing was changed. Errc::unknown: the sync failed; read again by version before deciding (a
  // read that succeeds after it is decisive: what it does not show never comes back). Errc::limit: a limit
  // above, or the disk is full; Errc::unavailable: the disk refused; nothing was changed. Concurrent commits
  // are grouped into one sync; a conflict undoes only its own.
  virtual Task<Result<Committed>> commit(Transaction transaction) = 0;

  // Outbox rows with a number greater than `after`, rising. Rows stay until outbox_delete. Pages are bounded
  // as scan's.
  virtual Task<Result<std::vector<OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) = 0;
  // Commits the writes and deletes all rows up to and including `number`, atomically. Errors as commit's.
  virtual Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<Write> writes) = 0;
  // Suspends until a row with a number greater than `after` is durable, or the patience is over.
  virtual Task<void> outbox_wait(std::uint64_t after, Millis patience) = 0;

  // Takes or renews a lease. Errc::conflict: somebody else holds it and it has not expired.
  virtual Task<Result<Lease>> acquire(std::string name, std::string holder, Millis duration) = 0;
  // Lets others take it at once. Errc::conflict: it was no longer held.
  virtual Task<Result<void>> release(Lease lease) = 0;
};

}  // namespace cairn::catalog
