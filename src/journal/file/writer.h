// Writer: the thread that makes entries durable. All who wait share one write and one sync; then it wakes
// them.
//
// Thread-safe but for its construction and destruction. Serialised entries come in, so that the thread has
// only to write.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "async/promise.h"
#include "journal/file/active_file.h"
#include "journal/file/files.h"
#include "journal/file/measures.h"
#include "journal/file/retirement.h"

namespace cairn::journal {

class Writer {
 public:
  struct Options {
    std::filesystem::path folder;
    std::uint64_t file_bytes;
    std::uint64_t pending_bytes_max;
  };
  struct Parts {
    Disk& disk;
    const Clock& clock;
    Files& files;
    Retirement& retirement;
    Measures& measures;
  };
  using Room = std::shared_ptr<async::Promise<Result<void>>>;
  using Answer = std::shared_ptr<async::Promise<Result<Position>>>;

  Writer(Options options, Parts parts, ActiveFile active);
  // Writes what was handed in; who still waits for room gets Errc::cancelled.
  ~Writer();

  // Back-pressure: sets `bytes` of the pending bytes aside. Null: done. Otherwise wait for it; first come,
  // first served.
  Room reserve(std::uint64_t bytes);
  // REQUIRES: room for them was set aside, and only for them.
  Answer write(Entries entries);

 private:
  struct Batch {
    Entries entries;
    Answer answer;
  };
  struct Waiter {
    std::uint64_t bytes;
    Room room;
  };
  struct Group {
    std::vector<Batch> batches;
    std::uint64_t bytes = 0;
    std::uint32_t count = 0;
    std::uint32_t sum = 0;
  };

  void run();
  std::optional<Group> take();
  void commit(Group group);
  Written put(Group& group);
  Result<void> make_ready(std::uint64_t bytes);
  Result<void> open_next();
  void count(const Group& group, double seconds);
  void tell(const Result<Position>& result);
  void release(std::uint64_t bytes);
  static void answer(Group& group, const Result<Position>& first);

  const Options options_;
  Parts parts_;

  // The thread's own.
  std::optional<ActiveFile> active_;  // none after a failure: the next group begins a new file
  FileCursor::Place last_;            // after the last durable entry
  std::vector<iovec> iovecs_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Batch> queue_;  // guarded by mutex_, as all below
  std::deque<Waiter> waiters_;
  std::uint64_t pending_bytes_ = 0;  // queue_ and the group being written
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace cairn::journal
