// Tested by uploader_test.cc.
#include "delivery/uploader.h"

#include "base/log.h"
#include "delivery/status.h"
#include "delivery/trails.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr int kNoteAttempts = 10;  // when others change what it read, or a commit's end is unknown

}  // namespace

Counter gap_files(Metrics& metrics) {
  return metrics.counter("cairn_delivery_gap_files_total",
                         "log files dropped: the spool was full, or the bucket refused for too long");
}
Counter gap_events(Metrics& metrics) {
  return metrics.counter("cairn_delivery_gap_events_total", "events in log files that were dropped");
}

Uploader::Uploader(const Options& options, catalog::Catalog& catalog, blob::Blob& blob, aws::Client& s3,
                   const Clock& clock, Metrics& metrics)
    : options_(options),
      catalog_(catalog),
      blob_(blob),
      s3_(s3),
      clock_(clock),
      files_(metrics.counter("cairn_delivery_files_total", "log files put in their buckets")),
      events_(metrics.counter("cairn_delivery_events_total", "events in those files")),
      failures_(metrics.counter("cairn_delivery_failures_total", "attempts to put a log file that failed")),
      gap_files_(gap_files(metrics)),
      gap_events_(gap_events(metrics)),
      spool_bytes_(metrics.gauge("cairn_delivery_spool_bytes", "log files that wait to be put")),
      spool_fullest_(metrics.gauge("cairn_delivery_spool_fullest_bytes",
                                   "log files that wait for the one trail's bucket for which most wait")) {
  metrics.limit("cairn_delivery_spool_fullest_bytes", static_cast<double>(options.spool_bytes_max));
}

void Uploader::start(async::Executor executor) {
  for (std::size_t i = 0; i < options_.uploads_max; ++i) {
    CAIRN_CHECK(gate_.spawn(executor, work()));
  }
}

void Uploader::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("an upload is slow to stop");
  }
}

void Uploader::add(std::vector<Plan> plans) {
  const std::lock_guard lock(mutex_);
  for (auto& plan : plans) {
    auto& queue = queues_[{plan.trail_arn, plan.bucket}];
    queue.bytes += plan.bytes;
    spool_bytes_.add(static_cast<double>(plan.bytes));
    queue.plans.push_back(std::move(plan));
  }
  measure();
}

Spooled Uploader::spooled(const std::string& trail_arn, const std::string& bucket) const {
  const std::lock_guard lock(mutex_);
  const auto it = queues_.find({trail_arn, bucket});
  return it == queues_.end() ? Spooled{} : Spooled{it->second.bytes, it->second.plans.size()};
}

// REQUIRES: the lock is held.
void Uploader::measure() {
  std::uint64_t fullest = 0;
  for (const auto& [name, queue] : queues_) {
    fullest = std::max(fullest, queue.bytes);
  }
  spool_fullest_.set(static_cast<double>(fullest));
}

Task<void> Uploader::work() {
  while (!stopping_) {
    if (auto plan = take_due()) {
      co_await upload(*std::move(plan));
    } else {
      co_await async::sleep(options_.idle);
    }
  }
}

// The first plan of the queue that has waited longest, of those that nobody works on and whose back-off is
// over.
std::optional<Plan> Uploader::take_due() {
  const std::lock_guard lock(mutex_);
  Queue* next = nullptr;
  for (auto& [name, queue] : queues_) {
    if (!queue.busy && (next == nullptr || queue.due < next->due)) {
      next = &queue;
    }
  }
  if (next == nullptr || next->due > std::chrono::steady_clock::now()) {
    return std::nullopt;
  }
  next->busy = true;
  return next->plans.front();
}

// A clock that stepped forward must not make anybody give up.
Millis Uploader::age_of(const Plan& plan) const {
  return (options_.ages != nullptr ? *options_.ages : clock_).now() - plan.made;
}

Task<void> Uploader::upload(Plan plan) {
  auto attempt = co_await put(plan);
  if (attempt.end == End::refused && age_of(plan) >= options_.give_up_after) {
    attempt.end = End::given_up;
  }
  if (attempt.end != End::delivered) {
    failures_.add();
  }
  if (const auto noted = co_await note(plan, attempt); !noted) {
    // Where the file is there, whether the commit is does not matter: the same bytes go under the same key
    // once more.
    log::warn("cannot note how a delivery went", {{"key", plan.key}, {"error", noted.error().text()}});
    postpone(plan);
    co_return;
  }
  report(plan, attempt);
  if (attempt.end == End::refused || attempt.end == End::unreachable) {
    postpone(plan);
    co_return;
  }
  done(plan);
  if (const auto removed = co_await blob_.remove(plan.spool); !removed) {
    log::warn("cannot remove a spooled file", {{"spool", plan.spool}, {"error", removed.error().text()}});
  }
}

Task<Uploader::Attempt> Uploader::put(const Plan& plan) {
  auto bytes = co_await blob_.get(plan.spool);
  if (!bytes) {
    // Not the bucket's fault. It may come back (a folder that was not mounted), so it is not given up.
    log::error("cannot read a spooled log file, trying again",
               {{"spool", plan.spool}, {"error", bytes.error().text()}});
    co_return Attempt{End::unreachable, ""};
  }
  aws::ClientCall call;
  call.service = "s3";
  call.operation = "PutObject";
  call.region = plan.home_region;
  call.input = {{"Bucket", plan.bucket},
                {"Key", plan.key},
                {"ACL", "bucket-owner-full-control"},
                {"ContentType", "application/json"},
                {"ContentEncoding", "gzip"}};
  call.body = *std::move(bytes);
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = plan.trail_arn,
                    .source_account = plan.account};
  const auto answer = co_await s3_.call(std::move(call));
  if (answer) {
    co_return Attempt{End::delivered, ""};
  }
  const auto& fault = answer.error();
  log::warn("cannot deliver a log file, trying again",
            {{"bucket", plan.bucket}, {"key", plan.key}, {"code", fault.code}, {"message", fault.message}});
  co_return Attempt{fault.code == aws::kUnreachable ? End::unreachable : End::refused, fault.code};
}

// The status, and the plan's end if it has come. A commit whose end is unknown is decided by reading again:
// the plan is there once only.
Task<Result<void>> Uploader::note(const Plan& plan, const Attempt& attempt) {
  Error last{Errc::conflict, "delivery's status kept changing", plan.trail_arn};
  for (int i = 0; i < kNoteAttempts; ++i) {
    CAIRN_CO_TRY(auto transaction, co_await transaction_of(plan, attempt));
    if (transaction.empty()) {
      co_return Result<void>{};
    }
    const auto committed = co_await catalog_.commit(std::move(transaction));
    if (committed) {
      co_return Result<void>{};
    }
    last = committed.error();
    if (last.code != Errc::conflict && last.code != Errc::unknown) {
      break;
    }
  }
  co_return last;
}

// What is left to write. Nothing: a former attempt has written it all, or the trail is gone and the plan
// stays.
Task<Result<catalog::Transaction>> Uploader::transaction_of(const Plan& plan, const Attempt& attempt) {
  catalog::Transaction transaction;
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(plan.catalog_key()));
  if (!document) {
    co_return transaction;
  }
  if (attempt.end == End::delivered || attempt.end == End::given_up) {
    transaction.writes.push_back({document->key, std::nullopt, document->version});
  }
  CAIRN_CO_TRY(const auto kept, co_await catalog_.get(trail_document_key(plan.trail_arn)));
  if (!kept) {
    co_return transaction;
  }
  CAIRN_CO_TRY(const auto parsed, json::parse_object(kept->value));
  CAIRN_CO_TRY(const auto trail, trail::from_document(parsed));
  if (trail.created != plan.trail_created) {
    co_return transaction;
  }
  transaction.expectations.push_back({kept->key, kept->version});
  for (const auto& region : regions_of(plan, attempt)) {
    const auto key = StatusName{plan.trail_arn, plan.trail_created, region}.status_key();
    CAIRN_CO_TRY(const auto before, co_await catalog_.get(key));
    Status status;
    if (before) {
      CAIRN_CO_TRY(status, status_from(before->value));
    }
    status = after(std::move(status), plan, attempt, plan.bucket == trail.bucket);
    transaction.writes.push_back({key, to_document(status), before ? before->version : 0});
  }
  co_return transaction;
}

Status Uploader::after(Status status, const Plan& plan, const Attempt& attempt, bool to_its_bucket) const {
  status.attempted = clock_.now();
  if (attempt.end == End::delivered) {
    status.delivered = status.attempted;
    ++status.files;
    status.events += plan.events;
  }
  if (attempt.end == End::given_up) {
    ++status.gap_files;
    status.gap_events += plan.events;
  }
  if (to_its_bucket && attempt.end != End::unreachable) {
    status.error = attempt.code;
  }
  return status;
}

// Of a bucket that fails, all files that wait for it say so, not the first one alone.
std::set<std::string> Uploader::regions_of(const Plan& plan, const Attempt& attempt) const {
  std::set<std::string> regions{plan.region};
  if (attempt.end == End::refused || attempt.end == End::unreachable) {
    const std::lock_guard lock(mutex_);
    for (const auto& waiting : queues_.at({plan.trail_arn, plan.bucket}).plans) {
      regions.insert(waiting.region);
    }
  }
  return regions;
}

void Uploader::report(const Plan& plan, const Attempt& attempt) {
  if (attempt.end == End::delivered) {
    files_.add();
    events_.add(static_cast<double>(plan.events));
    log::info("log file delivered",
              {{"bucket", plan.bucket}, {"key", plan.key}, {"events", plan.events}, {"bytes", plan.bytes}});
    return;
  }
  if (attempt.end == End::given_up) {
    gap_files_.add();
    gap_events_.add(static_cast<double>(plan.events));
    log::error("a bucket refused a log file for too long: it is dropped", {{"trail", plan.trail_arn},
                                                                           {"bucket", plan.bucket},
                                                                           {"key", plan.key},
                                                                           {"code", attempt.code},
                                                                           {"events", plan.events}});
  }
}

void Uploader::done(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  const auto it = queues_.find({plan.trail_arn, plan.bucket});
  CAIRN_CHECK(it != queues_.end());
  auto& queue = it->second;
  CAIRN_CHECK(!queue.plans.empty() && queue.plans.front().number == plan.number);
  queue.plans.pop_front();
  queue.bytes -= plan.bytes;
  spool_bytes_.add(-static_cast<double>(plan.bytes));
  queue.due = std::chrono::steady_clock::now();
  queue.busy = false;
  queue.backoff = Millis{0};
  if (queue.plans.empty()) {
    queues_.erase(it);
  }
  measure();
}

void Uploader::postpone(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  auto& queue = queues_[{plan.trail_arn, plan.bucket}];
  queue.backoff = std::clamp(queue.backoff * 2, options_.retry_least, options_.retry_most);
  queue.due = std::chrono::steady_clock::now() + queue.backoff;
  queue.busy = false;
}

}  // namespace cairn::delivery
