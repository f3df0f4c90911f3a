// Records a second that a matcher answers for, parse included. One core; each figure is the median of 5 runs.
//
// The CloudTrail figures are over 200,000 records of bench/cloudtrail_records.py (see bench_records.h);
// `hits` is how many matches there were in one run over all.
#include <benchmark/benchmark.h>

#include <ctime>

#include "match/bench_records.h"

namespace cairn::match {
namespace {

constexpr std::size_t kScriptRecords = 200'000;
constexpr std::size_t kOwnRecords = 20'000;
constexpr std::size_t kAll = Limits::patterns_max;

const std::vector<std::string>& script_records() {
  static const auto records = bench::script_records(kScriptRecords);
  return records;
}

const std::vector<std::string>& own_records() {
  static const auto records = bench::own_records(kOwnRecords);
  return records;
}

std::size_t match_all(const Matcher& matcher, const std::vector<std::string>& records, Scratch& scratch,
                      std::vector<Hit>& hits) {
  std::size_t count = 0;
  for (const auto& record : records) {
    hits.clear();
    CAIRN_CHECK(matcher.match(record, scratch, hits).has_value());
    count += hits.size();
  }
  return count;
}

void run(benchmark::State& state, const Matcher& matcher, const std::vector<std::string>& records) {
  Scratch scratch;
  std::vector<Hit> hits;
  std::size_t count = 0;
  for (auto _ : state) {
    count = match_all(matcher, records, scratch, hits);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
  state.counters["hits"] = static_cast<double>(count);
  state.counters["patterns"] = static_cast<double>(matcher.patterns());
}

void BM_cloudtrail(benchmark::State& state, const std::string& file, std::size_t count) {
  const auto patterns = bench::data_patterns(file);
  if (patterns.empty() || script_records().empty()) {
    state.SkipWithError("no CAIRN_TEST_DATA or no python3");
    return;
  }
  run(state, *bench::matcher(patterns, count), script_records());
}

void BM_own(benchmark::State& state) {
  run(state, *bench::matcher(bench::own_patterns(1'000), static_cast<std::size_t>(state.range(0))),
      own_records());
}

double seconds(const Matcher& matcher, const std::vector<std::string>& records) {
  Scratch scratch;
  std::vector<Hit> hits;
  std::vector<double> runs;
  match_all(matcher, records, scratch, hits);
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::clock();  // the processor's time, as the other figures: others may be using it
    match_all(matcher, records, scratch, hits);
    runs.push_back(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  std::ranges::sort(runs);
  return runs[2];
}

// What 1,000 patterns cost, in what 10 of them cost: medians of 5, in turn.
void BM_ratio_1000_to_10(benchmark::State& state) {
  const bool scripted = !script_records().empty();
  const auto patterns =
      scripted ? bench::data_patterns("cloudtrail_rules_1000.json") : bench::own_patterns(1'000);
  const auto& records = scripted ? script_records() : own_records();
  const auto few = bench::matcher(patterns, 10);
  const auto many = bench::matcher(patterns, 1'000);
  for (auto _ : state) {
    state.counters["ratio"] = seconds(*many, records) / seconds(*few, records);
  }
}

void settings(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->Repetitions(5)->ReportAggregatesOnly();
}

BENCHMARK_CAPTURE(BM_cloudtrail, exact, std::string("cloudtrail_rules_exact.json"), kAll)->Apply(settings);
BENCHMARK_CAPTURE(BM_cloudtrail, mixed, std::string("cloudtrail_rules_mixed.json"), kAll)->Apply(settings);
BENCHMARK_CAPTURE(BM_cloudtrail, 10, std::string("cloudtrail_rules_1000.json"), 10)->Apply(settings);
BENCHMARK_CAPTURE(BM_cloudtrail, 1000, std::string("cloudtrail_rules_1000.json"), kAll)->Apply(settings);
BENCHMARK(BM_own)->Arg(1)->Arg(10)->Arg(1'000)->Apply(settings);
BENCHMARK(BM_ratio_1000_to_10)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cairn::match
