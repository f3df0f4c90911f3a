// Tested by forwarder_test.cc.
#include "front/forwarder.h"

#include "base/log.h"
#include "event/entry.h"
#include "event/outbox_row.h"
#include "json/json.h"

namespace cairn::front {
namespace {

constexpr std::string_view kStateKey = "front/forwarder";
constexpr std::string_view kUnreadableKey = "front/unreadable/";  // and the row's number
constexpr Millis kIdle{200};
constexpr Millis kBackoffLeast{50};
constexpr Millis kBackoffMost{5000};
constexpr Millis kSettleStep{2};

// There is one partition: with several, a state document holds a position for each.
constexpr journal::Partition kPartition{0};

}  // namespace

Forwarder::Forwarder(catalog::Catalog& catalog, journal::Journal& journal, ForwarderLimits limits,
                     Metrics& metrics)
    : catalog_(catalog),
      journal_(journal),
      limits_(limits),
      forwarded_(metrics.counter("cairn_outbox_forwarded_total", "outbox rows appended to the journal")),
      unreadable_(
          metrics.counter("cairn_outbox_unreadable_total", "outbox rows that were damaged and kept aside")),
      backlog_rows_(metrics.gauge("cairn_outbox_backlog_rows", "outbox rows not yet in the journal")) {
  metrics.limit("cairn_outbox_backlog_rows", static_cast<double>(limits.backlog_max));
  CAIRN_CHECK(journal.partitions() == 1);
}

catalog::Write Forwarder::state_write() const {
  return {.key = std::string(kStateKey),
          .value = json::serialize(json::object{{"sent", sent_}, {"position", position_}}),
          .expected = std::nullopt};
}

Task<Result<void>> Forwarder::recover() {
  CAIRN_CO_TRY(const auto state, co_await catalog_.get(std::string(kStateKey)));
  if (state) {
    CAIRN_CO_TRY(const auto document, json::parse(state->value));
    const auto number = [&](std::string_view member) {
      return document.is_object() ? json::find_int(document.get_object(), member) : std::nullopt;
    };
    const auto sent = number("sent");
    const auto position = number("position");
    if (!sent || !position) {
      co_return Error{Errc::corrupt, "the forwarder's document is not what was written",
                      std::string(kStateKey)};
    }
    sent_ = deleted_ = static_cast<std::uint64_t>(*sent);
    position_ = static_cast<std::uint64_t>(*position);
  } else {
    position_ = journal_.begin(kPartition).raw();
  }
  durable_ = position_;
  co_return scan_journal();
}

// What was appended after the last commit of ours is in the journal with its number.
Result<void> Forwarder::scan_journal() {
  const auto end = journal_.end(kPartition);
  CAIRN_TRY(const auto reader, journal_.reader(kPartition, journal::Position{position_}));
  while (reader->position() < end) {
    CAIRN_TRY(const auto entries, reader->read(Millis{0}));
    for (const auto& entry : entries) {
      CAIRN_TRY(const auto decoded, event::decode_entry(entry.payload));
      if (decoded.outbox_number > sent_) {
        sent_ = decoded.outbox_number;
        position_ = entry.position.raw() + 1;
      }
    }
  }
  told_ = sent_;
  return {};
}

void Forwarder::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), loop()));
}

void Forwarder::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the outbox forwarder is slow to stop");
  }
}

journal::Position Forwarder::cursor() const {
  return journal::Position{durable_.load()};
}

Task<void> Forwarder::loop() {
  auto backoff = kBackoffLeast;
  while (!stopping_) {
    const auto done = co_await forward_some();
    if (!done) {
      log::warn("cannot forward the outbox, trying again", {{"error", done.error().text()}});
      co_await async::sleep(backoff);
      backoff = std::min(backoff * 2, kBackoffMost);
      continue;
    }
    backoff = kBackoffLeast;
    if (*done == 0) {
      co_await catalog_.outbox_wait(sent_, kIdle);
    }
  }
}

Task<Result<void>> Forwarder::settle(Millis patience) {
  std::uint64_t last = told_;
  for (bool more = true; more;) {
    CAIRN_CO_TRY(const auto rows, co_await catalog_.outbox(last, limits_.rows_per_append));
    more = rows.size() == limits_.rows_per_append;
    last = rows.empty() ? last : rows.back().number;
  }
  for (Millis waited{0}; told_ < last; waited += kSettleStep) {
    if (waited >= patience) {
      co_return Error{Errc::unavailable, "the journal is behind what was done"};
    }
    co_await async::sleep(kSettleStep);
  }
  co_return Result<void>{};
}

Task<Result<std::size_t>> Forwarder::forward_some() {
  if (must_look_) {
    CAIRN_CO_TRY_VOID(scan_journal());
    must_look_ = false;
  }
  const auto end = journal_.end(kPartition);  // what is committed after this goes behind it
  CAIRN_CO_TRY(const auto rows, co_await catalog_.outbox(sent_, limits_.rows_per_append));
  if (!rows.empty()) {
    backlog_ = rows.size();
    if (rows.size() == limits_.rows_per_append) {
      CAIRN_CO_TRY(const auto far, co_await catalog_.outbox(sent_ + limits_.backlog_max, 1));
      backlog_ = far.empty() ? rows.size() : limits_.backlog_max + 1;
    }
    backlog_rows_.set(static_cast<double>(backlog_.load()));
    CAIRN_CO_TRY_VOID(co_await append(rows));
    sent_ = rows.back().number;
    told_ = sent_;
    forwarded_.add(static_cast<double>(rows.size()));
  }
  if (sent_ > deleted_) {
    std::vector<catalog::Write> writes;
    for (const auto& [number, row] : parked_) {
      writes.push_back({.key = std::string(kUnreadableKey) + std::to_string(number),
                        .value = row,
                        .expected = std::nullopt});
    }
    writes.push_back(state_write());
    const auto position = position_;
    CAIRN_CO_TRY_VOID(co_await catalog_.outbox_delete(sent_, std::move(writes)));
    parked_.clear();
    deleted_ = sent_;
    durable_ = position;
  } else if (end - journal::Position{position_} > limits_.idle_entries_max) {
    CAIRN_CO_TRY_VOID(co_await move_on(end));
  }
  backlog_ = 0;
  backlog_rows_.set(0);
  co_return rows.size();
}

// Nothing is on its way, so no row is behind `end`: without this the cursor of a forwarder that has nothing
// to do would keep what others write from being retired for ever.
Task<Result<void>> Forwarder::move_on(journal::Position end) {
  position_ = end.raw();
  catalog::Transaction transaction;
  transaction.writes.push_back(state_write());
  CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(transaction)));
  durable_ = end.raw();
  co_return Result<void>{};
}

Task<Result<void>> Forwarder::append(const std::vector<catalog::OutboxRow>& rows) {
  std::vector<std::string> payloads;
  payloads.reserve(rows.size());
  for (const auto& row : rows) {
    const auto entry = event::decode_outbox_row(row.payload);
    if (!entry) {
      // It will never be readable, and behind it everything else waits: it is kept aside, and somebody must
      // look.
      log::error("an outbox row is damaged and kept aside",
                 {{"number", row.number}, {"error", entry.error().text()}});
      unreadable_.add();
      parked_[row.number] = row.payload;
      continue;
    }
    payloads.push_back(event::encode_entry(entry->kind, row.number, entry->body));
  }
  if (payloads.empty()) {
    co_return Result<void>{};
  }
  const auto appended = co_await journal_.append(kPartition, payloads);
  if (!appended) {
    // Some of it may be there: look before sending again.
    must_look_ = must_look_ || appended.error().code == Errc::unknown;
    co_return appended.error();
  }
  position_ = appended->raw() + payloads.size();
  co_return Result<void>{};
}

}  // namespace cairn::front
