// Tested by live_test.cc and conformance/test_tail.py, test_assert.py.
#include "live/live.h"

#include "live/assertion.h"
#include "live/tail.h"

namespace cairn::live {
namespace {

constexpr std::size_t kThreads = 2;
constexpr Millis kStep{25};
// There is one partition: with several, a mark has a position for each.
constexpr journal::Partition kPartition{0};

}  // namespace

Live::Live(Dependencies on)
    : on_(std::move(on)),
      seats_(std::make_shared<Seats>(on_.limits,
                                     on_.metrics.gauge("cairn_live_tails", "who follows the live view now"))),
      asserted_(on_.metrics.counter("cairn_live_assertions_total", "assertions that were answered")),
      tailed_(on_.metrics.counter("cairn_live_records_total", "records that the live view showed")),
      pool_(kThreads) {
  on_.metrics.limit("cairn_live_tails", static_cast<double>(on_.limits.tails_max));
  CAIRN_CHECK(on_.journal.partitions() == 1);
}

Live::~Live() = default;

Result<Mark> Live::place(std::string_view since) const {
  if (since == "now") {
    return Mark{kPartition, on_.journal.end(kPartition)};
  }
  if (auto mark = Mark::parse(since)) {
    if (mark->partition != kPartition || mark->position > on_.journal.end(kPartition)) {
      return Error{Errc::invalid, "not a mark of this journal", std::string(since)};
    }
    return *mark;
  }
  auto time = parse_rfc3339(since);
  if (const auto ago = parse_duration(since); !time && ago) {
    time = on_.clock.now() - *ago;
  }
  if (!time) {
    return Error{Errc::invalid, "since must be a mark, a time, how long ago, or now",
                 std::string(since.substr(0, 64))};
  }
  CAIRN_TRY(const auto position, position_at(on_.journal, kPartition, *time));
  return Mark{kPartition, position};
}

Task<Result<std::unique_ptr<http::BodySource>>> Live::tail(std::string account, std::string document) {
  CAIRN_CO_TRY(auto question, tail_question(document));
  CAIRN_CO_TRY_VOID(co_await on_.settle());
  const auto find = [this, since = question.since] { return place(since); };
  CAIRN_CO_TRY(const auto from, co_await pool_.run(find));
  if (!seats_->take(account)) {
    co_return Error{Errc::limit, "too many follow the live view"};
  }
  co_return make_tail({.journal = on_.journal,
                       .pool = pool_,
                       .seats = seats_,
                       .stopping = stopping_,
                       .account = std::move(account),
                       .heartbeat = on_.limits.heartbeat,
                       .time_max = on_.limits.tail_max,
                       .records = tailed_},
                      std::move(question), from);
}

Task<Result<std::string>> Live::mark() {
  CAIRN_CO_TRY_VOID(co_await on_.settle());
  co_return Mark{kPartition, on_.journal.end(kPartition)}.text();
}

// A read's worth at a time: those who follow have their turns between, and a stop need not wait for the end.
Task<Result<void>> Live::count(std::shared_ptr<Assertion> assertion, journal::Position end) {
  for (bool all = false; !all;) {
    if (*stopping_) {
      co_return Error{Errc::unavailable, "the server is being stopped"};
    }
    const auto work = [assertion, end] { return assertion->count(end); };
    CAIRN_CO_TRY(all, co_await pool_.run(work));
  }
  co_return Result<void>{};
}

Task<Result<std::string>> Live::assert_that(std::string account, std::string document) {
  CAIRN_CO_TRY(auto question, assert_question(document, on_.limits));
  if (!seats_->take(account)) {
    co_return Error{Errc::limit, "too many ask the live view"};
  }
  const std::shared_ptr<void> seat(nullptr, [seats = seats_, account](void*) { seats->leave(account); });
  CAIRN_CO_TRY_VOID(co_await on_.settle());
  const auto find = [this, since = question.since] { return place(since); };
  CAIRN_CO_TRY(const auto from, co_await pool_.run(find));
  const auto until = question.until;
  if (until && (until->partition != kPartition || until->position > on_.journal.end(kPartition))) {
    co_return Error{Errc::invalid, "not a mark of this journal", until->text()};
  }
  const auto wait = question.wait;
  const auto assertion =
      std::make_shared<Assertion>(on_.journal, std::move(question), from, std::move(account), on_.limits);
  for (Millis waited{0};; waited += kStep) {
    CAIRN_CO_TRY_VOID(co_await count(assertion, until ? until->position : on_.journal.end(kPartition)));
    if (assertion->holds() || assertion->failed() || waited >= wait || *stopping_) {
      break;
    }
    co_await async::sleep(kStep);
  }
  asserted_.add();
  co_return assertion->answer();
}

}  // namespace cairn::live
