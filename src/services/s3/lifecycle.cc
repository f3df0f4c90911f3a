// Tested by lifecycle_test.cc.
#include "services/s3/lifecycle.h"

#include <algorithm>

#include "base/log.h"
#include "codec/uri.h"
#include "crypto/random.h"
#include "event/outbox_row.h"
#include "event/record.h"
#include "json/json.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kRowsAtOnce = 500;
constexpr std::size_t kLoggedKeyCharsMax = 200;
constexpr Millis kNap{100};
constexpr std::string_view kPrincipal = "lifecycle.s3.amazonaws.com";
constexpr std::string_view kService = "s3.amazonaws.com";  // in buckets' events

Subject subject_of(const Object& object) {
  return {.key = object.key, .size = object.size, .tags = object.tags};
}

constexpr int kUnavailableStatus = 503;

// What a fault of the shared functions was, to a job: of the stores, or of what it was about.
Error error_of(const aws::Fault& fault) {
  return Error{fault.status == kUnavailableStatus ? Errc::unavailable : Errc::invalid,
               "cannot apply a lifecycle rule: " + fault.message, fault.code};
}

// Of one object, version or upload: the next one may well be done.
bool is_of_one(const Error& error) {
  return error.code == Errc::invalid || error.code == Errc::corrupt || error.code == Errc::denied;
}

// In a log line, whatever bytes it has.
std::string logged_key(std::string_view key) {
  return codec::percent_encode(key, true).substr(0, kLoggedKeyCharsMax);
}

std::string record_of_removal(const Bucket& bucket, std::string_view operation, std::string_view key,
                              std::string_view version, Time now) {
  event::Record record;
  record.identity.type = "AWSService";
  record.identity.invoked_by = kPrincipal;
  record.time = now;
  record.source = event::event_source("s3");
  record.name = operation;
  record.region = bucket.region;
  record.source_address = kPrincipal;
  record.user_agent = kPrincipal;
  json::object parameters{{"bucketName", bucket.name}, {"key", key}};
  if (!version.empty()) {
    parameters["versionId"] = version;
  }
  record.request_parameters = std::move(parameters);
  record.event_id = crypto::uuid4();
  record.resources = {
      {.arn = bucket.arn() + "/" + std::string(key), .account_id = "", .type = "AWS::S3::Object"},
      {.arn = bucket.arn(), .account_id = bucket.account, .type = "AWS::S3::Bucket"}};
  record.type = "AwsServiceEvent";
  record.category = event::classify("s3", operation).category;
  record.recipient_account = bucket.account;
  return event::to_json(record);
}

// Of a version from before that was written down: when the next newer one came, as far as that says it (an
// object in parts says when it was begun, which may be before what it replaced was put).
Time noncurrent_since(const Object& version, const Object& next) {
  return version.noncurrent_since.value_or(std::max(next.modified, version.modified));
}

bool is_over(const std::optional<Expiry>& expiry, Time now) {
  return expiry && expiry->when <= now;
}

}  // namespace

void Lifecycle::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Lifecycle::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the lifecycle job is slow to stop");
  }
}

Task<void> Lifecycle::run() {
  while (!stopping_) {
    const auto applied = co_await apply();
    if (!applied) {
      log::warn("cannot apply lifecycle rules, trying again later", {{"error", applied.error().text()}});
    } else if (applied->removed > 0) {
      log::info("lifecycle rules were applied", {{"removed", applied->removed}});
    }
    for (Millis waited{0}; !stopping_ && waited < kEvery; waited += kNap) {
      co_await async::sleep(kNap);
    }
  }
}

// What is done of a bucket's objects, or of all uploads.
class Lifecycle::Tally {
 public:
  // What came of one. An error: of the stores, so the others would fare no better.
  Result<void> take(std::string_view key, const Result<std::size_t>& removed) {
    if (removed) {
      done_.removed += *removed;
      return {};
    }
    if (!is_of_one(removed.error())) {
      return removed.error();
    }
    fail(key, removed.error());
    return {};
  }
  void fail(std::string_view key, const Error& error) {
    if (++done_.failed == 1) {
      first_ = error.text();
      first_key_ = logged_key(key);
    }
  }
  void say(std::string_view of) const {
    if (done_.failed > 0) {
      log::warn("lifecycle rules could not be applied to all, trying again later",
                {{"of", of}, {"failed", done_.failed}, {"key", first_key_}, {"error", first_}});
    }
  }
  const Applied& done() const { return done_; }

 private:
  Applied done_;
  std::string first_;  // of the errors
  std::string first_key_;
};

void Lifecycle::Applied::add(const Applied& more) {
  removed += more.removed;
  failed += more.failed;
}

Task<Result<Lifecycle::Applied>> Lifecycle::apply() {
  std::map<std::string, Rules> by_bucket;
  Applied applied;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(setting_prefix("lifecycle"), after, kRowsAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      const auto rules = co_await rules_in(document);
      if (!rules) {
        log::warn("cannot read lifecycle rules", {{"at", document.key}, {"error", rules.error().text()}});
        ++applied.failed;
        continue;
      }
      if (*rules) {
        by_bucket.emplace((*rules)->bucket.id, **rules);
        const auto done = co_await apply_to_objects(**rules);
        applied.add(done);
      }
    }
  }
  const auto given_up = co_await apply_to_uploads(by_bucket);
  applied.add(given_up);
  co_return applied;
}

// Nothing: the bucket is gone, or another of its name is there.
Task<Result<std::optional<Lifecycle::Rules>>> Lifecycle::rules_in(catalog::Document document) {
  CAIRN_CO_TRY(const auto setting, setting_from(document.value));
  const auto bucket = co_await find_bucket(on_, setting.bucket);
  if (!bucket && bucket.error().code != "NoSuchBucket") {
    co_return error_of(bucket.error());
  }
  if (!bucket || setting_key("lifecycle", bucket->value) != document.key) {
    co_return std::optional<Rules>();
  }
  co_return Rules{bucket->value, enabled_rules(setting.configuration)};
}

Task<Lifecycle::Applied> Lifecycle::apply_to_objects(const Rules& rules) {
  Tally tally;
  const auto walked = co_await walk_objects(rules, tally);
  if (!walked) {
    tally.fail("", walked.error());
  }
  tally.say(rules.bucket.name);
  co_return tally.done();
}

Task<Result<void>> Lifecycle::walk_objects(const Rules& rules, Tally& tally) {
  std::string after;
  while (!stopping_ && !rules.rules.empty()) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(object_prefix(rules.bucket), after, kRowsAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      const auto current = object_from(document.value);
      if (!current) {
        tally.fail(document.key, current.error());
        continue;
      }
      CAIRN_CO_TRY_VOID(co_await apply_to_noncurrent(rules, *current, tally));
      const auto applied = co_await apply_to_current(rules, *current);
      CAIRN_CO_TRY_VOID(tally.take(current->key, applied));
    }
  }
  co_return Result<void>{};
}

Task<Result<std::size_t>> Lifecycle::apply_to_current(const Rules& rules, Object seen) {
  const auto now = wall_.now();
  const auto expiry = seen.marker ? lone_marker_expiry_of(rules.rules, subject_of(seen), seen.modified)
                                  : expiry_of(rules.rules, subject_of(seen), seen.modified);
  if (!is_over(expiry, now)) {
    co_return std::size_t{0};
  }
  Draft draft(on_.catalog);
  const auto current = co_await current_version(draft, rules.bucket, seen.key);
  if (!current) {
    co_return error_of(current.error());
  }
  if (!*current || to_document(**current) != to_document(seen)) {
    co_return std::size_t{0};  // changed meanwhile
  }
  if (!seen.marker) {
    const auto hidden = co_await hide(on_, draft, rules.bucket, seen.key, now);
    if (!hidden) {
      co_return error_of(hidden.error());
    }
    const auto& told_of = *hidden ? **hidden : seen;
    CAIRN_CO_TRY_VOID(co_await tell_of(draft, rules.bucket, told_of, hidden->has_value()));
    co_return co_await commit(draft, &rules.bucket, "DeleteObject", seen.key, "");
  }
  CAIRN_CO_TRY(const auto older, co_await draft.first(version_prefix(rules.bucket, seen.key)));
  if (older) {
    co_return std::size_t{0};
  }
  Version version{object_key(rules.bucket, seen.key), seen};
  const Removal removal{.now = now};
  const auto removed = co_await remove_version(on_, draft, rules.bucket, std::move(version), removal);
  if (!removed) {
    co_return error_of(removed.error());
  }
  CAIRN_CO_TRY_VOID(co_await tell_of(draft, rules.bucket, seen, false));
  co_return co_await commit(draft, &rules.bucket, "DeleteObject", seen.key, shown_version(seen));
}

// Newest first.
Task<Result<void>> Lifecycle::apply_to_noncurrent(const Rules& rules, Object current, Tally& tally) {
  const bool some =
      std::ranges::any_of(rules.rules, [](const auto& rule) { return rule.noncurrent_days.has_value(); });
  if (!some || current.sequence == 0) {
    co_return Result<void>{};
  }
  std::size_t newer = 0;
  auto next = current;  // the one that is newer by one
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(version_prefix(rules.bucket, current.key), after, kRowsAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      auto version = object_from(document.value);
      if (!version) {
        tally.fail(current.key, version.error());
        continue;
      }
      const auto since = noncurrent_since(*version, next);
      if (is_over(noncurrent_expiry_of(rules.rules, subject_of(*version), since, newer), wall_.now())) {
        const auto removed = co_await remove_noncurrent(rules, *version);
        CAIRN_CO_TRY_VOID(tally.take(current.key, removed));
      }
      next = *std::move(version);
      ++newer;
    }
  }
  co_return Result<void>{};
}

Task<Result<std::size_t>> Lifecycle::remove_noncurrent(const Rules& rules, Object seen) {
  Draft draft(on_.catalog);
  const auto id = shown_version(seen);
  const auto found = co_await find_version(draft, rules.bucket, seen.key, id);
  if (!found) {
    co_return error_of(found.error());
  }
  if (!*found || (*found)->at == object_key(rules.bucket, seen.key)) {
    co_return std::size_t{0};  // gone, or current again
  }
  const Removal removal{.now = wall_.now()};
  const auto removed = co_await remove_version(on_, draft, rules.bucket, **found, removal);
  if (!removed && removed.error().code == "AccessDenied") {
    co_return std::size_t{0};  // locked
  }
  if (!removed) {
    co_return error_of(removed.error());
  }
  CAIRN_CO_TRY_VOID(co_await tell_of(draft, rules.bucket, seen, false));
  co_return co_await commit(draft, &rules.bucket, "DeleteObject", seen.key, id);
}

Task<Lifecycle::Applied> Lifecycle::apply_to_uploads(const std::map<std::string, Rules>& by_bucket) {
  Tally tally;
  const auto walked = co_await walk_uploads(by_bucket, tally);
  if (!walked) {
    tally.fail("", walked.error());
  }
  tally.say("uploads");
  co_return tally.done();
}

Task<Result<void>> Lifecycle::walk_uploads(const std::map<std::string, Rules>& by_bucket, Tally& tally) {
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(std::string(kUploadPrefix), after, kRowsAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      auto upload = upload_from(document.value);
      if (!upload) {
        tally.fail(document.key, upload.error());
        continue;
      }
      const auto id = bucket_id_in(document.key);
      const auto it = by_bucket.find(id);
      CAIRN_CO_TRY(const auto life, co_await on_.catalog.get("s3/life/" + id));
      const auto over = [&](const LifecycleRule& rule) {
        return rule.abort_uploads_days && is_about(rule, subject_of(upload->object)) &&
               over_after(upload->object.modified, *rule.abort_uploads_days) <= wall_.now();
      };
      const bool ends = !life || (it != by_bucket.end() && std::ranges::any_of(it->second.rules, over));
      if (ends) {
        const Rules* rules = life ? &it->second : nullptr;
        const auto given_up = co_await give_up(document.key, *std::move(upload), rules);
        CAIRN_CO_TRY_VOID(tally.take(document.key, given_up));
      }
    }
  }
  co_return Result<void>{};
}

// Without rules: of a bucket that is gone.
Task<Result<std::size_t>> Lifecycle::give_up(std::string at, Upload upload, const Rules* rules) {
  Draft draft(on_.catalog);
  CAIRN_CO_TRY(const auto there, co_await draft.get(at));
  if (!there) {
    co_return std::size_t{0};
  }
  drop_upload(draft, at, bucket_id_in(at) + "/" + upload.id, on_.timers.now());
  co_return co_await commit(draft, rules != nullptr ? &rules->bucket : nullptr, "AbortMultipartUpload",
                            upload.object.key, "");
}

// Of a version that goes, or of the delete marker that comes.
Task<Result<void>> Lifecycle::tell_of(Draft& draft, const Bucket& bucket, Object removed, bool marker) {
  Happening happening{
      .event = marker ? "LifecycleExpiration:DeleteMarkerCreated" : "LifecycleExpiration:Delete",
      .version = bucket.versioning.empty() ? std::string() : shown_version(removed),
      .time = wall_.now(),
      .actor = {.principal = std::string(kService), .source_address = std::string(kService)}};
  happening.object.key = std::move(removed.key);
  const auto told = co_await tell(on_, draft, bucket, std::move(happening));
  if (!told) {
    co_return error_of(told.error());
  }
  co_return Result<void>{};
}

Task<Result<std::size_t>> Lifecycle::commit(Draft& draft, const Bucket* bucket, std::string_view operation,
                                            std::string_view key, std::string_view version) {
  auto change = draft.take();
  if (bucket != nullptr) {
    change.outbox.push_back(
        event::encode_outbox_row(event::Kind::record, bucket->account,
                                 record_of_removal(*bucket, operation, key, version, wall_.now())));
  }
  const auto committed = co_await on_.catalog.commit(std::move(change));
  if (!committed && committed.error().code == Errc::conflict) {
    co_return std::size_t{0};
  }
  CAIRN_CO_TRY_VOID(committed);
  co_return std::size_t{1};
}

}  // namespace cairn::services::s3
