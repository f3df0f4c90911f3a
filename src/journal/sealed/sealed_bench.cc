// What the seal costs: an entry sealed and opened, and appends with it and without it, in turn, so that what
// the disk is busy with meets both; "ratio" is sealed over plain. CAIRN_BENCH_FOLDER says on which disk.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>

#include "async/gate.h"
#include "async/loops.h"
#include "base/log.h"
#include "crypto/random.h"
#include "event/entry.h"
#include "journal/file/file_journal.h"
#include "journal/sealed/entry_sealer.h"
#include "journal/sealed/sealed_journal.h"

namespace cairn::journal {
namespace {

constexpr std::size_t kRecordBytes = 1138;
constexpr std::size_t kProducers = 64;

std::string record_entry() {
  return event::encode_entry(event::Kind::record, 0, std::string(kRecordBytes, 'r'));
}

void BM_entry_seal(benchmark::State& state) {
  const EntrySealer sealer(crypto::random_secret(32));
  const auto entry = record_entry();
  for (auto _ : state) {
    benchmark::DoNotOptimize(sealer.seal(Partition{0}, entry));
  }
}
BENCHMARK(BM_entry_seal);

void BM_entry_open(benchmark::State& state) {
  const auto key = crypto::random_secret(32);
  EntryOpener opener(key);
  const auto sealed = EntrySealer(key.clone()).seal(Partition{0}, record_entry());
  std::string room(sealed.size(), '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(opener.open(Partition{0}, sealed, room).value().data());
  }
}
BENCHMARK(BM_entry_open);

class Folder {
 public:
  Folder() {
    const char* where = ::getenv("CAIRN_BENCH_FOLDER");
    auto name =
        (std::filesystem::path(where != nullptr ? where : "/var/tmp") / "cairn-bench-XXXXXX").native();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Task<void> produce(Journal& journal, std::span<const std::string> payloads, std::size_t batches) {
  for (std::size_t i = 0; i < batches; ++i) {
    if (!co_await journal.append(Partition{0}, payloads)) {
      std::abort();
    }
  }
}

// Records a second of all producers together.
double rate(Journal& journal, async::Loops& loops, std::span<const std::string> payloads,
            std::size_t batches) {
  async::Gate gate;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kProducers; ++i) {
    gate.spawn(loops.next().get_executor(), produce(journal, payloads, batches));
  }
  gate.close();
  gate.wait_empty(Millis{120'000});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  (void)journal.retire(Partition{0}, journal.end(Partition{0}));
  return static_cast<double>(kProducers * batches * payloads.size()) / took.count();
}

// records: each producer's batch.
void BM_sealed_append(benchmark::State& state) {
  log::configure(log::Level::error, log::Format::text);
  const auto records = static_cast<std::size_t>(state.range(0));
  const std::size_t batches = records == 1 ? 200 : 10;
  const Folder folder;
  Metrics metrics;
  async::Loops loops(2);
  const Limits limits;
  const auto open_at = [&](const char* name) {
    return open({.folder = folder.path() / name, .limits = with_room_for_sealing(limits)}, system_clock(),
                metrics)
        .value();
  };
  const auto plain = open_at("plain");
  const auto sealed = make_sealed(open_at("sealed"), crypto::random_secret(32), limits);
  const std::vector<std::string> payloads(records, record_entry());
  double plain_rate = 0;
  double sealed_rate = 0;
  double rounds = 0;
  for (auto _ : state) {
    plain_rate += rate(*plain, loops, payloads, batches);
    sealed_rate += rate(*sealed, loops, payloads, batches);
    rounds += 1;
  }
  state.counters["plain_per_s"] = plain_rate / rounds;
  state.counters["sealed_per_s"] = sealed_rate / rounds;
  state.counters["ratio"] = sealed_rate / plain_rate;
}
BENCHMARK(BM_sealed_append)->ArgName("records")->Arg(1)->Arg(64)->Unit(benchmark::kMillisecond)->MinTime(3);

}  // namespace
}  // namespace cairn::journal
