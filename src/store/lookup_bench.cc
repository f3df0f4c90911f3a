// A page of 50: from the head, from one segment, and a rare value in many segments.
#include <benchmark/benchmark.h>

#include "store/bench_events.h"

namespace cairn::store::testing {
namespace {

// `seals` times `rows`, a second apart.
std::unique_ptr<World> filled(std::size_t seals, std::size_t rows, bool seal) {
  Options options;
  options.head_rows_max = rows;
  options.head_bytes_max = 256U << 20;
  options.job_memory_bytes_max = 1U << 30;
  auto world = std::make_unique<World>(options);
  const auto begin = std::chrono::floor<std::chrono::days>(kStart);
  world->journal = bench_events(seals * rows, begin, Millis(86'400'000 / static_cast<std::int64_t>(rows)));
  if (!world->open()) {
    return nullptr;
  }
  for (std::size_t i = 1; i <= seals; ++i) {
    world->clock.set(world->journal[i * rows - 1].view.time);
    if (!world->follow(5000, i * rows) || (seal && !world->store->seal())) {
      return nullptr;
    }
  }
  return world;
}

void run(benchmark::State& state, std::size_t seals, std::size_t rows, bool seal,
         std::optional<std::pair<Attribute, std::string>> attribute) {
  auto world = filled(seals, rows, seal);
  if (!world) {
    return state.SkipWithError("the store could not be filled");
  }
  auto query = everything();
  query.attribute = std::move(attribute);
  std::size_t found = 0;
  for (auto _ : state) {
    const auto page = world->lookup(query);
    if (!page) {
      return state.SkipWithError(page.error().text().c_str());
    }
    found = page->events.size();
  }
  state.counters["events"] = static_cast<double>(found);
}

void BM_lookup_head_25k(benchmark::State& state) {
  run(state, 1, 25'000, false, std::nullopt);
}
void BM_lookup_head_25k_user(benchmark::State& state) {
  run(state, 1, 25'000, false, {{Attribute::username, "user7"}});
}
void BM_lookup_segment_25k(benchmark::State& state) {
  run(state, 1, 25'000, true, std::nullopt);
}
void BM_lookup_segment_100k(benchmark::State& state) {
  run(state, 1, 100'000, true, std::nullopt);
}
void BM_lookup_segment_100k_user(benchmark::State& state) {
  run(state, 1, 100'000, true, {{Attribute::username, "user7"}});
}
void BM_lookup_segment_100k_resource(benchmark::State& state) {
  run(state, 1, 100'000, true, {{Attribute::resource_name, "bucket7"}});
}
void BM_lookup_30_days_newest(benchmark::State& state) {
  run(state, 30, 5'000, true, std::nullopt);
}
void BM_lookup_30_days_resource(benchmark::State& state) {
  run(state, 30, 5'000, true, {{Attribute::resource_name, "bucket7"}});
}
void BM_lookup_30_days_nothing(benchmark::State& state) {
  run(state, 30, 5'000, true, {{Attribute::event_id, "none"}});
}

BENCHMARK(BM_lookup_head_25k)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_head_25k_user)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_segment_25k)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_segment_100k)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_segment_100k_user)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_segment_100k_resource)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_30_days_newest)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_30_days_resource)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_lookup_30_days_nothing)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace cairn::store::testing
