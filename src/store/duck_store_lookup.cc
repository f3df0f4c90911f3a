// The readers' side. A lookup holds one of a few connections for its whole time, does its work on the pool,
// and comes back to its loop between the steps to ask where the next segments' files are.
//
// What the pool's work touches is in Running (and the reader, which has no state), so it may outlast the
// coroutine.
#include <fmt/format.h>

#include "store/duck_store.h"

namespace cairn::store {

Result<Criteria> DuckStore::criteria(Query query, const std::optional<Bookmark>& after,
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
                    .to = query.to.value_or(kTimeMax),
                    .snapshot = after ? after->snapshot : snapshot.end,
                    .before = std::nullopt,
                    .limit = query.limit + 1};
  if (after) {
    criteria.before = Key{.time = after->time, .position = after->position};
  }
  return criteria;
}

Task<Result<Page>> DuckStore::lookup(Query query, std::optional<Bookmark> after) {
  CAIRN_CO_TRY(auto lease, co_await Slots::take(slots_));
  auto now = snapshot();
  CAIRN_CO_TRY(auto wanted, criteria(std::move(query), after, now));
  auto running =
      std::make_shared<Running>(std::move(lease), Lookup(std::move(now), std::move(wanted), reader_));
  CAIRN_CO_TRY_VOID(co_await search(running));
  CAIRN_CO_TRY(auto files, co_await paths(running->lookup.needed()));
  auto& histogram = measures_.lookup_rows_seconds;
  auto read = [running, histogram, files = std::move(files)]() mutable {
    const Stopwatch stopwatch(histogram);
    return running->lookup.page(running->lease.connection(), files);
  };
  auto page = co_await ports_.pool.run(std::move(read));
  measures_.lookup_segments.observe(static_cast<double>(running->lookup.segments_searched()));
  co_return page;
}

Task<Result<void>> DuckStore::search(std::shared_ptr<Running> running) {
  auto head = [running, histogram = measures_.lookup_head_seconds]() mutable {
    const Stopwatch stopwatch(histogram);
    return running->lookup.search_head(running->lease.connection());
  };
  CAIRN_CO_TRY_VOID(co_await ports_.pool.run(std::move(head)));
  while (true) {
    const auto group = running->lookup.next_group();
    if (group.empty()) {
      co_return Result<void>();
    }
    Segments segments(group.begin(), group.end());
    CAIRN_CO_TRY(auto files, co_await paths(std::move(segments)));
    auto search = [running, histogram = measures_.lookup_segments_seconds,
                   files = std::move(files)]() mutable {
      const Stopwatch stopwatch(histogram);
      return running->lookup.search_group(running->lease.connection(), files);
    };
    CAIRN_CO_TRY_VOID(co_await ports_.pool.run(std::move(search)));
  }
}

Task<Result<std::vector<std::string>>> DuckStore::paths(Segments segments) {
  std::vector<std::string> paths;
  for (const auto& segment : segments) {
    CAIRN_CO_TRY(auto path, co_await ports_.blob.local_path(segment->blob));
    paths.push_back(duck::absolute_path(path));
  }
  co_return paths;
}

}  // namespace cairn::store
