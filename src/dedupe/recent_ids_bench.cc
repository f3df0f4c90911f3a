// What an id costs once as many are known as are kept: it is looked for, put in, and the oldest goes.
#include <benchmark/benchmark.h>

#include <cstring>

#include "dedupe/recent_ids.h"

namespace cairn::dedupe {
namespace {

constexpr Secret kSecret{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};

Id numbered(std::uint64_t number) {
  Id id{};
  std::memcpy(id.data(), &number, sizeof number);
  return id;
}

void insert_new(benchmark::State& state) {
  const auto ids_max = static_cast<std::size_t>(state.range(0));
  RecentIds ids(ids_max, kSecret);
  std::uint64_t number = 0;
  while (number < ids_max) {
    ids.insert(numbered(number++));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ids.insert(numbered(number++)));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(insert_new)->Arg(100'000)->Arg(1'500'000)->Arg(4'000'000);

}  // namespace
}  // namespace cairn::dedupe
