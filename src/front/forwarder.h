// The forwarder: carries what was committed to the catalog's outbox into the journal, in commit order,
// exactly once.
//
// It appends and syncs, then commits {last number, position} and deletes the rows. An entry carries its row's
// number, so that after a crash between the two it finds in the journal, from that position on, what it had
// already sent.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "async/gate.h"
#include "async/loops.h"
#include "base/metrics.h"
#include "catalog/catalog.h"
#include "journal/journal.h"

namespace cairn::front {

struct ForwarderLimits {
  std::size_t rows_per_append = 1000;
  std::uint64_t idle_entries_max =
      10'000;  // others' journal entries after which an idle forwarder moves its cursor on
  std::uint64_t backlog_max = 100'000;  // rows; beyond it the front refuses calls that change something
};

class Forwarder {
 public:
  Forwarder(catalog::Catalog& catalog, journal::Journal& journal, ForwarderLimits limits, Metrics& metrics);

  // Finds out what was already sent. Before anything else is appended to the journal.
  Task<Result<void>> recover();
  // Runs until stop(); errors are retried with back-off.
  void start(async::Executor executor);
  // Blocks until the loop has ended. Rows that are left stay in the outbox for the next start.
  void stop();

  // Until all that was committed before this call is in the journal. Errc::unavailable: it was not, within the
  // patience. Any task.
  Task<Result<void>> settle(Millis patience);

  // Is the outbox so full (the journal cannot take records) that changing calls must be refused? Any thread.
  bool overloaded() const { return backlog_.load(std::memory_order_relaxed) > limits_.backlog_max; }
  // From here on the journal is still needed to recover, whatever happens next: durable, so behind what was
  // done.
  journal::Position cursor() const;

 private:
  Task<void> loop();
  Task<Result<std::size_t>> forward_some();
  Task<Result<void>> append(const std::vector<catalog::OutboxRow>& rows);
  Result<void> scan_journal();
  Task<Result<void>> move_on(journal::Position end);
  catalog::Write state_write() const;

  catalog::Catalog& catalog_;
  journal::Journal& journal_;
  const ForwarderLimits limits_;
  std::uint64_t sent_ = 0;  // number of the last row known to be in the journal
  std::uint64_t deleted_ = 0;
  std::uint64_t position_ = 0;             // from here on the journal may hold rows after sent_
  std::atomic<std::uint64_t> durable_{0};  // what of it is in the catalog
  std::atomic<std::uint64_t> told_{0};     // `sent_`, for other threads
  bool must_look_ = false;  // an append's end is unknown: the journal has to be looked at before the next
  std::map<std::uint64_t, std::string> parked_;  // rows that cannot be read, on their way out of the outbox
  std::atomic<std::uint64_t> backlog_{0};
  std::atomic<bool> stopping_{false};
  async::Gate gate_;
  Counter forwarded_;
  Counter unreadable_;
  Gauge backlog_rows_;
};

}  // namespace cairn::front
