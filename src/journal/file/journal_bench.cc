// Group commit against the plainest way to make the same bytes durable: blocks of the mean group's size, each
// written and synced, one after the other. The two are run in turn, so that what the disk is busy with meets
// both; "ratio" is journal over plain.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "async/gate.h"
#include "async/loops.h"
#include "base/log.h"
#include "journal/file/file_journal.h"

namespace cairn::journal {
namespace {

using Clock_ = std::chrono::steady_clock;

constexpr std::size_t kProducers = 64;
constexpr std::size_t kRecordBytes = 1100;
constexpr std::uint64_t kFileBytes = 64ULL << 20;

double seconds_since(Clock_::time_point start) {
  return std::chrono::duration<double>(Clock_::now() - start).count();
}

struct Folder {
  Folder() {
    const char* where = ::getenv("CAIRN_BENCH_FOLDER");
    auto name =
        (std::filesystem::path(where != nullptr ? where : "/var/tmp") / "cairn-bench-XXXXXX").native();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// Block after block into files like the journal's, each block synced.
class Plain {
 public:
  explicit Plain(const std::filesystem::path& folder) : path_(folder / "plain") { begin_file(); }
  ~Plain() { ::close(fd_); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  // Bytes a second.
  double write(std::size_t block_bytes, std::uint64_t total_bytes) {
    const std::string block(block_bytes, 'x');
    const auto start = Clock_::now();
    std::uint64_t written = 0;
    for (; written < total_bytes; written += block_bytes) {
      if (offset_ + block_bytes > kFileBytes) {
        ::close(fd_);
        begin_file();
      }
      if (::pwrite(fd_, block.data(), block.size(), static_cast<off_t>(offset_)) < 0 ||
          ::fdatasync(fd_) != 0) {
        std::abort();
      }
      offset_ += block_bytes;
    }
    return static_cast<double>(written) / seconds_since(start);
  }

 private:
  void begin_file() {
    ::unlink(path_.c_str());
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(kFileBytes));
    ::fsync(fd_);
    offset_ = 0;
  }

  const std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t offset_ = 0;
};

Task<void> produce(Journal& journal, std::span<const std::string> payloads, std::size_t batches) {
  for (std::size_t i = 0; i < batches; ++i) {
    if (!co_await journal.append(Partition{0}, payloads)) {
      std::abort();
    }
  }
}

// Bytes a second of all producers together.
double grouped(Journal& journal, async::Loops& loops, std::span<const std::string> payloads,
               std::size_t batches) {
  async::Gate gate;
  const auto start = Clock_::now();
  for (std::size_t i = 0; i < kProducers; ++i) {
    gate.spawn(loops.next().get_executor(), produce(journal, payloads, batches));
  }
  gate.close();
  gate.wait_empty(Millis{120'000});
  const auto bytes = kProducers * batches * payloads.size() * kRecordBytes;
  return static_cast<double>(bytes) / seconds_since(start);
}

double metric(const Metrics& metrics, std::string_view name) {
  const auto text = metrics.text();
  const auto at = text.find("\n" + std::string(name) + " ");
  return at == text.npos ? 0 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

// records: each producer's batch; plain_bytes: the plain blocks, 0 for the mean group's size; loops: threads
// of the producers.
void BM_journal_append(benchmark::State& state) {
  const auto records = static_cast<std::size_t>(state.range(0));
  const auto plain_bytes = static_cast<std::size_t>(state.range(1));
  log::configure(log::Level::error, log::Format::text);
  const Folder folder;
  Plain plain(folder.path);
  Metrics metrics;
  async::Loops loops(static_cast<std::size_t>(state.range(2)));
  const auto journal =
      open({.folder = folder.path, .file_bytes = kFileBytes}, system_clock(), metrics).value();
  const std::vector<std::string> payloads(records, std::string(kRecordBytes, 'x'));
  const std::size_t batches = records == 1 ? 200 : 10;
  double journal_rate = 0;
  double plain_rate = 0;
  double group_records = 0;
  double rounds = 0;
  for (auto _ : state) {
    const auto syncs = metric(metrics, "cairn_journal_syncs_total");
    journal_rate += grouped(*journal, loops, payloads, batches);
    const auto entries = static_cast<double>(kProducers * batches * records);
    const auto mean = entries / (metric(metrics, "cairn_journal_syncs_total") - syncs);
    const auto mean_bytes = static_cast<std::size_t>(mean * static_cast<double>(kRecordBytes));
    plain_rate += plain.write(plain_bytes == 0 ? mean_bytes : plain_bytes,
                              kProducers * batches * records * kRecordBytes);
    group_records += mean;
    rounds += 1;
    (void)journal->retire(Partition{0}, journal->end(Partition{0}));
  }
  state.counters["journal_MBps"] = journal_rate / rounds / 1e6;
  state.counters["plain_MBps"] = plain_rate / rounds / 1e6;
  state.counters["ratio"] = journal_rate / plain_rate;
  state.counters["group_records"] = group_records / rounds;
  state.counters["us_per_record"] = static_cast<double>(kRecordBytes) * rounds / journal_rate * 1e6;
}
BENCHMARK(BM_journal_append)
    ->ArgNames({"records", "plain_bytes", "loops"})
    ->Args({1, 0, 1})
    ->Args({1, 0, 2})
    ->Args({64, 1 << 20, 1})
    ->Args({64, 1 << 20, 2})
    ->Unit(benchmark::kMillisecond)
    ->MinTime(2);

}  // namespace
}  // namespace cairn::journal
