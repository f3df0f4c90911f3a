// The stream: reads the journal once, parses each record once, matches it once with all followers' patterns,
// and hands immutable batches to every follower.
//
// A follower has a thread and a cursor of its own. Within the ring (64 MiB of recent batches) it is handed
// what was parsed for all; behind the ring it reads the journal itself until it has caught up. A slow or
// failing follower holds up nobody but the journal's retirement.
//
// Patterns. A follower that asks for patterns() finds in each batch which of them match an item. When they
// change it calls patterns_changed(); once that has returned, every batch handed to it is matched with the
// new ones, and says so by their version. A batch is matched whole with one set, and ends with a control if
// it has one: so what a control entry changes, a follower can put into its patterns within take(), and it
// holds from the very next entry on, in a replay too.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "event/entry.h"
#include "event/view.h"
#include "journal/journal.h"
#include "match/match.h"

namespace cairn::stream {

// A record, or an outcome (whose body is a record too), has a view; an intent and a control have none.
struct Item {
  journal::Position position;
  Time appended;
  event::Kind kind;
  std::uint64_t outbox_number;
  std::string_view body;  // the record's JSON text, or the control's; into the batch
  event::View view;       // records and outcomes only; into the body
  // In the batch's hits.
  std::uint32_t first_hit = 0;
  std::uint32_t hit_count = 0;
};

class Follower;
struct PatternSet;  // stream/matching.h

// Immutable once handed out. A record that does not parse (it passed the door, so it was damaged later) is
// left out and counted; a batch may so be empty, but its end still counts. An entry that is no entry
// (event::decode_entry) is never stepped over: the stream stops there.
struct Batch {
  Batch() = default;
  Batch(const Batch&) = delete;  // the items point into it
  Batch& operator=(const Batch&) = delete;

  journal::Partition partition;
  journal::Position first;
  journal::Position end;  // after the last
  std::vector<Item> items;
  std::string storage;                           // what the bodies point into, or
  std::shared_ptr<const Batch> copied_from{};    // the batch whose storage it is
  std::shared_ptr<const PatternSet> patterns{};  // that the items were matched with; may be null
  std::vector<match::Hit> hits{};

  // Of the follower's patterns those that match the item, by their ids; in the order of patterns().
  std::span<const match::Hit> matched(const Item& item, const Follower& follower) const;
  // Which of the follower's patterns that was. 0: none.
  std::uint64_t patterns_version(const Follower& follower) const;
};

// What a follower wants records matched with. The version is the follower's own count; 0 is for no patterns
// at all.
struct Patterns {
  struct One {
    std::uint64_t id;
    std::shared_ptr<const match::Pattern> pattern;
    std::shared_ptr<const match::Envelope> envelope{};
  };
  std::uint64_t version = 0;
  std::vector<One> all{};
};

// take() and tick() are called on the follower's own thread, one call at a time; cursor() and name() on any
// thread. An error of take(), or an exception out of it: the same batch comes again after a back-off, and the
// streak is logged once. An error of tick() puts off the next tick() likewise, but not the batches: who can
// take no more says so in take().
class Follower {
 public:
  virtual ~Follower() = default;
  virtual std::string_view name() const = 0;
  // Where to start, per partition: the position after the last entry whose effect is durable. 0: at the first
  // entry that the journal still has.
  virtual journal::Position cursor(journal::Partition partition) const = 0;
  virtual Result<void> take(const Batch& batch) = 0;
  // After each batch and at least every 100 ms.
  virtual Result<void> tick(Time now) = 0;
  // Asked for when the stream starts, and within patterns_changed(), on the caller's thread.
  virtual Patterns patterns() const { return {}; }
};

struct Limits {
  static constexpr std::size_t batch_items_max = 4096;
  static constexpr std::size_t batch_bytes_max = 1U << 20;  // of payloads; one entry at least
  static constexpr std::size_t batch_hits_max = 4U << 20;   // if every pattern matched; one entry at least
  static constexpr Millis tick_every{100};
  static constexpr Millis backoff_min{100};
  static constexpr Millis backoff_max{5000};
};

struct Options {
  std::size_t ring_bytes = 32U << 20;  // of recent batches, shared by the partitions; at least one batch each
  std::size_t batch_items_max = Limits::batch_items_max;
  Millis backoff_min = Limits::backoff_min;
  Millis backoff_max = Limits::backoff_max;
};

class Stream {
 public:
  // Followers live longer than the stream. Starts when start() is called.
  static std::unique_ptr<Stream> make(journal::Journal& journal, std::vector<Follower*> followers,
                                      const Clock& clock, Options options, Metrics& metrics);
  virtual ~Stream() = default;  // stop()

  // Once.
  virtual void start() = 0;
  // Returns when no follower runs any more: at once but for a take() or tick() that is under way. May be
  // called again.
  virtual void stop() = 0;
  // Any thread, also within take(). Errc::limit: too many; what was asked for before holds on.
  virtual Result<void> patterns_changed(const Follower& follower) = 0;
  // Has the follower taken everything that was in the journal when start() was called? Any thread.
  virtual bool caught_up(const Follower& follower) const = 0;
  // Does the follower stand so close to the journal's end that it is handed what was parsed for all? True while
  // there is nothing to tell it by. Who brings records in bulk waits for that, a little: so a burst costs one
  // parsing, not one a follower, and does not put off what others did in the meantime. Any thread.
  virtual bool keeps_up(const Follower& follower) const = 0;
  struct Trouble {
    std::uint64_t lag = 0;  // entries in the journal that the follower has not taken
    Millis failing{0};      // for how long all its tries have failed; 0: the last one went well
  };
  virtual Trouble trouble(const Follower& follower) const = 0;
  // The lowest durable cursor of all followers: what the journal may retire, as far as the stream goes. Its
  // end, when nobody follows.
  virtual journal::Position lowest_cursor(journal::Partition partition) const = 0;
};

}  // namespace cairn::stream
