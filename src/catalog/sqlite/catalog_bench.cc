// Commits and reads a second of the SQLite catalog, on the disk of the system's temporary folder. A commit is
// what a call to one of our services makes: a document of 600 bytes and an outbox row of 1,200.
#include <benchmark/benchmark.h>

#include "async/gate.h"
#include "async/loops.h"
#include "catalog/sqlite/sqlite_catalog.h"

namespace cairn::catalog::sqlite {
namespace {

namespace fs = std::filesystem;

class Bench {
 public:
  Bench() {
    std::string name = (fs::temp_directory_path() / "cairn-bench-XXXXXX").native();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    catalog_ = *open({.file = folder_ / "catalog.db"}, system_clock(), metrics_);
  }
  ~Bench() {
    catalog_.reset();
    fs::remove_all(folder_);
  }

  // Runs `tasks` tasks on both loops and waits for all.
  template <class Make>
  void run(std::int64_t tasks, Make make) {
    async::Gate gate;
    for (std::int64_t i = 0; i < tasks; ++i) {
      gate.spawn(loops_.next().get_executor(), make(*catalog_, i));
    }
    CAIRN_CHECK(gate.wait_empty(Millis(60'000)));
  }

 private:
  fs::path folder_;
  Metrics metrics_;
  async::Loops loops_{2};
  std::unique_ptr<Catalog> catalog_;
};

constexpr int kCallsEach = 50;

Task<void> commit_some(Catalog& catalog, std::int64_t task) {
  for (int i = 0; i < kCallsEach; ++i) {
    Transaction transaction;
    transaction.writes.push_back(
        {"object/" + std::to_string(task) + "/" + std::to_string(i), std::string(600, 'v'), std::nullopt});
    transaction.outbox.push_back(std::string(1200, 'r'));
    const auto committed = co_await catalog.commit(std::move(transaction));
    CAIRN_CHECK(committed.has_value());
  }
}

void BM_catalog_commit(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    bench.run(state.range(0), commit_some);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kCallsEach);
}
BENCHMARK(BM_catalog_commit)->Arg(1)->Arg(8)->Arg(64)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);

Task<void> get_some(Catalog& catalog, std::int64_t task) {
  for (int i = 0; i < kCallsEach * 100; ++i) {
    const auto found =
        co_await catalog.get("object/" + std::to_string(task) + "/" + std::to_string(i % kCallsEach));
    CAIRN_CHECK(found.has_value() && found->has_value());
  }
}

void BM_catalog_get(benchmark::State& state) {
  Bench bench;
  bench.run(state.range(0), commit_some);
  for (auto _ : state) {
    bench.run(state.range(0), get_some);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kCallsEach * 100);
}
BENCHMARK(BM_catalog_get)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

Task<void> scan_once(Catalog& catalog, std::int64_t) {
  const auto page = co_await catalog.scan("object/", "", 1000);
  CAIRN_CHECK(page.has_value() && page->size() == 1000);
}

void BM_catalog_scan_1000(benchmark::State& state) {
  Bench bench;
  bench.run(64, commit_some);
  for (auto _ : state) {
    bench.run(1, scan_once);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_catalog_scan_1000)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cairn::catalog::sqlite
