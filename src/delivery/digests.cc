// Tested by digests_test.cc, chain_test.cc and digests_crash_test.cc.
#include "delivery/digests.h"

#include <algorithm>
#include <set>

#include "aws/ids.h"
#include "base/log.h"
#include "codec/checksum.h"
#include "codec/gzip.h"
#include "crypto/random.h"
#include "integrity/digest_name.h"
#include "integrity/signature.h"

namespace cairn::delivery {
namespace {

constexpr std::size_t kDigestsPage = 1000;
constexpr Millis kSecondLong{1'000};
// A closed chain of a trail that is gone: until nobody can take a trail of that name for one that began
// before its end.
constexpr Millis kClosedKept = std::chrono::days(7);

// Where a file lies, so do its digests.
Destination destination_of(const Undigested& file) {
  Destination destination{.bucket = file.bucket, .prefix = {}, .organization = {}, .kms_key = {}};
  if (auto name = integrity::parse_log_file_key(file.key)) {
    destination.prefix = std::move(name->prefix);
    destination.organization = std::move(name->organization);
  }
  return destination;
}

std::string key_of(const Chain& chain) {
  const auto arn = aws::Arn::parse(chain.lane.trail_arn);
  return integrity::DigestName{.prefix = chain.destination.prefix,
                               .organization = chain.destination.organization,
                               .account = chain.lane.account,
                               .region = chain.lane.region,
                               .trail = std::string(arn ? arn->resource_id() : ""),
                               .home_region = std::string(arn ? arn->region() : ""),
                               .end = chain.end,
                               .backfill = false}
      .key();
}

integrity::Digest digest_of(const Chain& chain, const std::vector<Undigested>& files,
                            std::string fingerprint) {
  integrity::Digest digest{.account = chain.lane.account,
                           .start = chain.start,
                           .end = chain.end,
                           .bucket = chain.destination.bucket,
                           .key = key_of(chain),
                           .fingerprint = std::move(fingerprint),
                           .newest_event = {},
                           .oldest_event = {},
                           .previous = chain.previous,
                           .log_files = {}};
  for (const auto& file : files) {
    const auto& [account, hash, newest, oldest] = file.listing;
    digest.log_files.push_back({.bucket = file.bucket,
                                .key = file.key,
                                .hash = hash,
                                .newest_event = newest,
                                .oldest_event = oldest});
    if (newest && oldest) {
      digest.newest_event = std::max(digest.newest_event.value_or(*newest), *newest);
      digest.oldest_event = std::min(digest.oldest_event.value_or(*oldest), *oldest);
    }
  }
  return digest;
}

}  // namespace

Digests::Digests(const Options& options, catalog::Catalog& catalog, blob::Blob& blob,
                 async::Executor executor, const crypto::Sealer& sealer, const Clock& clock,
                 Uploader& uploader)
    : options_(options),
      step_(std::max(kSecondLong, options.digest_interval - options.digest_interval % kSecondLong)),
      catalog_(catalog),
      blob_(blob),
      executor_(executor),
      clock_(clock),
      uploader_(uploader),
      signer_(catalog, sealer, executor) {}

Task<Result<void>> Digests::load(std::vector<const trail::Trail*> trails) {
  CAIRN_CO_TRY_VOID(co_await load_chains(trails));
  CAIRN_CO_TRY_VOID(co_await load_arrivals());
  heed(trails);
  co_return Result<void>{};
}

// A closed chain of a trail that is gone has said what it was kept for.
Task<Result<void>> Digests::load_chains(const std::vector<const trail::Trail*>& trails) {
  std::set<std::string> living;
  for (const auto* trail : trails) {
    living.insert(trail->arn());
  }
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(kChainPrefix), after, kDigestsPage));
    if (page.empty()) {
      co_return Result<void>{};
    }
    after = page.back().key;
    catalog::Transaction gone;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto chain, chain_from(document));
      if (!chain.open && !living.contains(chain.lane.trail_arn) && chain.end + kClosedKept < clock_.now()) {
        gone.writes.push_back({document.key, std::nullopt, std::nullopt});
        continue;
      }
      auto& place = places_[chain.lane];
      place.chain = std::move(chain);
    }
    if (!gone.empty()) {
      CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(gone)));
    }
  }
}

Task<Result<void>> Digests::load_arrivals() {
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page,
                 co_await catalog_.scan(std::string(kUndigestedPrefix), after, kDigestsPage));
    if (page.empty()) {
      co_return Result<void>{};
    }
    after = page.back().key;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto file, undigested_from(document));
      arrivals_.insert(std::move(file.lane));
    }
  }
}

void Digests::heed(const std::vector<const trail::Trail*>& trails) {
  known_.clear();
  for (const auto* trail : trails) {
    if (trail->validation) {
      known_[trail->arn()] = {.created = trail->created,
                              .origin = origin_of(*trail),
                              .destination = delivery::destination_of(*trail),
                              .account = trail->organization.empty() ? trail->account : "",
                              .region = trail->multi_region ? "" : trail->home_region};
    }
  }
  for (auto& [lane, place] : places_) {
    judge(lane, place);
  }
  for (const auto* trail : trails) {
    const auto origin = origin_of(*trail);
    if (!origin) {
      continue;
    }
    auto& place =
        places_[{.trail_arn = trail->arn(), .account = trail->account, .region = trail->home_region}];
    const bool goes_on = place.chain && place.chain->open && place.chain->origin == *origin;
    place.wanted = goes_on ? std::nullopt : origin;
  }
}

// Does the trail still want the open chain, and where to?
void Digests::judge(const Lane& lane, Place& place) {
  place.ending = false;
  place.forced = false;
  if (!place.chain || !place.chain->open) {
    return;
  }
  const auto known = known_.find(lane.trail_arn);
  const bool same_life = known != known_.end() && known->second.created == place.chain->origin.created;
  if (same_life) {
    place.chain->destination = known->second.destination;
  }
  const bool same_chain = same_life && known->second.origin == place.chain->origin;
  place.ending = !same_chain || !known->second.covers(lane);
  place.forced = !same_chain && known != known_.end() && known->second.origin;
}

void Digests::arrived(const Lane& lane) {
  const std::lock_guard lock(mutex_);
  arrivals_.insert(lane);
}

// What arrived where no chain is open begins one; unless the last digest has it by now.
Result<void> Digests::take_arrivals() {
  std::set<Lane> lanes;
  {
    const std::lock_guard lock(mutex_);
    lanes.swap(arrivals_);
  }
  for (auto it = lanes.begin(); it != lanes.end(); ++it) {
    auto& place = places_[*it];
    if (place.chain && place.chain->open) {
      continue;
    }
    auto first = async::run(executor_, waiting(*it, 1));
    if (!first) {
      const std::lock_guard lock(mutex_);
      arrivals_.insert(it, lanes.end());
      return std::move(first).error();
    }
    if (!first->empty()) {
      place.arrival = std::move(first->front());
    }
  }
  return {};
}

// In memory alone: the first digest commits it, and until then the same is found again after a crash.
void Digests::begin(const Lane& lane, Place& place) {
  const auto known = known_.find(lane.trail_arn);
  const auto* former = place.chain ? &*place.chain : nullptr;
  if (place.wanted && known != known_.end()) {
    place.chain = chain_at_home(lane, *place.wanted, known->second.destination, step_, former);
  } else if (place.arrival && known != known_.end() && known->second.origin) {
    place.chain = chain_from_file(lane, *known->second.origin, known->second.destination,
                                  place.arrival->delivered, step_, former);
  } else if (place.arrival) {
    const Origin none{.created = place.arrival->trail_created, .since = place.arrival->delivered};
    place.chain =
        chain_from_file(lane, none, destination_of(*place.arrival), place.arrival->delivered, step_, former);
  } else {
    return;
  }
  place.wanted.reset();
  place.arrival.reset();
  judge(lane, place);
}

Digests::Due Digests::due(const Lane& lane, Place& place, Time now) {
  if (place.not_before > std::chrono::steady_clock::now()) {
    return Due::no;
  }
  if (!place.chain || !place.chain->open) {
    begin(lane, place);
  }
  if (!place.chain || !place.chain->open) {
    return Due::no;
  }
  const auto& chain = *place.chain;
  if (place.ending && now >= chain.start + kSecondLong &&
      (place.forced || !uploader_.waits(lane, chain.origin.created))) {
    return Due::last;
  }
  return now >= chain.end ? Due::interval : Due::no;
}

void Digests::make_due(Time now, Ledger& ledger) {
  if (not_before_ > std::chrono::steady_clock::now()) {
    return;
  }
  auto made = finish(ledger);
  made = made ? take_arrivals() : made;
  made = made ? make_batches(now, ledger) : made;
  if (!made) {
    log::error("cannot commit digests, trying again", {{"error", made.error().text()}});
    not_before_ = std::chrono::steady_clock::now() + options_.retry_least;
  }
}

// Until nothing is due any more.
Result<void> Digests::make_batches(Time now, Ledger& ledger) {
  while (true) {
    auto batch = make_batch(now, ledger.next());
    if (batch.made.empty()) {
      return {};
    }
    batch_ = std::move(batch);
    CAIRN_TRY_VOID(finish(ledger));
  }
}

Digests::Batch Digests::make_batch(Time now, State next) {
  Batch batch{.next = std::move(next), .made = {}};
  std::size_t writes = 0;
  for (auto it = places_.begin();
       it != places_.end() && batch.made.size() < options_.digests_max && writes < options_.digest_files_max;
       ++it) {
    auto& [lane, place] = *it;
    const auto what = due(lane, place, now);
    if (what == Due::no) {
      continue;
    }
    auto made = make(lane, place, what, now, batch.next.plans + 1);
    if (!made) {
      log::error("cannot make a digest, trying again",
                 {{"trail", lane.trail_arn}, {"region", lane.region}, {"error", made.error().text()}});
      place.not_before = std::chrono::steady_clock::now() + options_.retry_most;
    } else if (*made) {
      batch.next.plans += 1;
      writes += (*made)->writes.size();
      batch.made.push_back(**std::move(made));
    }
  }
  return batch;
}

Result<void> Digests::finish(Ledger& ledger) {
  if (!batch_) {
    return {};
  }
  catalog::Transaction transaction;
  for (const auto& made : batch_->made) {
    transaction.writes.push_back({made.plan.catalog_key(), to_document(made.plan), 0});
    std::ranges::copy(made.writes, std::back_inserter(transaction.writes));
  }
  CAIRN_TRY_VOID(async::run(executor_, ledger.commit(batch_->next, std::move(transaction))));
  apply(*std::exchange(batch_, std::nullopt));
  return {};
}

void Digests::apply(Batch batch) {
  std::vector<Plan> plans;
  for (auto& made : batch.made) {
    auto& place = places_[made.lane];
    const auto destination = place.chain->destination;
    place.chain = std::move(made.chain);
    place.chain->destination = destination;  // the trail may have another one by now
    if (!place.chain->open) {
      place.arrival = std::move(made.left);
    }
    judge(made.lane, place);
    plans.push_back(std::move(made.plan));
  }
  uploader_.add(std::move(plans));
}

bool Digests::has_room(const Chain& chain) const {
  const auto spooled = uploader_.spooled(chain.lane.trail_arn, chain.destination.bucket);
  return spooled.bytes < options_.spool_bytes_max && spooled.files < options_.spool_files_max;
}

// Nothing: not yet.
Result<std::optional<Digests::Made>> Digests::make(const Lane& lane, const Place& place, Due due, Time now,
                                                   std::uint64_t number) {
  auto chain = *place.chain;
  if (!has_room(chain)) {
    return std::optional<Made>();
  }
  if (due == Due::last) {
    chain.end = whole_seconds(now);
  }
  CAIRN_TRY(auto content, content_of(lane, chain.end));
  bool is_last = due == Due::last && !content.more;
  if (is_last && content.left &&
      !place.forced) {  // delivered in this second: the last digest ends with the next one
    chain.end = place.chain->end;
    if (now < chain.end) {
      return std::optional<Made>();
    }
    CAIRN_TRY(content, content_of(lane, chain.end));
    is_last = false;
  }
  CAIRN_TRY(auto made, close(std::move(chain), std::move(content), is_last, now, number));
  return std::optional(std::move(made));
}

// What is in the lane's bucket and in no digest, by the plans' numbers.
Task<Result<std::vector<Undigested>>> Digests::waiting(Lane lane, std::size_t limit) {
  std::vector<Undigested> files;
  std::string after;
  while (files.size() < limit) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(undigested_prefix(lane), after,
                                                         std::min(kDigestsPage, limit - files.size())));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto file, undigested_from(document));
      files.push_back(std::move(file));
    }
  }
  co_return files;
}

// What was delivered before the interval's end, as much of it as one digest holds.
Result<Digests::Content> Digests::content_of(const Lane& lane, Time end) {
  CAIRN_TRY(auto files, async::run(executor_, waiting(lane, options_.digest_files_max + 1)));
  Content content;
  for (auto& file : files) {
    if (file.delivered < end && content.files.size() < options_.digest_files_max) {
      content.files.push_back(std::move(file));
    } else {
      content.more = content.more || file.delivered < end;
      content.left = content.left ? std::move(content.left) : std::optional(std::move(file));
    }
  }
  return content;
}

// Written, signed, and in the spool.
Result<Digests::Made> Digests::close(Chain chain, Content content, bool is_last, Time now,
                                     std::uint64_t number) {
  CAIRN_TRY(const auto* key, signer_.key_for(chain.lane.region, chain.end));
  const auto digest = digest_of(chain, content.files, key->shown.fingerprint);
  const auto text = integrity::to_json(digest);
  const auto signature = integrity::sign(key->pair, digest, text);
  const auto bytes = codec::gzip_compress(text);
  const auto arn = aws::Arn::parse(chain.lane.trail_arn);
  Plan plan{.number = number,
            .trail_arn = chain.lane.trail_arn,
            .trail_created = chain.origin.created,
            .account = std::string(arn ? arn->account() : ""),
            .region = chain.lane.region,
            .home_region = std::string(arn ? arn->region() : ""),
            .bucket = digest.bucket,
            .key = digest.key,
            .spool = std::string(kSpoolPrefix) + crypto::uuid4(),
            .kms_key = chain.destination.kms_key,
            .bytes = bytes.size(),
            .events = 0,
            .crc32c = codec::crc32c(bytes),
            .made = (options_.ages != nullptr ? *options_.ages : clock_).now(),
            .refused = {},
            .unreadable = {},
            .listing = {},
            .digest = DigestPlan{.account = chain.lane.account, .signature = signature}};
  if (auto put = async::run(executor_, blob_.put(plan.spool, std::as_bytes(std::span(bytes)))); !put) {
    static_cast<void>(async::run(executor_, blob_.remove(plan.spool)));  // it may be there all the same
    return std::move(put).error();
  }
  integrity::PreviousDigest previous{.bucket = digest.bucket,
                                     .key = digest.key,
                                     .hash = integrity::sha256_hex(text),
                                     .signature = signature};
  if (is_last) {
    chain.close(std::move(previous));
  } else {
    chain.advance(std::move(previous), step_, now, content.more);
  }
  Made made{.lane = chain.lane,
            .plan = std::move(plan),
            .chain = {},
            .writes = {},
            .left = std::move(content.left)};
  for (const auto& file : content.files) {
    made.writes.push_back({file.catalog_key(), std::nullopt, std::nullopt});
  }
  made.writes.push_back({chain.catalog_key(), chain.document(), std::nullopt});
  made.chain = std::move(chain);
  return made;
}

}  // namespace cairn::delivery
