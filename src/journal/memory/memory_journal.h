// A journal in memory, for tests: the strictest one. It fails, holds back and forgets on request, answers on
// a later turn of the caller's loop, and drops what an Entry's payload points to at the reader's next read.
//
//   MemoryJournal journal({.partitions = 2});
//   journal.fail(1, Errc::limit);                       // the append after the next one
//   journal.fail(0, Errc::unknown, Applied::yes);       // the next one: says unknown, and is there
//   journal.hold(); …append…; journal.crash();          // what was not durable is gone; who waited hears
//   Errc::cancelled
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "async/promise.h"
#include "journal/journal.h"

namespace cairn::journal {

class MemoryJournal final : public Journal {
 public:
  struct Options {
    std::uint32_t partitions = 1;
    Limits limits{};
    const Clock* clock = nullptr;  // the system's when null
  };
  enum class Applied { no, yes };

  MemoryJournal() : MemoryJournal(Options{}) {}
  explicit MemoryJournal(Options options);
  ~MemoryJournal() override;  // REQUIRES: no reader is left

  // The nth append from now (0: the next one) ends so.
  void fail(std::uint64_t nth, Errc code, Applied applied = Applied::no);
  // From now on what is appended does not become durable: its callers wait. release() makes all of it
  // durable, in order.
  void hold();
  void release();
  // Forgets what is not durable, and wakes every reader that waits. Durable entries stay, and the journal
  // goes on.
  void crash();
  // Appends that are held.
  std::size_t held() const;

  std::uint32_t partitions() const override { return static_cast<std::uint32_t>(options_.partitions); }
  Partition partition_of(std::string_view account) const override;
  Task<Result<Position>> append(Partition partition, std::span<const std::string> payloads) override;
  Position end(Partition partition) const override;
  Position begin(Partition partition) const override;
  Result<std::unique_ptr<Reader>> reader(Partition partition, Position from) override;
  Result<void> retire(Partition partition, Position position) override;

 private:
  class MemoryReader;
  struct Kept {
    Time time;
    std::string payload;
  };
  struct Log {
    Position begin{};
    std::deque<Kept> entries;
    Time last{};

    Position end() const { return begin + entries.size(); }
  };
  struct Failure {
    Errc code;
    Applied applied;
  };
  using Answer = std::shared_ptr<async::Promise<Result<Position>>>;
  struct Held {
    Partition partition;
    std::vector<std::string> payloads;
    std::uint64_t bytes;
    Answer answer;
  };
  using Room = std::shared_ptr<async::Promise<Result<void>>>;
  struct Waiter {
    std::uint64_t bytes;
    Room room;
  };

  Result<void> check(Partition partition) const;
  Result<std::uint64_t> check(Partition partition, std::span<const std::string> payloads) const;
  Room reserve(std::uint64_t bytes);
  void submit(Held held);
  Position apply(const Held& held);  // under the lock, as the next two
  Result<Position> apply_or_fail(const Held& held);
  std::vector<Room> give_back(std::uint64_t bytes);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::vector<Log> logs_;                      // guarded by mutex_, as all below
  std::map<std::uint64_t, Failure> failures_;  // by number of the append
  std::uint64_t appends_ = 0;
  bool holding_ = false;
  std::deque<Held> held_;
  std::deque<Waiter> waiters_;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t crashes_ = 0;
  std::size_t readers_ = 0;
};

}  // namespace cairn::journal
