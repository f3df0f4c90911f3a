// Tested by door_test.cc and conformance/test_records.py.
#include "front/door.h"

#include "async/task.h"
#include "base/log.h"
#include "codec/gzip.h"
#include "event/entry.h"
#include "json/json.h"
#include "json/records.h"

namespace cairn::front {
namespace {

constexpr std::string_view kAction = "cairn:PutRecords";
constexpr std::string_view kForeignAction = "cairn:SubmitForeignRecords";
constexpr Millis kPaceStep{5};

// What a body costs while it is taken in, per byte of its text: itself, what was read of it, what goes to the
// journal, and the same sealed.
constexpr std::uint64_t kWeight = 4;
constexpr int kUnavailable = OwnRefusal::kUnavailable;
constexpr std::size_t kThreads = 2;

}  // namespace

// Both point into the body's text.
struct Door::Parsed {
  std::vector<json::Record> records;
  std::vector<event::View> views;
};

// Whose records a caller may hand in.
struct Door::Reach {
  std::string account;
  bool foreign = false;  // every other declared account's, too
};

Door::Door(DoorDependencies on)
    : on_(std::move(on)),
      calls_(on_.directory, on_.clock),
      pool_(kThreads),
      budget_({.bytes_max = on_.limits.bytes_in_flight_max,
               .unverified_bytes_max = on_.limits.unverified_bytes_max,
               .one_address_bytes_max = on_.limits.one_address_bytes_max},
              on_.metrics, "cairn_records_in_flight_bytes",
              "what records handed in cost while they are taken in"),
      accepted_(on_.metrics.counter("cairn_records_accepted_total", "records handed in and taken")),
      duplicates_(on_.metrics.counter("cairn_records_duplicate_total",
                                      "records handed in whose event id was seen before")),
      bytes_(on_.metrics.counter("cairn_records_bytes_total", "bytes of bodies handed in")),
      refused_(on_.metrics.counter("cairn_records_refused_total",
                                   "requests to hand in records that were refused")) {
  CAIRN_CHECK(on_.journal.partitions() == 1);  // a batch of several partitions would not be all or nothing
}

Task<http::Response> Door::handle(http::Request& request) {
  const auto taken = co_await take(request);
  if (!taken) {
    refused_.add();
    co_return refuse(taken.error());
  }
  const auto [accepted, duplicates] = *taken;
  accepted_.add(static_cast<double>(accepted));
  duplicates_.add(static_cast<double>(duplicates));
  http::Response response;
  response.headers.add("Content-Type", "application/json");
  response.body = json::serialize(json::object{{"accepted", accepted}, {"duplicates", duplicates}});
  co_return response;
}

Task<Result<std::pair<std::size_t, std::size_t>, Door::Refused>> Door::take(http::Request& request) {
  if (request.head.method != "POST") {
    co_return Refused{405, "only POST"};
  }
  // Somebody whom nobody knows is sent away before his megabytes are read.
  CAIRN_CO_TRY(const auto signer, co_await calls_.find_signer(request.head));
  co_await pace();
  Budget::Hold hold(budget_, request.peer.address);
  CAIRN_CO_TRY(auto body, co_await read_body(request, hold));
  CAIRN_CO_TRY(const auto reach, co_await identify(request, signer, body));
  hold.verified();
  if (!on_.open()) {
    co_return Refused{kUnavailable, "not ready: the journal is still being read"};
  }
  // A repeat is refused, too: it takes no room, but who sends records cannot tell.
  if (on_.room != nullptr && !on_.room->admits(reserve::Claim::growth, body.size())) {
    co_return Refused{kUnavailable, "the disk is full: records are taken again when there is room"};
  }
  CAIRN_CO_TRY(const auto parsed, co_await unpack(request, reach, body, hold));
  std::vector<dedupe::Key> keys;
  keys.reserve(parsed.views.size());
  for (const auto& view : parsed.views) {
    keys.push_back({view.recipient_account, view.event_id});
  }
  auto admission = co_await on_.dedupe.admit(keys);
  if (!admission) {
    co_return Refused{kUnavailable, admission.error().text()};
  }
  if (const auto appended = co_await append(parsed, *admission); !appended) {
    log::error("cannot append records", {{"error", appended.error().text()}});
    co_return Refused{kUnavailable, appended.error().what};
  }
  co_return std::pair(admission->fresh_count(), admission->repeat_count());
}

// Before anything of the body is read, so that what waits, waits at the sender. Who sends faster than the
// history takes would otherwise push everybody's events behind his own.
Task<void> Door::pace() const {
  for (Millis waited{0}; waited < on_.limits.pace_max && !on_.keeps_up(); waited += kPaceStep) {
    co_await async::sleep(kPaceStep);
  }
}

Task<Result<std::string, Door::Refused>> Door::read_body(http::Request& request, Budget::Hold& hold) {
  auto body = co_await read_all(request.body, on_.limits.body_bytes_max, hold);
  if (!body) {
    const bool busy = body.error().code == Errc::unavailable;
    co_return Refused{busy ? kUnavailable : http::status_of(body.error()), body.error().text()};
  }
  bytes_.add(static_cast<double>(body->size()));
  co_return *std::move(body);
}

Task<Result<Door::Parsed, Door::Refused>> Door::unpack(const http::Request& request, const Reach& reach,
                                                       std::string& body, Budget::Hold& hold) {
  auto work = [&] { return unpack_here(request.head, reach, body, hold); };
  // What a small packed body becomes, nobody knows before it is unpacked.
  if (body.size() <= on_.limits.body_here_max && !request.head.headers.find("Content-Encoding")) {
    co_return work();
  }
  co_return co_await pool_.run(std::move(work));
}

Result<Door::Parsed, Door::Refused> Door::unpack_here(const codec::RequestHead& head, const Reach& reach,
                                                      std::string& body, Budget::Hold& hold) const {
  CAIRN_TRY_VOID(inflate(head, body, hold));
  if (!hold.add(body.size() * (kWeight - 1))) {
    return Refused{kUnavailable, "too many bytes of records are being taken in"};
  }
  return parse(reach, body);
}

// On one thread from beginning to end, so that there are never more of them at once than threads; then it is
// counted.
Result<void, Door::Refused> Door::inflate(const codec::RequestHead& head, std::string& body,
                                          Budget::Hold& hold) const {
  const auto encoding = codec::lower(head.headers.get("Content-Encoding"));
  if (encoding.empty() || encoding == "identity") {
    return {};
  }
  if (encoding != "gzip") {
    return Refused{400, "Content-Encoding must be gzip or nothing"};
  }
  auto inflated = codec::gzip_decompress(body, on_.limits.inflated_bytes_max);
  if (!inflated) {
    return Refused{inflated.error().code == Errc::limit ? 413 : 400, inflated.error().text()};
  }
  body = *std::move(inflated);
  if (!hold.add(body.size())) {
    return Refused{kUnavailable, "too many bytes of records are being taken in"};
  }
  return {};
}

Task<Result<Door::Reach, Door::Refused>> Door::identify(const http::Request& request,
                                                        const OwnCalls::Signer& signer,
                                                        std::string_view body) {
  CAIRN_CO_TRY(const auto caller, co_await calls_.identify(request, signer, body));
  CAIRN_CO_TRY_VOID(OwnCalls::permit(caller, kAction));
  Reach reach{.account = caller.account()};
  if (reach.account == on_.first_account) {
    reach.foreign = OwnCalls::decide(caller, kForeignAction).allowed;
  }
  co_return reach;
}

Result<Door::Parsed, Door::Refused> Door::parse(const Reach& reach, std::string_view text) const {
  Parsed parsed;
  const json::SplitLimits limits{.bytes_max = on_.limits.inflated_bytes_max,
                                 .record_bytes_max = on_.limits.record_bytes_max,
                                 .records_max = on_.limits.records_max};
  const auto split = json::split_records(text, limits, parsed.records);
  if (split && parsed.records.empty()) {
    return Refused{400, "there are no records"};
  }
  parsed.views.reserve(parsed.records.size());
  for (std::size_t i = 0; i < parsed.records.size(); ++i) {
    auto view = event::borrowed_view(parsed.records[i].raw);
    if (!view) {
      return Refused{400, view.error().text(), i};
    }
    CAIRN_TRY_VOID(check_account(reach, *view, i));
    parsed.views.push_back(*std::move(view));
  }
  if (!split) {
    return Refused{400, split.error().error().text(), split.error().record};  // none before it is bad
  }
  return parsed;
}

Result<void, Door::Refused> Door::check_account(const Reach& reach, const event::View& view,
                                                std::size_t index) const {
  if (!on_.is_account(std::string(view.recipient_account))) {
    return Refused{400, "recipientAccountId is no declared account: " + std::string(view.recipient_account),
                   index};
  }
  if (!reach.foreign && view.recipient_account != reach.account) {
    return Refused{400,
                   "another account's records need an administrator of the first account: " +
                       std::string(view.recipient_account),
                   index};
  }
  return {};
}

Task<Result<void>> Door::append(const Parsed& parsed, dedupe::Admission& admission) {
  std::vector<std::string> payloads;
  payloads.reserve(admission.fresh_count());
  for (std::size_t i = 0; i < parsed.records.size(); ++i) {
    if (!admission.is_fresh(i)) {
      continue;
    }
    const auto& record = parsed.records[i];
    payloads.push_back(record.compact
                           ? event::encode_entry(event::Kind::record, 0, record.raw)
                           : event::encode_entry(event::Kind::record, 0, json::minify(record.raw)));
  }
  if (payloads.empty()) {
    co_return Result<void>{};
  }
  // There is one partition; with several, a batch of many accounts becomes an append to each.
  const auto appended =
      co_await on_.journal.append(on_.journal.partition_of(parsed.views.front().recipient_account), payloads);
  admission.settle(appended);
  if (!appended) {
    co_return appended.error();
  }
  co_return Result<void>{};
}

}  // namespace cairn::front
