// For tests of the stream: a follower that remembers what it took and can be told to fail, throw or wait; a
// journal whose readers can fail.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "async/loops.h"
#include "journal/memory/memory_journal.h"
#include "match/eventbridge.h"
#include "stream/stream.h"

namespace cairn::stream::testing {

inline constexpr Millis kSoon{5000};  // far more than it takes, for busy machines

inline bool eventually(const std::function<bool()>& holds, Millis patience = kSoon) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(Millis{1});
  }
  return true;
}

inline std::string record(std::string_view id, std::size_t padding = 0) {
  return R"({"eventID":")" + std::string(id) +
         R"(","eventTime":"2026-03-02T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","x":")" +
         std::string(padding, 'x') + "\"}";
}

struct Taken {
  journal::Partition partition;
  journal::Position position;
  std::string id;  // of the record's event
  std::string body;
  event::Kind kind;
  std::uint64_t patterns_version = 0;
  std::vector<std::uint64_t> matched{};  // ids of the follower's patterns
};

struct Call {
  journal::Position first;
  journal::Position end;
};

class TestFollower final : public Follower {
 public:
  explicit TestFollower(std::string name) : name_(std::move(name)) {}

  // ---- the test's side; any thread ----
  void start_at(journal::Partition partition, journal::Position position) { cursors_[partition] = position; }
  // The next `count` calls of take() fail so.
  void fail(int count, bool by_exception = false) {
    const std::lock_guard lock(mutex_);
    failures_ = count;
    throws_ = by_exception;
  }
  void fail_ticks(bool fail) { ticks_fail_ = fail; }
  // take() waits from now on.
  void hold() { set_held(true); }
  void release() { set_held(false); }
  // take() takes that long.
  void slow_down(Millis time) { slow_ = time; }

  // What patterns() says from now on. `texts` have their indexes as ids.
  void ask_for(std::uint64_t version, const std::vector<std::string>& texts) {
    Patterns patterns{.version = version};
    for (const auto& text : texts) {
      patterns.all.push_back(
          {.id = patterns.all.size(),
           .pattern = std::make_shared<const match::Pattern>(match::parse_event_pattern(text).value())});
    }
    ask_for(std::move(patterns));
  }
  void ask_for(Patterns patterns) {
    const std::lock_guard lock(patterns_mutex_);
    patterns_ = std::move(patterns);
  }
  // Called within take(), after what the batch holds has been noted.
  void on_take(std::function<void(const Batch&)> call) { on_take_ = std::move(call); }

  std::vector<Taken> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return taken_.size();
  }
  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  int ticks() const { return ticks_; }
  std::chrono::steady_clock::time_point last_taken() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  // ---- the stream's side ----
  std::string_view name() const override { return name_; }
  journal::Position cursor(journal::Partition partition) const override {
    const std::lock_guard lock(mutex_);
    const auto found = cursors_.find(partition);
    return found == cursors_.end() ? journal::Position{} : found->second;
  }
  Result<void> take(const Batch& batch) override {
    std::unique_lock lock(mutex_);
    calls_.push_back({batch.first, batch.end});
    held_changed_.wait(lock, [this] { return !held_; });
    if (failures_ > 0) {
      --failures_;
      if (throws_) {
        throw std::runtime_error("thrown by the test");
      }
      return Error{Errc::unavailable, "the test's far end is down"};
    }
    for (const auto& item : batch.items) {
      taken_.push_back({batch.partition, item.position, std::string(item.view.event_id), std::string(item.body), item.kind,
                        batch.patterns_version(*this)});
      for (const auto& hit : batch.matched(item, *this)) {
        taken_.back().matched.push_back(hit.id);
      }
    }
    cursors_[batch.partition] = batch.end;
    last_ = std::chrono::steady_clock::now();
    lock.unlock();
    if (on_take_) {
      on_take_(batch);
    }
    std::this_thread::sleep_for(slow_.load());
    return {};
  }
  Result<void> tick(Time) override {
    ++ticks_;
    return ticks_fail_ ? Result<void>(Error{Errc::unavailable, "no tick"}) : Result<void>();
  }
  Patterns patterns() const override {
    const std::lock_guard lock(patterns_mutex_);
    return patterns_;
  }

 private:
  void set_held(bool held) {
    {
      const std::lock_guard lock(mutex_);
      held_ = held;
    }
    held_changed_.notify_all();
  }

  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable held_changed_;
  std::map<journal::Partition, journal::Position> cursors_;
  std::vector<Taken> taken_;
  std::vector<Call> calls_;
  std::chrono::steady_clock::time_point last_;
  mutable std::mutex patterns_mutex_;
  Patterns patterns_;
  std::function<void(const Batch&)> on_take_;
  int failures_ = 0;
  bool throws_ = false;
  bool held_ = false;
  std::atomic<int> ticks_{0};
  std::atomic<bool> ticks_fail_{false};
  std::atomic<Millis> slow_{Millis{0}};
};

// Passes on to a memory journal; read() of its readers fails while `broken` is set.
class BreakableJournal final : public journal::Journal {
 public:
  explicit BreakableJournal(journal::MemoryJournal& inner) : inner_(inner) {}

  std::atomic<bool> broken{false};
  std::atomic<int> failed_reads{0};

  std::uint32_t partitions() const override { return inner_.partitions(); }
  journal::Partition partition_of(std::string_view account) const override {
    return inner_.partition_of(account);
  }
  Task<Result<journal::Position>> append(journal::Partition partition,
                                         std::span<const std::string> payloads) override {
    return inner_.append(partition, payloads);
  }
  journal::Position end(journal::Partition partition) const override { return inner_.end(partition); }
  journal::Position begin(journal::Partition partition) const override { return inner_.begin(partition); }
  Result<std::unique_ptr<journal::Reader>> reader(journal::Partition partition,
                                                  journal::Position from) override {
    CAIRN_TRY(auto inner, inner_.reader(partition, from));
    return std::unique_ptr<journal::Reader>(std::make_unique<BreakableReader>(*this, std::move(inner)));
  }
  Result<void> retire(journal::Partition partition, journal::Position position) override {
    return inner_.retire(partition, position);
  }

 private:
  class BreakableReader final : public journal::Reader {
   public:
    BreakableReader(BreakableJournal& journal, std::unique_ptr<journal::Reader> inner)
        : journal_(journal), inner_(std::move(inner)) {}
    Result<std::span<const journal::Entry>> read(Millis patience) override {
      if (journal_.broken) {
        ++journal_.failed_reads;
        return Error{Errc::corrupt, "read journal: bad checksum", "file 7 position 42"};
      }
      return inner_->read(patience);
    }
    journal::Position position() const override { return inner_->position(); }
    void interrupt() override { inner_->interrupt(); }

   private:
    BreakableJournal& journal_;
    std::unique_ptr<journal::Reader> inner_;
  };

  journal::MemoryJournal& inner_;
};

}  // namespace cairn::stream::testing
