// Lookups over millions of events of one account and region, while 5 MB/s arrive, as percentiles of 1,000
// queries each. Takes minutes and gigabytes of disk, so only with CAIRN_BENCH_EVENTS=5000000.
#include <benchmark/benchmark.h>
#include <fcntl.h>

#include <cstdlib>

#include "base/file.h"
#include "store/bench_events.h"
#include "store/criteria.h"

namespace cairn::store::testing {
namespace {

constexpr std::size_t kEvery = 100'000;  // events of which one has the rare key
constexpr std::size_t kQueries = 1'000;
constexpr std::size_t kArriving = 4'600;  // a second: 5 MB

// Event number n of a day that has them all.
Event numbered(std::uint64_t n) {
  const auto id = fmt::format("{:08x}-{:04x}-4e5f-8a6b-{:012x}", n * 2654435761U % 4294967296U, n % 65536,
                              n * 0x9E3779B97F4AULL % (1ULL << 48U));
  auto view = simple_view(kStart + Millis(n / 1000), id);
  view.name = "GetObject";
  view.username = n % 100 == 0 ? "one-in-a-hundred" : fmt::format("user{}", n % 97);
  view.access_key_id = n % kEvery == kEvery / 2 ? "AKIARARE" : fmt::format("AKIA{:016}", n % 1009);
  view.resources = {{"AWS::S3::Object",
                     fmt::format("arn:aws:s3:::bucket-{}/data/{:016x}", n % 50, n * 0x9E3779B97F4A7C15ULL)}};
  static const std::string kSame(500, 'u');
  return event_of(
      view, fmt::format("{}{:016x}{:016x}", kSame, n * 0xBF58476D1CE4E5B9ULL, n * 0x94D049BB133111EBULL));
}

// The journal, made as it is read.
class Numbered final : public journal::Reader {
 public:
  explicit Numbered(journal::Position from) : position_(from) {}
  Result<std::span<const journal::Entry>> read(Millis) override {
    payloads_.clear();
    entries_.clear();
    for (std::size_t i = 0; i < 1000; ++i) {
      payloads_.push_back(event::encode_entry(event::Kind::record, 0, numbered(position_.raw() + i).json));
    }
    for (const auto& payload : payloads_) {
      entries_.push_back({.position = position_, .time = kStart, .payload = payload});
      position_ = position_ + 1;
    }
    return std::span<const journal::Entry>(entries_);
  }
  journal::Position position() const override { return position_; }
  void interrupt() override {}

 private:
  journal::Position position_;
  std::vector<std::string> payloads_;
  std::vector<journal::Entry> entries_;
};

class Large {
 public:
  explicit Large(std::size_t events) {
    world_.runner = in_process_runner({.journal = [](journal::Partition, journal::Position from) {
      return Result<std::unique_ptr<journal::Reader>>(std::make_unique<Numbered>(from));
    }});
    CAIRN_CHECK(world_.open().has_value());
    while (world_.store->end().raw() < events) {
      append(2'000);
      std::ignore = world_.store->maintain(world_.clock.now());
    }
    CAIRN_CHECK(world_.maintain().has_value());
  }
  ~Large() { stop(); }

  World& world() { return world_; }

  void start_arriving() {
    follower_ = std::thread([this] {
      auto next = std::chrono::steady_clock::now();
      while (!done_) {
        append(kArriving / 20);
        std::ignore = world_.store->maintain(world_.clock.now());
        std::this_thread::sleep_until(next += 50ms);
      }
    });
  }
  void stop() {
    done_ = true;
    if (follower_.joinable()) {
      follower_.join();
    }
    done_ = false;
  }

  // What is not in memory has to come from the disk.
  void forget() {
    for (const auto& name : world_.blob_names()) {
      if (const auto there = world_.run(world_.real_blob->local_file(name))) {
        const File file(::open(there->path.c_str(), O_RDONLY | O_CLOEXEC));
        ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
      }
    }
  }

 private:
  void append(std::size_t count) {
    const auto from = world_.store->end().raw();
    std::vector<Event> events;
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(numbered(from + i));
    }
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back({journal::Position{from + i}, events[i].view, events[i].json});
    }
    world_.clock.set(events.back().view.time);
    while (!world_.store->append(rows, journal::Position{from + count})) {
      std::ignore = world_.store->maintain(world_.clock.now());
      std::this_thread::sleep_for(1ms);
    }
  }

  World world_;
  std::atomic<bool> done_{false};
  std::thread follower_;
};

using Asked = std::optional<std::pair<Attribute, std::string>>;

void measure(benchmark::State& state, Large& large, const std::string& name, bool cold,
             const std::function<Asked(std::size_t)>& asked) {
  std::vector<double> times;
  std::size_t found = 0;
  const auto queries = cold ? kQueries / 10 : kQueries;
  for (std::size_t i = 0; i < queries; ++i) {
    if (cold) {
      large.forget();
    }
    auto query = everything();
    query.attribute = asked(i);
    const auto begun = std::chrono::steady_clock::now();
    const auto page = large.world().lookup(query);
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    found = page ? page->events.size() : 0;
  }
  std::ranges::sort(times);
  const auto label = name + (cold ? "_cold" : "");
  state.counters[label + "_p50"] = times[times.size() / 2];
  state.counters[label + "_p99"] = times[times.size() * 99 / 100];
  fmt::print("{:32} p50 {:7.2f} ms  p99 {:7.2f} ms  found {}\n", label, times[times.size() / 2],
             times[times.size() * 99 / 100], found);
}

void BM_lookup_large(benchmark::State& state) {
  const char* wanted = std::getenv("CAIRN_BENCH_EVENTS");
  if (wanted == nullptr) {
    return state.SkipWithError("only with CAIRN_BENCH_EVENTS");
  }
  const auto events = static_cast<std::size_t>(std::atoll(wanted));
  Large large(events);
  state.counters["segments"] = static_cast<double>(large.world().segments());
  for (auto _ : state) {
    for (const bool arriving : {false, true}) {
      fmt::print("{}\n", arriving ? "while 5 MB/s arrive" : "quiet");
      if (arriving) {
        large.start_arriving();
      }
      for (const bool cold : {true, false}) {
        measure(state, large, "every_event", cold, [](auto) {
          return Asked({Attribute::event_name, "GetObject"});
        });
        measure(state, large, "one_percent", cold, [](auto) {
          return Asked({Attribute::username, "one-in-a-hundred"});
        });
        measure(state, large, "one_a_segment", cold, [](auto) {
          return Asked({Attribute::access_key_id, "AKIARARE"});
        });
        measure(state, large, "unique", cold, [&](std::size_t i) {
          return Asked({Attribute::event_id, std::string(numbered(i * 7919 % events).view.event_id)});
        });
        measure(state, large, "absent", cold, [](std::size_t i) {
          return Asked({Attribute::event_id, fmt::format("none-{}", i)});
        });
      }
    }
    large.stop();
  }
}

BENCHMARK(BM_lookup_large)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace cairn::store::testing
