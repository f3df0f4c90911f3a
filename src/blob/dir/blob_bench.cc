// Puts and reads a second of the folder store, on the disk of the system's temporary folder.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "async/gate.h"
#include "async/loops.h"
#include "blob/dir/dir_blob.h"

namespace cairn::blob::dir {
namespace {

namespace fs = std::filesystem;

class Bench {
 public:
  explicit Bench(std::size_t threads = 8) : pool_(threads) {
    std::string name = (fs::temp_directory_path() / "cairn-bench-XXXXXX").native();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    blob_ = *open({.folder = folder_ / "blobs"}, pool_, metrics_);
  }
  ~Bench() {
    blob_.reset();
    fs::remove_all(folder_);
  }

  template <class Make>
  void run(std::int64_t tasks, Make make) {
    async::Gate gate;
    for (std::int64_t i = 0; i < tasks; ++i) {
      gate.spawn(loops_.next().get_executor(), make(*blob_, i, round_));
    }
    round_ += 1;
    CAIRN_CHECK(gate.wait_empty(Millis(120'000)));
  }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  Metrics metrics_;
  async::Loops loops_{2};
  async::Pool pool_;
  std::unique_ptr<Blob> blob_;
  int round_ = 0;
};

constexpr int kPutsEach = 20;

Task<void> put_some(Blob& blob, std::int64_t task, int round) {
  const std::string bytes(1024, 'b');
  for (int i = 0; i < kPutsEach; ++i) {
    const auto name = "objects/" + std::to_string(task % 16) + "/" + std::to_string(round) + "-" +
                      std::to_string(task) + "-" + std::to_string(i);
    const auto put = co_await blob.put(name, std::as_bytes(std::span(bytes)));
    CAIRN_CHECK(put.has_value());
  }
}

void BM_blob_put_1k(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    bench.run(state.range(0), put_some);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kPutsEach);
}
BENCHMARK(BM_blob_put_1k)->Arg(1)->Arg(8)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

// What the disk itself asks for: a new file's fdatasync, and its folder's fsync.
void BM_blob_put_1k_bare(benchmark::State& state) {
  const Bench bench;
  const int folder = ::open(bench.folder().c_str(), O_RDONLY | O_DIRECTORY);
  const std::string bytes(1024, 'b');
  int number = 0;
  for (auto _ : state) {
    const auto name = std::to_string(number++);
    const int file = ::openat(folder, name.c_str(), O_CREAT | O_WRONLY, 0600);
    CAIRN_CHECK(::write(file, bytes.data(), bytes.size()) == 1024 && ::fdatasync(file) == 0);
    ::close(file);
    CAIRN_CHECK(::renameat(folder, name.c_str(), folder, ("named" + name).c_str()) == 0 &&
                ::fsync(folder) == 0);
  }
  ::close(folder);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_blob_put_1k_bare)->UseRealTime()->Unit(benchmark::kMillisecond);

Task<void> put_large(Blob& blob, std::int64_t, int round) {
  const std::string bytes(64U << 20, 'b');
  const auto put = co_await blob.put("large-" + std::to_string(round), std::as_bytes(std::span(bytes)));
  CAIRN_CHECK(put.has_value());
  const auto removed = co_await blob.remove("large-" + std::to_string(round));
  CAIRN_CHECK(removed.has_value());
}

void BM_blob_put_64m(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    bench.run(1, put_large);
  }
  state.SetBytesProcessed(state.iterations() * (64 << 20));
}
BENCHMARK(BM_blob_put_64m)->UseRealTime()->Unit(benchmark::kMillisecond);

Task<void> get_some(Blob& blob, std::int64_t task, int) {
  for (int i = 0; i < 2000; ++i) {
    const auto name = "objects/" + std::to_string(task % 16) + "/0-" + std::to_string(task) + "-" +
                      std::to_string(i % kPutsEach);
    const auto bytes = co_await blob.get(name);
    CAIRN_CHECK(bytes.has_value());
  }
}

void BM_blob_get_1k(benchmark::State& state) {
  Bench bench;
  bench.run(state.range(0), put_some);
  for (auto _ : state) {
    bench.run(state.range(0), get_some);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2000);
}
BENCHMARK(BM_blob_get_1k)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

Task<void> list_once(Blob& blob, std::int64_t, int) {
  const auto page = co_await blob.list("objects/", "objects/3/", 1000);
  CAIRN_CHECK(page.has_value() && page->size() == 1000);
}

void BM_blob_list_1000(benchmark::State& state) {
  Bench bench;
  bench.run(128, put_some);
  for (auto _ : state) {
    bench.run(1, list_once);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_blob_list_1000)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cairn::blob::dir
