#include "store/store.h"

#include <filesystem>

#include "store/segmented_store.h"

namespace cairn::store {

namespace {

// Measured: a seal has the head's texts, its postings and a row group of columns in memory, beside the program.
constexpr std::size_t kMemoryPerHead = 4;

Result<void> check(const Options& options) {
  if (options.scratch.empty() || options.name.empty()) {
    return Error{Errc::invalid, "open the store: it needs a name and a scratch folder"};
  }
  if (options.seal_rows == 0 || options.lookups_max == 0 || options.page_rows_max == 0) {
    return Error{Errc::invalid, "open the store: a limit is 0"};
  }
  if (options.heads_max < 2) {
    return Error{Errc::invalid, "open the store: heads_max is less than 2"};
  }
  if (options.job_memory_bytes_max / kMemoryPerHead < options.head_bytes_max) {
    return Error{Errc::invalid, "open the store: job_memory_bytes_max is less than 4 times head_bytes_max"};
  }
  return {};
}

Result<std::string> empty_scratch(const Options& options) {
  const auto folder = std::filesystem::absolute(options.scratch).lexically_normal() / options.name;
  std::error_code code;
  std::filesystem::remove_all(folder, code);
  std::filesystem::create_directories(folder, code);
  if (code) {
    return system_error(code.value(), "empty the store's scratch folder", folder.string());
  }
  return folder.string();
}

}  // namespace

Task<Result<std::unique_ptr<Store>>> Store::open(Options options, catalog::Catalog& catalog, blob::Blob& blob,
                                                 async::Pool& pool, async::Pool& lookups,
                                                 async::Executor executor, JobRunner& runner,
                                                 const Clock& clock, Metrics& metrics) {
  CAIRN_CO_TRY_VOID(check(options));
  CAIRN_CO_TRY(auto loaded, co_await load(options.name, catalog, blob));
  auto empty = [options] { return empty_scratch(options); };
  CAIRN_CO_TRY(auto scratch, co_await pool.run(std::move(empty)));
  const Ports ports{catalog, blob, pool, lookups, std::move(executor), runner, clock};
  std::unique_ptr<Store> store = std::make_unique<SegmentedStore>(std::move(options), ports, metrics,
                                                                  std::move(scratch), std::move(loaded));
  co_return store;
}

}  // namespace cairn::store
