// The readers' side. A lookup waits for a slot and does all of its work on the lookups' pool. What that work
// touches is in the Lookup or belongs to it, so it may outlast the coroutine.
#include <fmt/format.h>

#include "store/segmented_store.h"

namespace cairn::store {

Result<Criteria> SegmentedStore::criteria(Query query, const std::optional<Bookmark>& after,
                                          const Snapshot& snapshot) const {
  if (query.limit == 0 || query.limit > options_.page_rows_max) {
    return Error{Errc::invalid, fmt::format("look up events: the limit is 1 to {}", options_.page_rows_max)};
  }
  if (after && after->snapshot > snapshot.end) {
    return Error{Errc::unavailable, "look up events: the store is still reading the journal"};
  }
  Criteria criteria{.account = std::move(query.account),
                    .region = std::move(query.region),
                    .category = query.category,
                    .attribute = std::move(query.attribute),
                    .from = std::max(query.from.value_or(kTimeMin), oldest_kept()),
                    .to = std::min(query.to.value_or(kTimeMax), kTimeMax),
                    .snapshot = after ? after->snapshot : snapshot.end,
                    .unsealed = snapshot.sealed,
                    .before = std::nullopt,
                    .limit = query.limit + 1};
  if (after) {
    criteria.before = Key{.time = after->time, .position = after->position};
  }
  return criteria;
}

Task<Result<Page>> SegmentedStore::lookup(Query query, std::optional<Bookmark> after) {
  const auto deadline = std::chrono::steady_clock::now() + options_.lookup_deadline;
  CAIRN_CO_TRY(auto lease, co_await Slots::take(slots_));
  auto now = snapshot();
  CAIRN_CO_TRY(auto wanted, criteria(std::move(query), after, now));
  if (now.aside) {
    now.heads.insert(now.heads.begin(), now.aside);
  }
  const LookupPorts ports{*cache_, ports_.lookups};
  auto running = std::make_shared<Lookup>(std::move(now), std::move(wanted), ports, deadline);
  auto work = [running, cache = cache_, slot = std::make_shared<Slots::Lease>(std::move(lease)),
               seconds = measures_.lookup_seconds, segments = measures_.lookup_segments,
               cache_bytes = measures_.cache_bytes]() mutable {
    const Stopwatch stopwatch(seconds);
    auto page = running->page();
    segments.observe(static_cast<double>(running->segments_searched()));
    cache_bytes.set(static_cast<double>(cache->bytes()));
    return page;
  };
  auto page = co_await ports_.lookups.run(std::move(work));
  co_return page;
}

}  // namespace cairn::store
