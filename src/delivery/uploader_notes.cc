// What the uploader writes of an attempt: the plan's end, the status, and what a digest is to list. Tested by
// uploader_test.cc and digests_test.cc.
#include <fmt/format.h>

#include "base/log.h"
#include "codec/gzip.h"
#include "delivery/status.h"
#include "delivery/trails.h"
#include "delivery/uploader.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr int kNoteAttempts = 10;  // when others change what it read, or a commit's end is unknown
constexpr std::size_t kJsonBytesMax = 256U << 20;  // of a log file

}  // namespace

// The status, and the plan's end if it has come. A commit whose end is unknown is decided by reading again:
// the plan is there once only.
Task<Result<void>> Uploader::note(const Plan& plan, Attempt& attempt) {
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
Task<Result<catalog::Transaction>> Uploader::transaction_of(const Plan& plan, Attempt& attempt) {
  catalog::Transaction transaction;
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(plan.catalog_key()));
  if (!document) {
    co_return transaction;
  }
  CAIRN_CO_TRY(const auto kept_plan, plan_from(document->value));
  const bool ends = is_end(attempt.end);
  const bool begins_to_wait = (attempt.end == End::refused && !kept_plan.refused) ||
                              (attempt.end == End::unreadable && !kept_plan.unreadable);
  if (attempt.end == End::delivered && !plan.digest) {
    attempt.listing = plan.listing;
  }
  if (ends || begins_to_wait) {
    transaction.writes.push_back(
        {document->key, ends ? std::nullopt : std::optional(to_document(plan)), document->version});
  } else if (attempt.end == End::unreadable) {
    co_return transaction;  // no attempt at its bucket, and said before
  }
  CAIRN_CO_TRY(const auto kept, co_await trail_of(plan));
  if (kept && kept->trail.validation && attempt.end == End::delivered && !plan.digest && !attempt.listing) {
    CAIRN_CO_TRY(attempt.listing, co_await listed_late(plan));
    attempt.unlisted = !attempt.listing;
  }
  if (attempt.listing) {
    const auto file = undigested(plan, *attempt.listing);
    transaction.writes.push_back({file.catalog_key(), file.document(), 0});
  }
  if (!kept) {
    co_return transaction;
  }
  transaction.expectations.push_back({trail_document_key(plan.trail_arn), kept->version});
  if (attempt.end == End::delivered && !plan.digest) {
    notices_.add(plan, kept->trail, transaction);
  }
  for (const auto& [region, kinds] : concerned(plan, attempt)) {
    const auto key = StatusName{plan.trail_arn, plan.trail_created, region}.status_key();
    CAIRN_CO_TRY(const auto before, co_await catalog_.get(key));
    Status status;
    if (before) {
      CAIRN_CO_TRY(status, status_from(before->value));
    }
    status = after(std::move(status), plan, attempt, plan.bucket == kept->trail.bucket, kinds);
    if (ends && kept_plan.unreadable && !plan.digest && status.unreadable_files > 0) {
      --status.unreadable_files;
    }
    transaction.writes.push_back({key, to_document(status), before ? before->version : 0});
  }
  co_return transaction;
}

// The trail as delivery has it; none: it is gone, or another one of the same name.
Task<Result<std::optional<Uploader::KeptTrail>>> Uploader::trail_of(const Plan& plan) {
  CAIRN_CO_TRY(const auto kept, co_await catalog_.get(trail_document_key(plan.trail_arn)));
  if (!kept) {
    co_return std::optional<KeptTrail>();
  }
  CAIRN_CO_TRY(const auto parsed, json::parse_object(kept->value));
  CAIRN_CO_TRY(auto trail, trail::from_document(parsed));
  if (trail.created != plan.trail_created) {
    co_return std::optional<KeptTrail>();
  }
  co_return KeptTrail{.trail = std::move(trail), .version = kept->version};
}

// Of a file that was planned before its trail made digests. What cannot be read by now is in no digest.
Task<Result<std::optional<Listing>>> Uploader::listed_late(const Plan& plan) {
  const auto bytes = co_await read(plan);
  const auto json =
      bytes ? codec::gzip_decompress(*bytes, kJsonBytesMax) : Result<std::string>(bytes.error());
  if (!json) {
    log::error("a log file was delivered, and cannot be read for its digest",
               {{"key", plan.key}, {"error", json.error().text()}});
    co_return std::optional<Listing>();
  }
  co_return std::optional(listing_of(account_in(plan.key), *json));
}

Undigested Uploader::undigested(const Plan& plan, const Listing& listing) const {
  return {.lane = {.trail_arn = plan.trail_arn, .account = listing.account, .region = plan.region},
          .trail_created = plan.trail_created,
          .number = plan.number,
          .bucket = plan.bucket,
          .key = plan.key,
          .delivered = clock_.now(),
          .listing = listing};
}

Status Uploader::after(Status status, const Plan& plan, const Attempt& attempt, bool to_its_bucket,
                       const Kinds& kinds) const {
  if (kinds.log_files) {
    status = after_log_file(std::move(status), plan, attempt);
  }
  const bool asked = attempt.end != End::unreadable && attempt.end != End::lost;
  if (kinds.digests && attempt.end == End::delivered) {
    status.digest_delivered = clock_.now();
  }
  if (asked && to_its_bucket && attempt.end != End::unreachable) {
    status.error = kinds.log_files ? attempt.code : status.error;
    status.digest_error = kinds.digests ? attempt.code : status.digest_error;
  }
  return status;
}

Status Uploader::after_log_file(Status status, const Plan& plan, const Attempt& attempt) const {
  if (!plan.digest && (attempt.end == End::given_up || attempt.end == End::lost)) {
    ++status.gap_files;
    status.gap_events += plan.events;
  }
  if (!plan.digest && attempt.end == End::unreadable) {
    ++status.unreadable_files;
  }
  if (attempt.end == End::unreadable || attempt.end == End::lost) {
    return status;  // its bucket was not asked
  }
  status.attempted = clock_.now();
  if (attempt.end == End::delivered) {
    status.delivered = status.attempted;
    ++status.files;
    status.events += plan.events;
  }
  return status;
}

// Of a bucket that fails, all files that wait for it say so, not the first one alone.
std::map<std::string, Uploader::Kinds> Uploader::concerned(const Plan& plan, const Attempt& attempt) const {
  std::map<std::string, Kinds> regions;
  const auto add = [&](const Plan& one) {
    auto& kinds = regions[one.region];
    (one.digest ? kinds.digests : kinds.log_files) = true;
  };
  add(plan);
  if (attempt.end == End::refused || attempt.end == End::unreachable) {
    const std::lock_guard lock(mutex_);
    std::ranges::for_each(queues_.at(queue_of(plan)).plans, add);
  }
  return regions;
}

void Uploader::report(const Plan& plan, const Attempt& attempt) {
  const std::string_view kind = plan.digest ? "digest" : "log file";
  if (attempt.end == End::delivered) {
    (plan.digest ? digests_ : files_).add();
    events_.add(static_cast<double>(plan.events));
    unlisted_.add(attempt.unlisted ? 1 : 0);
    log::info(fmt::format("{} delivered", kind),
              {{"bucket", plan.bucket}, {"key", plan.key}, {"events", plan.events}, {"bytes", plan.bytes}});
    return;
  }
  if (is_end(attempt.end)) {
    if (plan.digest) {
      gap_digests_.add();
    } else {
      gap_files_.add();
      gap_events_.add(static_cast<double>(plan.events));
    }
    log::error(attempt.end == End::lost
                   ? fmt::format("a {}'s bytes did not come back: it is dropped", kind)
                   : fmt::format("a bucket refused a {} for too long: it is dropped", kind),
               {{"trail", plan.trail_arn},
                {"bucket", plan.bucket},
                {"key", plan.key},
                {"code", attempt.code},
                {"events", plan.events}});
  }
}

}  // namespace cairn::delivery
