// Which digests are due; digests_make.cc makes them. Tested by digests_test.cc, digests_clock_test.cc,
// digests_lanes_test.cc, chain_test.cc and digests_crash_test.cc.
#include "delivery/digests.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "integrity/digest_name.h"

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

Task<Result<void>> Digests::load(const Trails& trails) {
  CAIRN_CO_TRY_VOID(co_await load_chains(trails));
  CAIRN_CO_TRY_VOID(co_await load_arrivals());
  heed(trails);
  co_return Result<void>{};
}

// A closed chain of a trail that is gone has said what it was kept for.
Task<Result<void>> Digests::load_chains(const Trails& trails) {
  std::set<std::string> living;
  for (const auto* trail : trails.all()) {
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

void Digests::heed(const Trails& now) {
  const auto trails = now.all();
  members_ = now.members();
  known_.clear();
  for (const auto* trail : trails) {
    if (trail->validation) {
      known_[trail->arn()] = {.created = trail->created,
                              .origin = origin_of(*trail),
                              .destination = delivery::destination_of(*trail),
                              .account = trail->account,
                              .organization = trail->organization,
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

// Which a clock that steps does not change.
Time Digests::age() const {
  return (options_.ages != nullptr ? *options_.ages : clock_).now();
}

bool Digests::covers(const Known& trail, const Lane& lane) const {
  const auto member = members_.find(lane.account);
  const bool is_member =
      !trail.organization.empty() && member != members_.end() && member->second == trail.organization;
  return (trail.account == lane.account || is_member) &&
         (trail.region.empty() || trail.region == lane.region);
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
  place.ending = !same_chain || !covers(known->second, lane);
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
void Digests::begin(const Lane& lane, Place& place, Time now) {
  const auto known = known_.find(lane.trail_arn);
  const auto* former = place.chain ? &*place.chain : nullptr;
  const auto delivered = place.arrival ? std::min(place.arrival->delivered, now) : now;
  if (place.wanted && known != known_.end()) {
    place.chain = chain_at_home(lane, *place.wanted, known->second.destination, step_, former);
  } else if (place.arrival && known != known_.end() && known->second.origin) {
    place.chain =
        chain_from_file(lane, *known->second.origin, known->second.destination, delivered, step_, former);
  } else if (place.arrival) {
    const Origin none{.created = place.arrival->trail_created, .since = delivered};
    place.chain = chain_from_file(lane, none, destination_of(*place.arrival), delivered, step_, former);
  } else {
    return;
  }
  place.wanted.reset();
  place.arrival.reset();
  place.opened = age();
  judge(lane, place);
}

Digests::Due Digests::due(const Lane& lane, Place& place, Time now) {
  if (place.not_before > std::chrono::steady_clock::now()) {
    return Due::no;
  }
  if (!place.chain || !place.chain->open) {
    begin(lane, place, now);
  }
  if (!place.chain || !place.chain->open) {
    return Due::no;
  }
  return due_in(lane, place, now);
}

// REQUIRES: a chain is open.
Digests::Due Digests::due_in(const Lane& lane, Place& place, Time now) {
  const auto& chain = *place.chain;
  const bool is_behind = now < chain.start;
  if (!place.opened || *place.opened > age()) {
    place.opened = age();
  }
  if (place.ending && (is_behind || now >= chain.start + kSecondLong) &&
      (place.forced || !uploader_.waits(lane, chain.origin.created))) {
    return Due::last;
  }
  const bool is_overdue = age() - *place.opened >= (is_behind ? step_ : 2 * step_);
  return is_overdue || now >= chain.ends(step_, now) ? Due::interval : Due::no;
}

void Digests::make_due(Ledger& ledger) {
  if (not_before_ > std::chrono::steady_clock::now()) {
    return;
  }
  auto made = finish(ledger);
  made = made ? take_arrivals() : made;
  made = made ? make_batches(clock_.now(), ledger) : made;
  if (!made) {
    log::error("cannot commit digests, trying again", {{"error", made.error().text()}});
    not_before_ = std::chrono::steady_clock::now() + options_.retry_least;
  }
}

// Until nothing is due any more, or as much as one call does.
Result<void> Digests::make_batches(Time now, Ledger& ledger) {
  std::size_t made = 0;
  std::size_t writes = 0;
  while (made < options_.digests_max && writes < options_.digest_files_max) {
    auto batch = make_batch(now, ledger.next(), options_.digests_max - made);
    if (batch.made.empty()) {
      return {};
    }
    made += batch.made.size();
    writes += batch.writes;
    batch_ = std::move(batch);
    CAIRN_TRY_VOID(finish(ledger));
  }
  return {};
}

// Since longest first.
std::vector<Digests::DueLane> Digests::due_lanes(Time now) {
  std::vector<DueLane> lanes;
  for (auto& [lane, place] : places_) {
    if (const auto what = due(lane, place, now); what != Due::no) {
      lanes.push_back({std::min(now, place.chain->end), what, &lane, &place});
    }
  }
  std::ranges::stable_sort(lanes, {}, &DueLane::since);
  return lanes;
}

Digests::Batch Digests::make_batch(Time now, State next, std::size_t most) {
  Batch batch{.next = std::move(next)};
  for (const auto& [since, what, lane, place] : due_lanes(now)) {
    if (batch.made.size() >= most || batch.writes >= options_.digest_files_max) {
      break;
    }
    auto made = make(*lane, *place, what, now, batch.next.plans + 1);
    if (!made) {
      log::error("cannot make a digest, trying again",
                 {{"trail", lane->trail_arn}, {"region", lane->region}, {"error", made.error().text()}});
      place->not_before = std::chrono::steady_clock::now() + options_.retry_most;
    } else if (*made) {
      batch.next.plans += 1;
      batch.writes += (*made)->writes.size();
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
    place.opened = age();
    if (!place.chain->open) {
      place.arrival = std::move(made.left);
    }
    judge(made.lane, place);
    plans.push_back(std::move(made.plan));
  }
  uploader_.add(std::move(plans));
}

}  // namespace cairn::delivery
