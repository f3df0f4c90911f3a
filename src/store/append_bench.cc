// Appending batches of 1, 64 and 4096 rows, and sealing a full head.
#include <benchmark/benchmark.h>

#include "store/bench_events.h"

namespace cairn::store::testing {
namespace {

constexpr std::size_t kRows = 25'000;

std::unique_ptr<World> opened() {
  Options options;
  options.retention = std::chrono::hours(24 * 36'500);
  auto world = std::make_unique<World>(options);
  world->journal = bench_events(kRows, kStart - std::chrono::hours(5), Millis(500));
  return world->open() ? std::move(world) : nullptr;
}

// Each iteration appends one batch; a full head is thrown away by sealing it, untimed.
void BM_append(benchmark::State& state) {
  auto world = opened();
  if (!world) {
    return state.SkipWithError("the store could not be opened");
  }
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::uint64_t position = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Row> rows;
    for (std::size_t i = 0; i < batch; ++i) {
      const auto& event = world->journal[(position + i) % kRows];
      rows.push_back({journal::Position{position + i}, event.view, event.json});
    }
    position += batch;
    if (position % kRows < batch && !world->store->seal()) {
      return state.SkipWithError("seal");
    }
    state.ResumeTiming();
    if (!world->store->append(rows, journal::Position{position})) {
      return state.SkipWithError("append");
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(position));
}

void BM_seal_25k(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto world = opened();
    if (!world || !world->follow()) {
      return state.SkipWithError("the store could not be filled");
    }
    state.ResumeTiming();
    if (!world->store->seal()) {
      return state.SkipWithError("seal");
    }
    state.PauseTiming();
    world.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

BENCHMARK(BM_append)->Arg(1)->Arg(64)->Arg(4096)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(BM_seal_25k)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(10);

}  // namespace
}  // namespace cairn::store::testing
