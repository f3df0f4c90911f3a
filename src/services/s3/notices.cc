// Tested by notices_test.cc.
#include "services/s3/notices.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "json/json.h"
#include "services/s3/notification_rules.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

constexpr std::uint64_t kNumbersAMilli = 1U << 20;
constexpr std::string_view kAnonymous = "ANONYMOUS_PRINCIPAL";
constexpr std::string_view kVersion = "2.1";
constexpr std::string_view kLaterVersion = "2.3";

// As in a form: a space is a plus.
std::string encoded_key(std::string_view key) {
  constexpr std::string_view kMarks = "-_.*/";
  std::string out;
  for (const char c : key) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       kMarks.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool is_of_first_version(std::string_view event) {
  return event.starts_with("ObjectCreated:") || event.starts_with("ObjectRemoved:");
}

json::object object_of(const Happening& happening, const std::string& sequencer) {
  json::object object{{"key", encoded_key(happening.object.key)}};
  if (!happening.object.etag.empty()) {
    object["size"] = happening.object.size;
    object["eTag"] = happening.object.etag;
  }
  if (!happening.version.empty()) {
    object["versionId"] = happening.version;
  }
  object["sequencer"] = sequencer;
  return object;
}

std::string body_of(const Bucket& bucket, const Happening& happening, std::string_view id,
                    const std::string& sequencer) {
  const auto& actor = happening.actor;
  json::object record{
      {"eventVersion", is_of_first_version(happening.event) ? kVersion : kLaterVersion},
      {"eventSource", "aws:s3"},
      {"awsRegion", bucket.region},
      {"eventTime", rfc3339_millis(happening.time)},
      {"eventName", happening.event},
      {"userIdentity", json::object{{"principalId", actor.principal}}},
      {"requestParameters", json::object{{"sourceIPAddress", actor.source_address}}},
      {"responseElements",
       json::object{{"x-amz-request-id", actor.request_id}, {"x-amz-id-2", actor.host_id}}},
      {"s3", json::object{
                 {"s3SchemaVersion", "1.0"},
                 {"configurationId", id},
                 {"bucket",
                  json::object{{"name", bucket.name},
                               {"ownerIdentity", json::object{{"principalId", canonical_id(bucket.account)}}},
                               {"arn", bucket.arn()}}},
                 {"object", object_of(happening, sequencer)}}}};
  json::array records;
  records.push_back(std::move(record));
  return json::serialize(json::object{{"Records", std::move(records)}});
}

// Read through the draft: once, and whoever changes it meanwhile makes the call run again.
Task<Result<std::vector<NotificationRule>, aws::Fault>> rules_of(Draft& draft, const Bucket& bucket) {
  const auto document = co_await draft.get(setting_key("notification", bucket));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return std::vector<NotificationRule>();
  }
  const auto setting = setting_from(**document);
  if (!setting) {
    co_return internal(setting.error());
  }
  co_return notification_rules(setting->configuration);
}

// None: too many wait. After a restart the clock may say what it said before: what waits is not written over.
Task<Result<std::optional<std::string>, aws::Fault>> new_sequencer(WaitingNotices& waiting, Draft& draft,
                                                                   std::string lane, std::string account) {
  while (true) {
    auto sequencer = waiting.add(lane, account);
    if (!sequencer) {
      co_return sequencer;
    }
    const auto there = co_await draft.get(notice_key(lane, *sequencer));
    if (!there) {
      co_return internal(there.error());
    }
    if (!*there) {
      co_return sequencer;
    }
    waiting.gone(lane, 1);
  }
}

}  // namespace

Actor actor_of(const Call& call) {
  const auto& who = call.caller.principal;
  Actor actor{.principal = "AWS:" + (who.id.empty() ? who.name : who.id),
              .source_address = call.source_address,
              .request_id = call.request_id,
              .host_id = call.host_id};
  if (who.kind == access::PrincipalKind::service) {
    actor.principal = who.name;
  } else if (who.kind == access::PrincipalKind::anonymous) {
    actor.principal = kAnonymous;
  }
  return actor;
}

std::string created_event(const Call& call) {
  if (call.is_form) {
    return "ObjectCreated:Post";
  }
  constexpr std::pair<std::string_view, std::string_view> kEvents[] = {
      {"PutObject", "Put"}, {"CopyObject", "Copy"}, {"CompleteMultipartUpload", "CompleteMultipartUpload"}};
  const auto* const it = std::ranges::find(kEvents, std::string_view(call.operation.name),
                                           [](const auto& one) { return one.first; });
  CAIRN_CHECK(it != std::end(kEvents));
  return "ObjectCreated:" + std::string(it->second);
}

Task<Result<void, aws::Fault>> tell(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                    Happening happening) {
  if (on.notices == nullptr) {
    co_return Result<void, aws::Fault>{};
  }
  CAIRN_CO_TRY(const auto rules, co_await rules_of(draft, bucket));
  for (const auto& rule : rules) {
    if (!wants(rule, happening.event, happening.object.key)) {
      continue;
    }
    const auto lane = lane_of(rule.target, bucket.name);
    CAIRN_CO_TRY(const auto sequencer, co_await new_sequencer(*on.notices, draft, lane, bucket.account));
    if (!sequencer) {
      log::error("too many events wait for what is told of a bucket: one is dropped",
                 {{"bucket", bucket.name}, {"target", rule.target}, {"event", happening.event}});
      continue;
    }
    const Notice notice{.bucket = bucket.arn(),
                        .account = bucket.account,
                        .made = on.notices->now(),
                        .body = body_of(bucket, happening, rule.id, *sequencer)};
    draft.put(notice_key(lane, *sequencer), to_document(notice));
  }
  co_return Result<void, aws::Fault>{};
}

std::string to_document(const Notice& notice) {
  return json::serialize(json::object{{"v", 1},
                                      {"bucket", notice.bucket},
                                      {"account", notice.account},
                                      {"made", notice.made.time_since_epoch().count()},
                                      {"body", notice.body}});
}

Result<Notice> notice_from(std::string_view document) {
  CAIRN_TRY(const auto parsed, json::parse_object(document));
  const auto bucket = json::find_string(parsed, "bucket");
  const auto account = json::find_string(parsed, "account");
  const auto made = json::find_int(parsed, "made");
  const auto body = json::find_string(parsed, "body");
  if (json::find_int(parsed, "v") != 1 || !bucket || !account || !made || !body) {
    return Error{Errc::corrupt, "read an event of a bucket: not what was written",
                 std::string(bucket.value_or(""))};
  }
  return Notice{.bucket = std::string(*bucket),
                .account = std::string(*account),
                .made = Time{Millis{*made}},
                .body = std::string(*body)};
}

std::string lane_of(std::string_view target, std::string_view bucket) {
  return fmt::format("{}/{}", target, bucket);
}

std::string_view target_of(std::string_view lane) {
  return lane.substr(0, lane.rfind('/'));
}

std::string notice_key(std::string_view lane, std::string_view sequencer) {
  return fmt::format("{}{}/{}", kNoticePrefix, lane, sequencer);
}

std::string lane_in(std::string_view notice_key) {
  notice_key.remove_prefix(std::min(notice_key.size(), kNoticePrefix.size()));
  return std::string(notice_key.substr(0, notice_key.rfind('/')));
}

WaitingNotices::WaitingNotices(const Clock& clock, Metrics& metrics)
    : clock_(clock),
      dropped_(metrics.counter("cairn_s3_notices_dropped_total",
                               "events that buckets did not tell: too many waited, or for too long")),
      gauge_(metrics.gauge("cairn_s3_notices_waiting",
                           "events of buckets that queues and topics are still to be told")) {
  metrics.limit("cairn_s3_notices_waiting", static_cast<double>(in_all_max));
}

// A bucket's name may come back with another account.
WaitingNotices::Waiting& WaitingNotices::lane_of_account(const std::string& lane,
                                                         const std::string& account) {
  auto& waiting = lanes_[lane];
  if (waiting.account != account) {
    const auto count = waiting.count;
    less(waiting, count);
    waiting = {.count = count, .account = account};
    of_account_[account] += count;
    in_all_ += count;
  }
  return waiting;
}

void WaitingNotices::less(Waiting& lane, std::size_t count) {
  const auto fewer = std::min(count, lane.count);
  lane.count -= fewer;
  in_all_ -= fewer;
  const auto of_account = of_account_.find(lane.account);
  if (of_account != of_account_.end() && (of_account->second -= fewer) == 0) {
    of_account_.erase(of_account);
  }
}

std::optional<std::string> WaitingNotices::add(const std::string& lane, const std::string& account) {
  const auto by_time = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()) * kNumbersAMilli;
  const std::lock_guard lock(mutex_);
  auto& waiting = lane_of_account(lane, account);
  const auto it = of_account_.find(account);
  const auto of_account = it == of_account_.end() ? 0 : it->second;
  if (in_all_ >= in_all_max || of_account >= account_max || waiting.count >= lane_max) {
    dropped_.add();
    return std::nullopt;
  }
  ++waiting.count;
  ++of_account_[account];
  ++in_all_;
  measure();
  last_ = std::max(last_ + 1, by_time);
  return fmt::format("{:016X}", last_);
}

void WaitingNotices::found(const std::string& lane, const std::string& account) {
  const std::lock_guard lock(mutex_);
  ++lane_of_account(lane, account).count;
  ++of_account_[account];
  ++in_all_;
  measure();
}

void WaitingNotices::gone(const std::string& lane, std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (const auto it = lanes_.find(lane); it != lanes_.end()) {
    less(it->second, count);
  }
  measure();
}

void WaitingNotices::none_of(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  if (const auto it = lanes_.find(lane); it != lanes_.end()) {
    less(it->second, it->second.count);
    lanes_.erase(it);
  }
  measure();
}

std::size_t WaitingNotices::count_of(const std::string& lane) const {
  const std::lock_guard lock(mutex_);
  const auto it = lanes_.find(lane);
  return it == lanes_.end() ? 0 : it->second.count;
}

std::vector<std::string> WaitingNotices::lanes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [lane, waiting] : lanes_) {
    all.push_back(lane);
  }
  return all;
}

void WaitingNotices::measure() {
  gauge_.set(static_cast<double>(in_all_));
}

}  // namespace cairn::services::s3
