// Tested by notices_test.cc.
#include "delivery/notices.h"

#include <fmt/format.h>

#include <algorithm>

#include "async/loops.h"
#include "aws/ids.h"
#include "base/check.h"
#include "base/log.h"
#include "delivery/trails.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr std::size_t kNoticePage = 1000;
constexpr std::size_t kFirstPage = 16;
constexpr std::size_t kUnreadableMax = 1000;  // that are told apart; any more are counted each time

std::int64_t millis_of(Time time) {
  return time.time_since_epoch().count();
}

std::string notified_key(const trail::Trail& trail, std::string_view region) {
  return StatusName{trail.arn(), trail.created, std::string(region)}.notified_key();
}

json::value millis_if(const std::optional<Time>& time) {
  return time ? json::value(millis_of(*time)) : json::value(nullptr);
}

std::optional<Time> moment_in(const json::object& object, std::string_view member) {
  const auto millis = json::find_int(object, member);
  return millis ? std::optional<Time>(Time{Millis{*millis}}) : std::nullopt;
}

std::string words_in(const json::object& object, std::string_view member) {
  return std::string(json::find_string(object, member).value_or(""));
}

}  // namespace

std::string Notice::catalog_key() const {
  return fmt::format("{}{}/{}/{:020}", kNoticePrefix, trail_arn, millis_of(trail_created), number);
}

std::string Notice::message() const {
  return json::serialize(json::object{{"s3Bucket", bucket}, {"s3ObjectKey", json::array{json::value(key)}}});
}

std::string to_document(const Notice& notice) {
  return json::serialize(json::object{{"v", 1},
                                      {"number", static_cast<std::int64_t>(notice.number)},
                                      {"trail", notice.trail_arn},
                                      {"trailCreated", millis_of(notice.trail_created)},
                                      {"region", notice.region},
                                      {"bucket", notice.bucket},
                                      {"key", notice.key},
                                      {"made", millis_of(notice.made)}});
}

Result<Notice> notice_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  const auto number = json::find_int(object, "number");
  const auto created = moment_in(object, "trailCreated");
  const auto made = moment_in(object, "made");
  Notice notice{.trail_arn = words_in(object, "trail"),
                .region = words_in(object, "region"),
                .bucket = words_in(object, "bucket"),
                .key = words_in(object, "key")};
  if (json::find_int(object, "v") != 1 || !number || *number < 0 || !created || !made ||
      notice.trail_arn.empty() || notice.bucket.empty() || notice.key.empty()) {
    return Error{Errc::corrupt, "read a notice: not what was written", notice.trail_arn};
  }
  notice.number = static_cast<std::uint64_t>(*number);
  notice.trail_created = *created;
  notice.made = *made;
  return notice;
}

std::string to_document(const Notified& notified) {
  return json::serialize(json::object{{"v", 1},
                                      {"sent", millis_if(notified.sent)},
                                      {"attempted", millis_if(notified.attempted)},
                                      {"error", notified.error},
                                      {"topic", notified.topic}});
}

Result<Notified> notified_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  if (json::find_int(object, "v") != 1) {
    return Error{Errc::corrupt, "read how notices went: not what was written", ""};
  }
  return Notified{.sent = moment_in(object, "sent"),
                  .attempted = moment_in(object, "attempted"),
                  .error = words_in(object, "error"),
                  .topic = words_in(object, "topic")};
}

Task<Result<Notified>> notified(catalog::Catalog& catalog, trail::Trail trail, std::string region) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(notified_key(trail, region)));
  Notified notified;
  if (document) {
    CAIRN_CO_TRY(notified, notified_from(document->value));
  }
  if (notified.topic != trail.topic_arn) {
    notified.error.clear();
  }
  co_return notified;
}

Notices::Notices(NoticeOptions options, catalog::Catalog& catalog, aws::Client& sns, const Clock& clock,
                 Metrics& metrics)
    : options_(options),
      catalog_(catalog),
      sns_(sns),
      clock_(clock),
      sent_(metrics.counter("cairn_delivery_notices_total", "topics told of log files")),
      failures_(
          metrics.counter("cairn_delivery_notice_failures_total", "attempts to tell a topic that failed")),
      dropped_(metrics.counter("cairn_delivery_notices_dropped_total",
                               "notices dropped: their topic did not take them for too long")),
      unreadable_(metrics.counter("cairn_delivery_notices_unreadable_total",
                                  "notices that cannot be read: left out, and left where they are")) {}

void Notices::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Notices::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("a notice is slow to stop");
  }
}

Time Notices::now() const {
  return (options_.ages != nullptr ? *options_.ages : clock_).now();
}

Task<void> Notices::run() {
  for (bool loaded = false; !loaded && !stopping_;) {
    const auto found = co_await load();
    loaded = found.has_value();
    if (!loaded) {
      log::warn("cannot read the notices that wait, trying again", {{"error", found.error().text()}});
      co_await async::sleep(options_.retry_least);
    }
  }
  while (!stopping_) {
    if (auto trail = take_due()) {
      co_await send_next(*std::move(trail));
    } else {
      co_await async::sleep(options_.idle);
    }
  }
}

Task<Result<void>> Notices::load() {
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(kNoticePrefix), after, kNoticePage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      if (const auto notice = notice_from(document.value)) {
        wake(notice->trail_arn);
      } else {
        count_unreadable(document.key, notice.error());
      }
    }
  }
  co_return Result<void>{};
}

void Notices::add(const Plan& plan, const trail::Trail& trail, catalog::Transaction& change) const {
  if (trail.topic_arn.empty()) {
    return;
  }
  const Notice notice{.number = plan.number,
                      .trail_arn = plan.trail_arn,
                      .trail_created = plan.trail_created,
                      .region = plan.region,
                      .bucket = plan.bucket,
                      .key = plan.key,
                      .made = now()};
  change.writes.push_back({notice.catalog_key(), to_document(notice), std::nullopt});
}

void Notices::wake(const std::string& trail_arn) {
  const std::lock_guard lock(mutex_);
  ++queues_[trail_arn].waiting;
}

std::optional<std::string> Notices::take_due() {
  const auto at = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::min_element(queues_, {}, [](const auto& one) { return one.second.due; });
  if (first == queues_.end() || first->second.due > at) {
    return std::nullopt;
  }
  return first->first;
}

Task<void> Notices::work_off() {
  while (auto trail = take_due()) {
    co_await send_next(*std::move(trail));
  }
}

Task<Result<std::optional<trail::Trail>>> Notices::trail_of(std::string arn) {
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(trail_document_key(arn)));
  if (!document) {
    co_return std::optional<trail::Trail>();
  }
  CAIRN_CO_TRY(const auto object, json::parse_object(document->value));
  CAIRN_CO_TRY(auto trail, trail::from_document(object));
  co_return std::optional(std::move(trail));
}

// A life of the trail is in the key, so the lives before it come first.
Task<void> Notices::send_next(std::string trail_arn) {
  const auto announced = waiting(trail_arn);
  const auto found = co_await first_of(trail_arn);
  if (found && !*found) {
    over(trail_arn, announced);
    co_return;
  }
  const auto trail = co_await trail_of(trail_arn);
  if (!found || !trail) {
    log::warn("cannot read what a notice is about, trying again", {{"trail", trail_arn}});
    postpone(trail_arn);
    co_return;
  }
  const auto* const notice = &(*found)->notice;
  const bool wanted = *trail && (*trail)->created == notice->trail_created && !(*trail)->topic_arn.empty();
  const bool dropped = wanted && is_too_old(*notice);
  std::optional<Attempt> attempt;
  if (wanted && !dropped) {
    attempt = co_await publish(*notice, **trail);
  }
  const auto topic = *trail ? (*trail)->topic_arn : std::string();
  const auto written = co_await finish((*found)->document, *notice, topic, attempt);
  if (!written || (attempt && !attempt->sent)) {
    postpone(trail_arn);
    co_return;
  }
  if (dropped) {
    dropped_.add();
    log::error("a notice is dropped: its topic did not take it for too long",
               {{"trail", trail_arn}, {"topic", topic}, {"key", notice->key}});
  }
  ended(trail_arn);
}

Task<Result<std::optional<Notices::Found>>> Notices::first_of(std::string trail_arn) {
  const auto prefix = std::string(kNoticePrefix) + trail_arn + "/";
  std::string after;
  while (true) {
    CAIRN_CO_TRY(auto page, co_await catalog_.scan(prefix, after, kFirstPage));
    if (page.empty()) {
      co_return std::optional<Found>();
    }
    after = page.back().key;
    for (auto& document : page) {
      auto notice = notice_from(document.value);
      if (notice) {
        co_return std::optional(Found{.document = std::move(document), .notice = *std::move(notice)});
      }
      count_unreadable(document.key, notice.error());
    }
  }
}

void Notices::count_unreadable(const std::string& key, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (unreadable_keys_.contains(key)) {
      return;
    }
    if (unreadable_keys_.size() < kUnreadableMax) {
      unreadable_keys_.insert(key);
    }
  }
  unreadable_.add();
  log::error("a notice cannot be read and stays where it is", {{"key", key}, {"error", error.text()}});
}

bool Notices::is_too_old(const Notice& notice) {
  const std::lock_guard lock(mutex_);
  return now() - notice.made >= options_.patience || queues_[notice.trail_arn].waiting > options_.waiting_max;
}

Task<Notices::Attempt> Notices::publish(const Notice& notice, const trail::Trail& trail) {
  const auto topic = aws::Arn::parse(trail.topic_arn);
  if (!topic) {
    co_return Attempt{.sent = false, .code = "InvalidParameter"};
  }
  aws::ClientCall call;
  call.service = "sns";
  call.operation = "Publish";
  call.region = std::string(topic->region());
  call.input = {{"TopicArn", trail.topic_arn}, {"Message", notice.message()}};
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = notice.trail_arn,
                    .source_account = trail.account};
  const auto answer = co_await sns_.call(std::move(call));
  if (answer) {
    sent_.add();
    co_return Attempt{.sent = true};
  }
  failures_.add();
  log::warn("cannot tell a trail's topic of a log file, trying again",
            {{"trail", notice.trail_arn}, {"topic", trail.topic_arn}, {"code", answer.error().code}});
  co_return Attempt{.sent = false, .code = answer.error().code};
}

// How it went, and the notice's end if it has come.
Task<Result<void>> Notices::finish(catalog::Document document, Notice notice, std::string topic,
                                   std::optional<Attempt> attempt) {
  catalog::Transaction change;
  if (!attempt || attempt->sent) {
    change.writes.push_back({document.key, std::nullopt, document.version});
  }
  if (attempt) {
    const auto key = StatusName{notice.trail_arn, notice.trail_created, notice.region}.notified_key();
    CAIRN_CO_TRY(const auto before, co_await catalog_.get(key));
    Notified now_so;
    if (before) {
      CAIRN_CO_TRY(now_so, notified_from(before->value));
    }
    now_so.attempted = clock_.now();
    now_so.sent = attempt->sent ? now_so.attempted : now_so.sent;
    now_so.error = attempt->code;
    now_so.topic = std::move(topic);
    change.writes.push_back({key, to_document(now_so), before ? before->version : 0});
  }
  const auto committed = co_await catalog_.commit(std::move(change));
  if (!committed) {
    log::warn("cannot write down how a notice went",
              {{"key", notice.key}, {"error", committed.error().text()}});
    co_return committed.error();
  }
  co_return Result<void>{};
}

void Notices::ended(const std::string& trail_arn) {
  const std::lock_guard lock(mutex_);
  auto& queue = queues_[trail_arn];
  queue.waiting -= std::min<std::size_t>(queue.waiting, 1);
  queue.backoff = Millis{0};
  queue.due = std::chrono::steady_clock::now();
}

std::size_t Notices::waiting(const std::string& trail_arn) {
  const std::lock_guard lock(mutex_);
  return queues_[trail_arn].waiting;
}

// There was none. What was announced meanwhile is looked for once more.
void Notices::over(const std::string& trail_arn, std::size_t announced) {
  const std::lock_guard lock(mutex_);
  if (queues_[trail_arn].waiting == announced) {
    queues_.erase(trail_arn);
  }
}

void Notices::postpone(const std::string& trail_arn) {
  const std::lock_guard lock(mutex_);
  auto& queue = queues_[trail_arn];
  queue.backoff = std::clamp(queue.backoff * 2, options_.retry_least, options_.retry_most);
  queue.due = std::chrono::steady_clock::now() + queue.backoff;
}

}  // namespace cairn::delivery
