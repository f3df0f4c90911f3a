// The ledger: what relayed calls leave behind. Intents before, records after, and what to do where the
// journal cannot take them: nothing is relayed (closed), or what is lost is counted and told (open).
//
// A record that the journal refused while its call had an intent is not lost: it waits in the intent's slot
// and is appended as soon as the journal takes records again, in this process or the next. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

#include "async/gate.h"
#include "async/loops.h"
#include "base/metrics.h"
#include "dedupe/dedupe.h"
#include "front/recorder.h"
#include "intents/intents.h"
#include "reserve/room.h"

namespace cairn::gateway {

struct LedgerParts {
  intents::Intents& intents;
  front::Recorder& recorder;
  dedupe::Index& dedupe;
  const reserve::Room* room;           // null: the disk is never full
  std::function<bool()> dedupe_ready;  // the index knows all of the journal
  std::string account;                 // that is told of what was lost
  std::string region;
  const Clock& clock;
};

// A call's record, and a short one for where that is too long.
struct Entry {
  std::string account;
  std::string event_id;
  std::string record;
  std::string short_record{};
};

class Ledger {
 public:
  // Records of callers who went away, on their way to a journal that hangs. With as many, no call is taken
  // (closed), or what comes is lost (open).
  static constexpr std::size_t kLateMax = 4'096;

  Ledger(LedgerParts parts, bool closed, Metrics& metrics);

  // Appends what the last process left, then goes on to see to what could not be appended. Until stop().
  void start(async::Executor executor);
  void stop();
  // All that was left is in the journal.
  bool caught_up() const { return caught_up_; }

  // May a call be relayed? No: it might have no record, and the configuration says closed. On a disk that is
  // nearly full reads go on a little longer: what is kept free is not for callers.
  bool takes_calls(bool read_only) const;
  // Before a call that changes something. No ticket, though no error: none could be had, and the
  // configuration says open.
  Task<Result<intents::Ticket>> begin(Entry entry);
  // What came of it; durable when it returns. An error: nothing may be said to the caller.
  Task<Result<void>> settle(intents::Ticket ticket, Entry entry);
  // The same where nobody waits for it.
  void settle_later(async::Executor executor, Entry entry);

 private:
  struct Waiting {
    intents::Ticket ticket;
    Entry entry;
    bool in_doubt = false;  // a sync failed: whether the journal has it, the index will know
  };

  Task<void> loop();
  Task<Result<void>> append_left();
  Task<void> append_waiting();
  Task<void> tell_gap();
  Task<void> settle_alone(Entry entry);
  bool has_room() const;
  bool is_resting() const;
  Task<Result<void>> append(Entry entry);
  Task<Result<void>> append_if_missing(const Entry& entry);
  void keep(Waiting waiting);
  std::string gap_record(const intents::Gap& gap) const;

  const LedgerParts on_;
  const bool closed_;
  std::atomic<bool> caught_up_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> late_{0};  // settle_later() that have not ended
  std::atomic<bool> failing_{false};
  std::atomic<std::chrono::steady_clock::rep> failed_at_{0};
  std::mutex mutex_;
  std::deque<Waiting> waiting_;  // guarded; as many as there are slots at most
  async::Gate gate_;
  Gauge waiting_records_;
  Gauge failing_gauge_;
};

}  // namespace cairn::gateway
