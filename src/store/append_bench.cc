// What a row costs on its way: into the head, into a segment, through a merge.
#include <benchmark/benchmark.h>

#include "crypto/random.h"
#include "crypto/sealed_file.h"
#include "store/bench_events.h"
#include "store/head.h"
#include "store/job.h"

namespace cairn::store::testing {
namespace {

constexpr std::size_t kHeadRows = 50'000;

// Each iteration appends one batch; a full head is thrown away, untimed.
void BM_append(benchmark::State& state) {
  const auto events = bench_events(kHeadRows, kStart, Millis(2));
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < events.size(); ++i) {
    rows.push_back({journal::Position{i}, events[i].view, events[i].json});
  }
  std::vector<const Row*> pointers;
  for (const auto& row : rows) {
    pointers.push_back(&row);
  }
  auto head = std::make_unique<Head>(journal::Position{0});
  std::size_t next = 0;
  for (auto _ : state) {
    if (next + batch > kHeadRows) {
      state.PauseTiming();
      state.counters["bytes_a_row"] =
          static_cast<double>(head->bytes() - head->text_bytes()) / static_cast<double>(next);
      head = std::make_unique<Head>(journal::Position{0});
      next = 0;
      state.ResumeTiming();
    }
    head->append(std::span(pointers).subspan(next, batch), journal::Position{next + batch});
    next += batch;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

class Jobs {
 public:
  explicit Jobs(std::size_t rows) {
    std::filesystem::create_directories(folder_.path("out"));
    world_.journal = bench_events(rows, kStart, Millis(0));
    world_.write_journal();
  }
  Result<JobResult> seal(std::size_t from, std::size_t to) {
    return run(SealJob{.partition = journal::Partition{0},
                       .from = journal::Position{from},
                       .to = journal::Position{to},
                       .now = kStart,
                       .oldest = kTimeMin});
  }
  Result<JobResult> merge(const std::vector<Made>& made) {
    MergeJob job{.group = made.front().group, .sources = {}};
    for (const auto& one : made) {
      job.sources.push_back({{folder_.path("out/" + one.parquet), key_}, one.rows});
    }
    return run(std::move(job));
  }

 private:
  Result<JobResult> run(std::variant<SealJob, MergeJob> work) {
    return run_job({.id = std::to_string(next_++),
                    .folder = folder_.path("out"),
                    .memory_bytes_max = 400U << 20,
                    .deadline = Millis{600'000},
                    .key = key_,
                    .work = std::move(work)},
                   {.journal = [this](journal::Partition partition, journal::Position from) {
                     return world_.real_journal.reader(partition, from);
                   }});
  }

  World world_;
  Folder folder_;
  const std::shared_ptr<const crypto::Secret> key_ =
      std::make_shared<const crypto::Secret>(crypto::random_secret(crypto::SealedFile::kKeyBytes));
  int next_ = 0;
};

void measure_size(benchmark::State& state, const Made& made) {
  state.counters["parquet_of_raw"] =
      static_cast<double>(made.parquet_bytes) / static_cast<double>(made.json_bytes);
  state.counters["postings_of_raw"] =
      static_cast<double>(made.postings_bytes) / static_cast<double>(made.json_bytes);
}

void BM_seal(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  Jobs jobs(rows);
  for (auto _ : state) {
    const auto result = jobs.seal(0, rows);
    if (!result) {
      return state.SkipWithError(result.error().text().c_str());
    }
    measure_size(state, result->made.front());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}

void BM_merge(benchmark::State& state) {
  constexpr std::size_t kSources = 4;
  const auto rows = static_cast<std::size_t>(state.range(0));
  Jobs jobs(kSources * rows);
  std::vector<Made> made;
  for (std::size_t i = 0; i < kSources; ++i) {
    auto sealed = jobs.seal(i * rows, (i + 1) * rows);
    if (!sealed) {
      return state.SkipWithError(sealed.error().text().c_str());
    }
    made.push_back(sealed->made.front());
  }
  for (auto _ : state) {
    const auto result = jobs.merge(made);
    if (!result) {
      return state.SkipWithError(result.error().text().c_str());
    }
    measure_size(state, result->made.front());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kSources * rows));
}

BENCHMARK(BM_append)->Arg(1)->Arg(64)->Arg(4096)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_seal)->Arg(1'000)->Arg(25'000)->Arg(60'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_merge)->Arg(25'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cairn::store::testing
