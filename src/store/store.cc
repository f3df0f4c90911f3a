#include "store/store.h"

#include "store/duck_store.h"

namespace cairn::store {

namespace {

// Measured: with this much, a head of twice seal_bytes can be sorted and written while it stays in memory.
constexpr std::size_t kMemoryPerSeal = 10;

Result<void> check(const Options& options) {
  if (options.scratch.empty() || options.readable_folders.empty() || options.name.empty()) {
    return Error{Errc::invalid,
                 "open the store: it needs a name, a scratch folder and the folders of its blobs"};
  }
  if (options.seal_rows == 0 || options.lookups_max == 0 || options.page_rows_max == 0) {
    return Error{Errc::invalid, "open the store: a limit is 0"};
  }
  if (options.memory_bytes_max / kMemoryPerSeal < options.seal_bytes) {
    return Error{Errc::invalid, "open the store: memory_bytes_max is less than 10 times seal_bytes"};
  }
  return {};
}

}  // namespace

Task<Result<std::unique_ptr<Store>>> Store::open(Options options, catalog::Catalog& catalog, blob::Blob& blob,
                                                 async::Pool& pool, async::Executor executor,
                                                 const Clock& clock, Metrics& metrics) {
  CAIRN_CO_TRY_VOID(check(options));
  CAIRN_CO_TRY(auto loaded, co_await load(options.name, catalog, blob));
  auto start = [options] { return Engine::start(options); };
  CAIRN_CO_TRY(auto engine, co_await pool.run(std::move(start)));
  const Ports ports{catalog, blob, pool, std::move(executor), clock};
  std::unique_ptr<Store> store =
      std::make_unique<DuckStore>(std::move(options), ports, metrics, std::move(engine), std::move(loaded));
  co_return store;
}

}  // namespace cairn::store
