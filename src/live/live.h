// The live view: what happens, as it happens, for who asks; and whether what happened is what was expected.
//
//   tail      {"pattern": {…}, "since": "now", "follow": true}      each member may be left out
//   answers   lines of JSON: {"mark": "0-17", "record": {…}} for each record that matches, and at least every
//             15 seconds {"mark": "0-20"}: all before it was looked at. {"mark": …, "error": "…"} is the
//             last.
//
//   assert    {"since": "0-17", "expect": [{"name": "three puts", "pattern": {…}, "count": 3}, …],
//              "only": {…}, "until": "0-90", "wait": "2s"}
//   answers   {"holds": false, "since": …, "until": …, "looked_at": 12,
//              "expectations": [{"name", "holds", "wanted": "exactly 3", "found": 2, "events": […]}],
//              "unexpected": {"found": 1, "events": […]}}
//
// Patterns are EventBridge's, over the record itself. `since` is a mark, a time (RFC 3339), how long ago
// ("5m"), or "now". An expectation has "count", or "at_least" and "at_most", else it wants one at least.
// `only`: every record that matches it must match an expectation, too.
//
// Both read the journal again, management and data events alike, from where the caller says: nobody is held
// up by a slow reader, who finds out when what he wanted is retired. Records are those of one account.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "async/pool.h"
#include "base/metrics.h"
#include "http/http.h"
#include "live/scan.h"

namespace cairn::live {

struct Limits {
  std::size_t document_bytes_max = 256U << 10;
  std::size_t tails_max = 64;             // and assertions, at once; one more is Errc::limit
  std::size_t tails_of_account_max = 16;  // of these
  std::size_t expectations_max = 64;
  std::size_t events_max = 20;              // that an answer shows of each expectation
  std::size_t events_bytes_max = 4U << 20;  // of all that an answer shows
  std::uint64_t entries_max = 5'000'000;    // that one assertion looks at; more is Errc::limit
  Millis wait_max{60'000};                  // of an assertion, for what is still to come
  Millis heartbeat{15'000};
  Millis tail_max{
      600'000};  // of a tail, which goes on with its mark: whoever may not any more finds out then
};

struct Dependencies {
  journal::Journal& journal;
  // What was committed before and is on its way into the journal is there, or it has failed.
  std::function<Task<Result<void>>()> settle;
  const Clock& clock;
  Metrics& metrics;
  Limits limits{};
};

class Assertion;
class Seats;

// Thread-safe. All references outlive it. Errors: Errc::invalid (the document), Errc::limit, Errc::not_found
// (retired), Errc::unavailable (the journal is behind).
class Live {
 public:
  explicit Live(Dependencies on);
  ~Live();

  Task<Result<std::unique_ptr<http::BodySource>>> tail(std::string account, std::string document);
  Task<Result<std::string>> assert_that(std::string account, std::string document);
  // The journal's end now: what is done from here on is behind it.
  Task<Result<std::string>> mark();

  // All that follow end soon: a stop does not wait for them.
  void stop() { *stopping_ = true; }

 private:
  Result<Mark> place(std::string_view since) const;
  Task<Result<void>> count(std::shared_ptr<Assertion> assertion, journal::Position end);

  Dependencies on_;
  const std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<Seats> seats_;
  Counter asserted_;
  Counter tailed_;
  async::Pool pool_;
};

}  // namespace cairn::live
