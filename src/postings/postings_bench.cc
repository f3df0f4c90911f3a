// A file of 200,000 rows with eight attributes each: built, opened, searched. `bytes_a_row` is its size.
#include <benchmark/benchmark.h>

#include <random>

#include "postings/builder.h"

namespace cairn::postings {
namespace {

constexpr Row kRows = 200'000;

// Two unique values a row (an id, a resource), and six of 2 to 700.
std::string built() {
  std::mt19937_64 random(1);
  Builder builder;
  builder.scope("scope");
  for (Row row = 0; row < kRows; ++row) {
    builder.row({.time_ms = 1'700'000'000'000 + row * 200LL, .position = row * 3ULL + random() % 3});
    builder.term(Term{xxh64(std::to_string(row), 0)});
    builder.term(Term{xxh64(std::to_string(random()), 1)});
    std::uint32_t field = 1;
    for (const auto values : {2U, 20U, 30U, 200U, 500U, 700U}) {
      builder.term(Term{xxh64(std::to_string(random() % values), ++field)});
    }
  }
  return std::move(builder).finish();
}

void BM_postings_build(benchmark::State& state) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = built().size();
  }
  state.counters["bytes_a_row"] = static_cast<double>(bytes) / kRows;
}

void BM_postings_open(benchmark::State& state) {
  const auto bytes = built();
  for (auto _ : state) {
    benchmark::DoNotOptimize(Index::over(bytes));
  }
}

void BM_postings_verify(benchmark::State& state) {
  const auto bytes = built();
  const auto index = Index::over(bytes).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(index->verify());
  }
}

void find(benchmark::State& state, std::uint32_t field, std::uint32_t values) {
  const auto bytes = built();
  const auto index = Index::over(bytes).value();
  std::mt19937_64 random(2);
  for (auto _ : state) {
    auto rows = index->find(Term{xxh64(std::to_string(random() % values), field)}).value();
    for (int i = 0; i < 50; ++i) {
      benchmark::DoNotOptimize(rows.next());
    }
  }
}

void BM_postings_50_rows_of_a_half(benchmark::State& state) {
  find(state, 2, 2);
}
void BM_postings_50_rows_of_700th(benchmark::State& state) {
  find(state, 7, 700);
}
void BM_postings_unique(benchmark::State& state) {
  find(state, 0, kRows);
}
void BM_postings_absent(benchmark::State& state) {
  find(state, 99, kRows);
}

void BM_postings_lower_bound(benchmark::State& state) {
  const auto bytes = built();
  const auto index = Index::over(bytes).value();
  std::mt19937_64 random(3);
  for (auto _ : state) {
    const Key key{.time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(random() % (kRows * 200ULL)),
                  .position = 0};
    benchmark::DoNotOptimize(index->lower_bound({0, kRows}, key));
  }
}

BENCHMARK(BM_postings_build)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_postings_open);
BENCHMARK(BM_postings_verify)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_postings_50_rows_of_a_half);
BENCHMARK(BM_postings_50_rows_of_700th);
BENCHMARK(BM_postings_unique);
BENCHMARK(BM_postings_absent);
BENCHMARK(BM_postings_lower_bound);

}  // namespace
}  // namespace cairn::postings
