// Tested by ledger_test.cc.
#include "gateway/ledger.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/random.h"
#include "event/record.h"

namespace cairn::gateway {
namespace {

constexpr Millis kLookEvery{100};
constexpr Millis kTryAgainAfter{1'000};
constexpr std::size_t kBatchMax = 100;  // records appended at once

// Of two texts the one that a slot has room for.
intents::Intent fitting(const Entry& entry, std::size_t bytes_max) {
  const bool fits = entry.record.size() <= bytes_max || entry.short_record.empty();
  return {entry.account, entry.event_id, fits ? entry.record : entry.short_record};
}

Error no_room() {
  return {Errc::limit, "append a record: the rest of the disk is not for callers"};
}

Time time_of(std::int64_t ms) {
  return Time(Millis(ms));
}

}  // namespace

Ledger::Ledger(LedgerParts parts, bool closed, Metrics& metrics)
    : on_(std::move(parts)),
      closed_(closed),
      waiting_records_(metrics.gauge("cairn_gateway_waiting_records",
                                     "records of relayed calls that the journal has not taken yet")),
      failing_gauge_(metrics.gauge("cairn_gateway_journal_failing",
                                   "1 while the journal does not take records of relayed calls")) {}

void Ledger::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), loop()));
}

void Ledger::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("records of relayed calls are slow to be written");
  }
}

bool Ledger::takes_calls(bool read_only) const {
  if (!closed_) {
    return true;
  }
  const auto claim = read_only ? reserve::Claim::read : reserve::Claim::growth;
  return !is_resting() && late_ < kLateMax && (on_.room == nullptr || on_.room->admits(claim));
}

bool Ledger::is_resting() const {
  const std::chrono::steady_clock::duration since(failed_at_.load());
  return failing_ && std::chrono::steady_clock::now().time_since_epoch() - since < kTryAgainAfter;
}

Task<Result<intents::Ticket>> Ledger::begin(Entry entry) {
  // Slots that wait for the journal are not free any sooner for waiting.
  const bool patient = closed_ || !failing_;
  auto ticket = co_await on_.intents.begin(fitting(entry, on_.intents.record_bytes_max()), patient);
  if (!ticket && !closed_) {
    co_return intents::Ticket();
  }
  co_return ticket;
}

// `closed` takes no call then, and those under way are few.
bool Ledger::has_room() const {
  return closed_ || on_.room == nullptr || on_.room->admits(reserve::Claim::read);
}

Task<Result<void>> Ledger::append(Entry entry) {
  std::vector<front::Written> records;
  records.push_back({std::move(entry.account), std::move(entry.record)});
  Result<void> appended = no_room();
  if (has_room()) {
    appended = co_await on_.recorder.append(std::move(records));
  }
  if (!appended) {
    failed_at_ = std::chrono::steady_clock::now().time_since_epoch().count();
    if (!failing_.exchange(true)) {
      log::error("records of relayed calls cannot be written", {{"error", appended.error().text()}});
    }
    failing_gauge_.set(1);
  } else if (failing_.exchange(false)) {
    log::info("records of relayed calls are written again");
    failing_gauge_.set(0);
  }
  co_return appended;
}

Task<Result<void>> Ledger::settle(intents::Ticket ticket, Entry entry) {
  auto appended = co_await append(entry);
  if (appended) {
    ticket.settle();
    co_return appended;
  }
  const bool had_intent = ticket.is_open();
  if (had_intent) {
    keep({std::move(ticket), std::move(entry), appended.error().code == Errc::unknown});
  }
  if (closed_) {
    co_return appended;
  }
  if (!had_intent) {
    on_.intents.lost(on_.clock.now(), crypto::uuid4());
  }
  co_return Result<void>();
}

void Ledger::settle_later(async::Executor executor, Entry entry) {
  if (late_ >= kLateMax) {  // `open`: otherwise no call is taken then
    on_.intents.lost(on_.clock.now(), crypto::uuid4());
    return;
  }
  late_ += 1;
  if (!gate_.spawn(std::move(executor), settle_alone(std::move(entry)))) {
    late_ -= 1;
    log::warn("a relayed call ended too late to be recorded");
  }
}

Task<void> Ledger::settle_alone(Entry entry) {
  intents::Ticket none;
  const auto settled = co_await settle(std::move(none), std::move(entry));
  late_ -= 1;
  if (!settled) {
    on_.intents.lost(on_.clock.now(), crypto::uuid4());  // he had his answer: nobody else hears of it
  }
}

// The slot has the outcome from here on, if it has room; where not, the intent that says nobody knows.
void Ledger::keep(Waiting waiting) {
  auto intent = fitting(waiting.entry, on_.intents.record_bytes_max());
  (void)waiting.ticket.replace(intent);
  waiting.entry.record = std::move(intent.record);
  waiting.entry.short_record.clear();
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(waiting));
  waiting_records_.set(static_cast<double>(waiting_.size()));
}

// An id that the index has is in the journal. REQUIRES: the index knows all of it.
Task<Result<void>> Ledger::append_if_missing(const Entry& entry) {
  const std::vector<dedupe::Key> keys{{entry.account, entry.event_id}};
  CAIRN_CO_TRY(auto admission, co_await on_.dedupe.admit(keys));
  if (admission.is_fresh(0)) {
    CAIRN_CO_TRY_VOID(co_await append(entry));
  }
  admission.settle(journal::Position{});
  co_return Result<void>();
}

Task<void> Ledger::loop() {
  while (!stopping_) {
    if (!caught_up_ && on_.dedupe_ready()) {
      const auto done = co_await append_left();
      if (!done) {
        log::warn("cannot record calls that were under way at the last stop",
                  {{"error", done.error().text()}});
        co_await async::sleep(kTryAgainAfter);
      }
      caught_up_ = done.has_value();
    }
    co_await append_waiting();
    co_await tell_gap();
    co_await async::sleep(kLookEvery);
  }
}

// An id that the journal has is the outcome's; the slot was about to be freed.
Task<Result<void>> Ledger::append_left() {
  const auto& left = on_.intents.left();
  if (left.empty()) {
    co_return Result<void>();
  }
  std::vector<dedupe::Key> keys;
  for (const auto& intent : left) {
    keys.push_back({intent.account, intent.event_id});
  }
  CAIRN_CO_TRY(auto admission, co_await on_.dedupe.admit(keys));
  std::vector<front::Written> fresh;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (admission.is_fresh(i)) {
      fresh.push_back({left[i].account, left[i].record});
    }
  }
  if (const auto count = fresh.size(); count > 0) {
    CAIRN_CO_TRY_VOID(co_await on_.recorder.append(std::move(fresh)));
    log::warn("calls were under way at the last stop; what became of them is not known", {{"calls", count}});
  }
  admission.settle(journal::Position{});
  on_.intents.forget_left();
  co_return Result<void>();
}

// Oldest first, until the journal refuses one again. A journal whose sync failed goes on at the same place,
// so what was in doubt is not in it, or the index sees it there.
Task<void> Ledger::append_waiting() {
  for (std::size_t i = 0; i < kBatchMax; ++i) {
    std::optional<Waiting> next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() || (waiting_.front().in_doubt && (is_resting() || !on_.dedupe_ready()))) {
        co_return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Result<void> appended;
    if (next->in_doubt) {
      appended = co_await append_if_missing(next->entry);
    } else {
      appended = co_await append(next->entry);
    }
    if (!appended) {
      next->in_doubt |= appended.error().code == Errc::unknown;
      keep(*std::move(next));
      co_return;
    }
    next->ticket.settle();
    const std::lock_guard lock(mutex_);
    waiting_records_.set(static_cast<double>(waiting_.size()));
  }
}

// Told under the event id that was chosen with the first loss: after a crash between the two steps it is told
// again under that id, which lookups show once.
Task<void> Ledger::tell_gap() {
  const auto gap = on_.intents.gap();
  if (!gap || (on_.room != nullptr && !on_.room->admits(reserve::Claim::read))) {
    co_return;
  }
  Entry entry{.account = on_.account, .event_id = gap->event_id, .record = gap_record(*gap)};
  if (const auto appended = co_await append(std::move(entry))) {
    on_.intents.told(*gap, crypto::uuid4());
    log::error("relayed calls have no record: an event tells how many", {{"calls", gap->lost}});
  } else {
    co_await async::sleep(kTryAgainAfter);
  }
}

std::string Ledger::gap_record(const intents::Gap& gap) const {
  event::Record record;
  record.identity.account_id = on_.account;
  record.identity.invoked_by = "cairn.amazonaws.com";
  record.time = on_.clock.now();
  record.source = "cairn.amazonaws.com";
  record.name = "RecordsLost";
  record.region = on_.region;
  record.source_address = "cairn.amazonaws.com";
  record.user_agent = "cairn.amazonaws.com";
  record.additional = {{"lostRecords", gap.lost},
                       {"firstLost", rfc3339_millis(time_of(gap.first_ms))},
                       {"lastLost", rfc3339_millis(time_of(gap.last_ms))}};
  record.event_id = gap.event_id;
  record.type = "AwsServiceEvent";
  record.recipient_account = on_.account;
  return event::to_json(record);
}

}  // namespace cairn::gateway
