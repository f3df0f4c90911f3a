// The door: POST /_cairn/records, where other programs hand in CloudTrail records.
//
//   body      {"Records":[…]}, an array, or JSON lines; gzip'd or not
//             signed for service "cairn"; action cairn:PutRecords
//   200       {"accepted": N, "duplicates": M}   once all are durable
//   400       {"index": I, "reason": "…"}        the first bad record; nothing was taken
//   403, 413  {"reason": "…"}                    who calls may not; too large
//   503       {"reason": "…"}, Retry-After       send it again: ids double nothing
//
// All or nothing. Records keep their text (without space between its parts). An event id seen before is
// acknowledged and dropped. recipientAccountId must be a declared account: the caller's own, or, of the first
// account, any for who is also allowed cairn:SubmitForeignRecords. Policies mean what they mean in IAM: "*"
// and "cairn:*" allow that, too, "cairn:Put*" does not.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "access/access.h"
#include "async/pool.h"
#include "base/metrics.h"
#include "dedupe/dedupe.h"
#include "event/view.h"
#include "front/budget.h"
#include "front/own_calls.h"
#include "http/http.h"
#include "journal/journal.h"
#include "reserve/room.h"

namespace cairn::front {

// A whole request is one append: its records and their entries' heads must fit what the journal lets wait.
struct DoorLimits {
  std::size_t body_bytes_max = 48U << 20;      // as sent
  std::size_t inflated_bytes_max = 48U << 20;  // and as gunzipped
  std::size_t record_bytes_max = 256U << 10;   // CloudTrail's own
  std::size_t records_max = 50'000;            // of one request
  std::uint64_t bytes_in_flight_max = 512U
                                      << 20;  // of all requests together, as kWeight counts; beyond it 503
  std::uint64_t unverified_bytes_max = 256U << 20;   // of these, those whose signature is not checked yet
  std::uint64_t one_address_bytes_max = 128U << 20;  // and of these, those from one address
  Millis pace_max{1'000};  // ms; so long at most a request waits for the history to keep up, then it is taken
  std::size_t body_here_max = 64U << 10;  // a larger one is unpacked on a thread of the door's own, not on
                                          // its connection's loop, which others wait for
};

// All references outlive the door.
struct DoorDependencies {
  const access::Directory& directory;
  dedupe::Index& dedupe;
  journal::Journal& journal;
  std::function<bool(const std::string&)> is_account;  // is it declared? Thread-safe
  std::string first_account;
  std::function<bool()> open;  // false: the index of event ids has not yet seen all of the journal
  const Clock& clock;
  Metrics& metrics;
  DoorLimits limits{};
  // false: the event history is so far behind the journal that what others do now would be found late
  std::function<bool()> keeps_up = [] { return true; };
  const reserve::Room* room = nullptr;  // none: the disk is never full
};

// Thread-safe.
class Door {
 public:
  explicit Door(DoorDependencies on);

  Task<http::Response> handle(http::Request& request);

 private:
  using Refused = OwnRefusal;
  struct Parsed;
  struct Reach;

  Task<Result<Reach, Refused>> identify(const http::Request& request, const OwnCalls::Signer& signer,
                                        std::string_view body);
  Task<Result<std::string, Refused>> read_body(http::Request& request, Budget::Hold& hold);
  Task<Result<Parsed, Refused>> unpack(const http::Request& request, const Reach& reach, std::string& body,
                                       Budget::Hold& hold);
  Result<Parsed, Refused> unpack_here(const codec::RequestHead& head, const Reach& reach, std::string& body,
                                      Budget::Hold& hold) const;
  Result<void, Refused> inflate(const codec::RequestHead& head, std::string& body, Budget::Hold& hold) const;
  Result<Parsed, Refused> parse(const Reach& reach, std::string_view text) const;
  Result<void, Refused> check_account(const Reach& reach, const event::View& view, std::size_t index) const;
  Task<Result<std::pair<std::size_t, std::size_t>, Refused>> take(http::Request& request);
  Task<Result<void>> append(const Parsed& parsed, dedupe::Admission& admission);
  Task<void> pace() const;

  DoorDependencies on_;
  OwnCalls calls_;
  async::Pool pool_;
  Budget budget_;
  Counter accepted_;
  Counter duplicates_;
  Counter bytes_;
  Counter refused_;
};

}  // namespace cairn::front
