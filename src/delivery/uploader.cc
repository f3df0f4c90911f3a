// Tested by uploader_test.cc; what it writes of an attempt is in uploader_notes.cc.
#include "delivery/uploader.h"

#include "aws/ids.h"
#include "base/log.h"
#include "codec/checksum.h"
#include "integrity/signature.h"
#include "json/json.h"
#include "trail/trail.h"

namespace cairn::delivery {

Counter gap_files(Metrics& metrics) {
  return metrics.counter("cairn_delivery_gap_files_total",
                         "log files dropped: the spool was full, the bucket refused for too long, or the "
                         "spooled file was gone");
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
      notices_({.idle = options.idle, .ages = options.ages}, catalog, s3, clock, metrics),
      files_(metrics.counter("cairn_delivery_files_total", "log files put in their buckets")),
      digests_(metrics.counter("cairn_delivery_digests_total", "digest files put in their buckets")),
      events_(metrics.counter("cairn_delivery_events_total", "events in those files")),
      failures_(metrics.counter("cairn_delivery_failures_total", "attempts to put a log file that failed")),
      gap_files_(gap_files(metrics)),
      gap_events_(gap_events(metrics)),
      gap_digests_(metrics.counter("cairn_delivery_gap_digests_total",
                                   "digest files dropped: the bucket refused for too long, or the spooled file was "
                                   "gone; their chains have a hole")),
      unlisted_(metrics.counter("cairn_delivery_unlisted_files_total",
                                "log files put in their buckets that no digest lists: they could not be read again")),
      spool_bytes_(metrics.gauge("cairn_delivery_spool_bytes", "log files that wait to be put")),
      spool_fullest_(metrics.gauge("cairn_delivery_spool_fullest_bytes",
                                   "log files that wait for the one trail's bucket for which most wait")),
      unreadable_(metrics.gauge("cairn_delivery_unreadable_files",
                                "log files that wait, and whose bytes in the spool are gone or damaged")) {
  metrics.limit("cairn_delivery_spool_fullest_bytes", static_cast<double>(options.spool_bytes_max));
}

void Uploader::start(async::Executor executor) {
  for (std::size_t i = 0; i < options_.uploads_max; ++i) {
    CAIRN_CHECK(gate_.spawn(executor, work()));
  }
  notices_.start(executor);
}

void Uploader::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("an upload is slow to stop");
  }
  notices_.stop();
}

void Uploader::add(std::vector<Plan> plans) {
  const std::lock_guard lock(mutex_);
  for (auto& plan : plans) {
    auto& queue = queues_[queue_of(plan)];
    queue.bytes += plan.bytes;
    if (plan.refused && (!queue.refused || *plan.refused < *queue.refused)) {
      queue.refused = plan.refused;
    }
    spool_bytes_.add(static_cast<double>(plan.bytes));
    count_to_list(plan, 1);
    queue.plans.push_back(std::move(plan));
  }
  measure();
}

Spooled Uploader::spooled(const std::string& trail_arn, const std::string& bucket) const {
  // What cannot be read counts no more: it must not turn away files that can.
  const std::lock_guard lock(mutex_);
  const auto it = queues_.find({trail_arn, bucket, false});
  return it == queues_.end() ? Spooled{}
                             : Spooled{.bytes = it->second.bytes, .files = it->second.plans.size()};
}

bool Uploader::waits(const Lane& lane, Time trail_created) const {
  const std::lock_guard lock(mutex_);
  return to_list_.contains({lane, trail_created});
}

// REQUIRES: the lock is held.
void Uploader::count_to_list(const Plan& plan, int more) {
  if (!plan.listing || plan.unreadable) {
    return;
  }
  const Lane lane{.trail_arn = plan.trail_arn, .account = plan.listing->account, .region = plan.region};
  const auto it = to_list_.try_emplace({lane, plan.trail_created}, 0).first;
  it->second += more;
  if (it->second == 0) {
    to_list_.erase(it);
  }
}

QueueName Uploader::queue_of(const Plan& plan) {
  return {plan.trail_arn, plan.bucket, plan.unreadable.has_value()};
}

// REQUIRES: the lock is held.
void Uploader::measure() {
  std::uint64_t fullest = 0;
  std::uint64_t bytes = 0;
  std::size_t unreadable = 0;
  const QueueName* before = nullptr;  // a bucket's two queues lie side by side
  for (const auto& [name, queue] : queues_) {
    const bool same =
        before != nullptr && before->trail_arn == name.trail_arn && before->bucket == name.bucket;
    bytes = (same ? bytes : 0) + queue.bytes;
    fullest = std::max(fullest, bytes);
    unreadable += name.unreadable ? queue.plans.size() : 0;
    before = &name;
  }
  spool_fullest_.set(static_cast<double>(fullest));
  unreadable_.set(static_cast<double>(unreadable));
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
Time Uploader::now() const {
  return (options_.ages != nullptr ? *options_.ages : clock_).now();
}

Task<void> Uploader::upload(Plan plan) {
  const auto queue = queue_of(plan);
  auto attempt = co_await put(plan);
  judge(plan, queue, attempt);
  if (attempt.end != End::delivered) {
    failures_.add();
  }
  if (const auto noted = co_await note(plan, attempt); !noted) {
    // Where the file is there, whether the commit is does not matter: the same bytes go under the same key
    // once more.
    log::warn("cannot note how a delivery went", {{"key", plan.key}, {"error", noted.error().text()}});
    postpone(queue);
    co_return;
  }
  report(plan, attempt);
  if (attempt.listing) {
    listed_({.trail_arn = plan.trail_arn, .account = attempt.listing->account, .region = plan.region});
  }
  if (attempt.end == End::delivered && !plan.digest) {
    notices_.wake(plan.trail_arn);
  }
  if (attempt.end == End::refused || attempt.end == End::unreachable) {
    postpone(queue);
    co_return;
  }
  if (attempt.end == End::unreadable) {
    set_aside(std::move(plan), queue);
    co_return;
  }
  done(plan, queue, attempt.end);
  if (const auto removed = co_await blob_.remove(plan.spool); !removed) {
    log::warn("cannot remove a spooled file", {{"spool", plan.spool}, {"error", removed.error().text()}});
  }
}

// Since when it has been so, and whether that is too long. A bucket's refusal counts for all that wait for
// it; but nothing is older than its making.
void Uploader::judge(Plan& plan, const QueueName& name, Attempt& attempt) {
  if (attempt.end == End::refused) {
    plan.refused = refused_since(name);
    if (now() - std::max(*plan.refused, plan.made) >= options_.give_up_after) {
      attempt.end = End::given_up;
    }
  }
  if (attempt.end == End::unreadable) {
    plan.unreadable = plan.unreadable.value_or(now());
    if (now() - *plan.unreadable >= options_.give_up_after) {
      attempt.end = End::lost;
    }
  }
}

Time Uploader::refused_since(const QueueName& name) {
  const std::lock_guard lock(mutex_);
  auto& since = queues_[name].refused;
  since = since.value_or(now());
  return *since;
}

Task<Result<std::string>> Uploader::read(const Plan& plan) {
  CAIRN_CO_TRY(auto bytes, co_await blob_.get(plan.spool));
  if (bytes.size() != plan.bytes || (plan.crc32c && codec::crc32c(bytes) != *plan.crc32c)) {
    co_return Error{Errc::corrupt, "a spooled log file is not what was written", plan.spool};
  }
  co_return bytes;
}

// What is gone or damaged stays so, most likely; another error may pass.
Uploader::End Uploader::unread(const Plan& plan, const Error& error) {
  const bool first = !plan.unreadable;
  if (error.code != Errc::not_found && error.code != Errc::corrupt && first) {
    const std::lock_guard lock(mutex_);
    if (++queues_[queue_of(plan)].reads < options_.reads_max) {
      log::error("cannot read a spooled log file, trying again",
                 {{"spool", plan.spool}, {"error", error.text()}});
      return End::unreachable;
    }
  }
  if (first) {
    log::error("a log file that waits is gone or damaged: it is set aside, and the next ones go on",
               {{"trail", plan.trail_arn},
                {"bucket", plan.bucket},
                {"key", plan.key},
                {"spool", plan.spool},
                {"events", plan.events},
                {"error", error.text()}});
  }
  return End::unreadable;
}

// Of the key that the trail has now: a file that waits for one that is disabled goes with the next. Of a trail that is
// gone, or another by that name, the one it had.
Task<Result<std::string>> Uploader::key_of(const Plan& plan) {
  const auto arn = aws::Arn::parse(plan.trail_arn);
  if (!arn) {
    co_return plan.kms_key;
  }
  auto at = trail::trail_key(arn->account(), arn->region(), arn->resource_id());
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(std::move(at)));
  if (!document) {
    co_return plan.kms_key;
  }
  CAIRN_CO_TRY(const auto parsed, json::parse_object(document->value));
  CAIRN_CO_TRY(const auto trail, trail::from_document(parsed));
  co_return trail.created == plan.trail_created ? trail.kms_key : plan.kms_key;
}

Task<Uploader::Attempt> Uploader::put(const Plan& plan) {
  auto bytes = co_await read(plan);
  if (!bytes) {
    co_return Attempt{unread(plan, bytes.error()), ""};
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
  if (plan.digest) {
    call.input["Metadata"] = {
        {std::string(integrity::kSignatureMetadata), plan.digest->signature},
        {std::string(integrity::kSignatureAlgorithmMetadata), integrity::kSignatureAlgorithm}};
  }
  const auto kms_key = co_await key_of(plan);
  if (!kms_key) {
    log::warn("cannot tell a trail's key, trying again", {{"trail", plan.trail_arn}, {"error", kms_key.error().text()}});
    co_return Attempt{End::unreachable, ""};
  }
  trail::encrypt_with(*kms_key, plan.trail_arn, call.input);
  call.body = *std::move(bytes);
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = plan.trail_arn,
                    .source_account = plan.account};
  const auto answer = co_await s3_.call(std::move(call));
  if (answer && answer->output.contains("ETag")) {
    co_return Attempt{End::delivered, ""};
  }
  // Whoever says yes without an ETag is no S3: a proxy, a page that says it works.
  const auto fault =
      answer ? aws::Fault{aws::kUnreachable, 503, "the answer has no ETag", false} : answer.error();
  log::warn("cannot deliver a log file, trying again",
            {{"bucket", plan.bucket}, {"key", plan.key}, {"code", fault.code}, {"message", fault.message}});
  co_return Attempt{fault.code == aws::kUnreachable ? End::unreachable : End::refused, fault.code};
}

// REQUIRES: the lock is held.
Plan Uploader::take_first(const QueueName& name) {
  const auto it = queues_.find(name);
  CAIRN_CHECK(it != queues_.end() && !it->second.plans.empty());
  auto& queue = it->second;
  Plan plan = std::move(queue.plans.front());
  queue.plans.pop_front();
  queue.bytes -= plan.bytes;
  count_to_list(plan, -1);
  queue.due = std::chrono::steady_clock::now();
  queue.busy = false;
  queue.backoff = Millis{0};
  queue.reads = 0;
  if (queue.plans.empty()) {
    queues_.erase(it);
  }
  return plan;
}

void Uploader::done(const Plan& plan, const QueueName& name, End end) {
  const std::lock_guard lock(mutex_);
  const auto first = take_first(name);
  CAIRN_CHECK(first.number == plan.number);
  spool_bytes_.add(-static_cast<double>(plan.bytes));
  if (const auto it = queues_.find(name); it != queues_.end() && end == End::delivered) {
    it->second.refused.reset();
  }
  measure();
}

// Behind those that were set aside before it; each has its turn now and then.
void Uploader::set_aside(Plan plan, const QueueName& name) {
  const std::lock_guard lock(mutex_);
  const auto first = take_first(name);
  CAIRN_CHECK(first.number == plan.number);
  auto& queue = queues_[queue_of(plan)];
  queue.bytes += plan.bytes;
  if (name.unreadable || queue.plans.empty()) {
    queue.due = std::chrono::steady_clock::now() + options_.retry_most;
  }
  queue.plans.push_back(std::move(plan));
  measure();
}

void Uploader::postpone(const QueueName& name) {
  const std::lock_guard lock(mutex_);
  auto& queue = queues_.at(name);
  queue.backoff = std::clamp(queue.backoff * 2, options_.retry_least, options_.retry_most);
  queue.due = std::chrono::steady_clock::now() + queue.backoff;
  queue.busy = false;
}

}  // namespace cairn::delivery
