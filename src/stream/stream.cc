#include "stream/stream.h"

#include <algorithm>
#include <thread>

#include "base/log.h"
#include "stream/board.h"
#include "stream/runner.h"

namespace cairn::stream {
namespace {

constexpr Millis kReadPatience{50};  // how long stop() may have to wait for a reader

// A ring's reader: from the journal onto the board, until the board stops.
class RingReader {
 public:
  RingReader(journal::Journal& journal, journal::Partition partition, journal::Position from, Board& board,
             const Matching& matching, const Options& options, Metrics& metrics)
      : partition_(partition),
        board_(board),
        measures_(metrics, partition),
        source_({.journal = journal,
                 .partition = partition,
                 .batch_items_max = options.batch_items_max,
                 .matching = matching},
                from, measures_),
        backoff_(options.backoff_min, options.backoff_max) {}

  void run() {
    while (board_.wait_for_room(partition_)) {
      auto batch = source_.next(kReadPatience);
      if (!batch) {
        failed(batch.error());
      } else {
        went_well();
        if (*batch) {
          board_.push(*std::move(batch));
        }
      }
    }
  }

 private:
  void failed(const Error& error) {
    if (backoff_.failures() == 0) {
      log::error(
          "the journal cannot be read, nothing follows it any more",
          {{"partition", partition_.raw()}, {"position", source_.position().raw()}, {"error", error.text()}});
    }
    measures_.failing.set(1);
    board_.sleep_until(std::chrono::steady_clock::now() + backoff_.fail());
  }

  void went_well() {
    if (const auto failures = backoff_.succeed(); failures > 0) {
      measures_.failing.set(0);
      log::info("the journal can be read again", {{"partition", partition_.raw()}, {"failures", failures}});
    }
  }

  const journal::Partition partition_;
  Board& board_;
  ReaderMeasures measures_;
  Source source_;
  Backoff backoff_;
};

class RunningStream final : public Stream {
 public:
  RunningStream(journal::Journal& journal, std::vector<Follower*> followers, const Clock& clock,
                const Options& options, Metrics& metrics)
      : journal_(journal),
        followers_(std::move(followers)),
        clock_(clock),
        options_(options),
        metrics_(metrics),
        matching_(followers_),
        board_({.followers = std::max<std::size_t>(followers_.size(), 1), .ring_bytes = options.ring_bytes},
               ring_bytes(metrics)) {
    metrics.limit("cairn_stream_ring_bytes", static_cast<double>(options.ring_bytes));
  }
  ~RunningStream() override { stop(); }

  void start() override {
    CAIRN_CHECK(!started_.exchange(true));
    if (followers_.empty()) {
      return;
    }
    matching_.ask_all();
    std::vector<journal::Position> rings;
    for (std::uint32_t p = 0; p < journal_.partitions(); ++p) {
      rings.push_back(add_partition(journal::Partition{p}));
    }
    for (std::uint32_t p = 0; p < journal_.partitions(); ++p) {
      readers_.push_back(std::make_unique<RingReader>(journal_, journal::Partition{p}, rings[p], board_,
                                                      matching_, options_, metrics_));
    }
    for (std::size_t i = 0; i < followers_.size(); ++i) {
      const Runner::Place place{.index = i,
                                .follower = *followers_[i],
                                .board = board_,
                                .journal = journal_,
                                .clock = clock_,
                                .matching = matching_};
      runners_.push_back(std::make_unique<Runner>(place, options_, metrics_));
    }
    run();
  }

  void stop() override {
    board_.stop();
    for (auto& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  Result<void> patterns_changed(const Follower& follower) override { return matching_.ask(follower); }

  bool caught_up(const Follower& follower) const override {
    if (!running_) {
      return false;
    }
    const auto index = index_of(follower);
    for (std::size_t p = 0; p < targets_.size(); ++p) {
      if (board_.position(index, journal::Partition{static_cast<std::uint32_t>(p)}) < targets_[p]) {
        return false;
      }
    }
    return true;
  }

  bool keeps_up(const Follower& follower) const override {
    if (!running_) {
      return true;
    }
    const auto index = index_of(follower);
    for (std::uint32_t p = 0; p < targets_.size(); ++p) {
      if (!board_.keeps_up(index, journal::Partition{p}, journal_.end(journal::Partition{p}))) {
        return false;
      }
    }
    return true;
  }

  Trouble trouble(const Follower& follower) const override {
    if (!running_) {
      return {};
    }
    const auto index = index_of(follower);
    Trouble trouble{.lag = 0, .failing = runners_[index]->failing()};
    for (std::uint32_t p = 0; p < targets_.size(); ++p) {
      const auto position = board_.position(index, journal::Partition{p});
      const auto end = journal_.end(journal::Partition{p});
      trouble.lag += end > position ? end - position : 0;
    }
    return trouble;
  }

  journal::Position lowest_cursor(journal::Partition partition) const override {
    auto lowest = journal_.end(partition);
    for (const auto* const follower : followers_) {
      lowest = std::min(lowest, follower->cursor(partition));
    }
    return lowest;
  }

 private:
  std::size_t index_of(const Follower& follower) const {
    const auto found = std::ranges::find(followers_, &follower);
    CAIRN_CHECK(found != followers_.end());
    return static_cast<std::size_t>(found - followers_.begin());
  }

  // The ring starts where the follower that is furthest stands: nobody waits for what it does not need.
  // Returns that.
  journal::Position add_partition(journal::Partition partition) {
    const auto begin = journal_.begin(partition);
    const auto end = journal_.end(partition);
    std::vector<journal::Position> starts;
    for (const auto* const follower : followers_) {
      const auto cursor = follower->cursor(partition);
      if (cursor > end) {
        log::error("a follower's cursor is beyond the journal's end: the journal has lost entries",
                   {{"follower", follower->name()}, {"cursor", cursor.raw()}, {"end", end.raw()}});
      }
      starts.push_back(cursor == journal::Position{} ? begin : cursor);
    }
    const auto furthest = std::min(*std::ranges::max_element(starts), end);
    targets_.push_back(end);
    board_.add_partition(std::move(starts), furthest);
    return furthest;
  }

  void run() {
    running_ = true;
    for (auto& reader : readers_) {
      threads_.emplace_back([&reader] { reader->run(); });
    }
    for (auto& runner : runners_) {
      threads_.emplace_back([&runner] { runner->run(); });
    }
  }

  journal::Journal& journal_;
  const std::vector<Follower*> followers_;
  const Clock& clock_;
  const Options options_;
  Metrics& metrics_;
  Matching matching_;
  Board board_;
  std::vector<std::unique_ptr<RingReader>> readers_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<std::thread> threads_;
  std::vector<journal::Position> targets_;  // each partition's end at start()
  std::atomic<bool> started_{false};
  std::atomic<bool> running_{false};  // set once what the threads share is complete
};

}  // namespace

std::unique_ptr<Stream> Stream::make(journal::Journal& journal, std::vector<Follower*> followers,
                                     const Clock& clock, Options options, Metrics& metrics) {
  return std::make_unique<RunningStream>(journal, std::move(followers), clock, options, metrics);
}

}  // namespace cairn::stream
