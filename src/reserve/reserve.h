// Reserve: a file of a fixed size, <data>/reserve, whose room callers cannot use, so that a full disk can
// always be emptied.
//
//   free room           state      who is admitted (room = free + what the file holds; R = the reserve)
//   at least R/2        whole      everybody
//   less than R/2       low        no growth; the file is still whole
//   less than R/8       spending   the file gives R/4 away, once a second, until so much is free
//                                  reads while room >= R/2, own calls and removals while room >= R/4,
//                                  administrators' removals and Cairn's commits to the end
//   R/2 + R/8 and what was given away      the file is made whole again; everybody is admitted again
//
// So what callers can use up is what is free beyond R/2, whatever they do between two looks at the disk: the
// file holds its room until they are refused. Pieces and the pause are for a stranger who is filling the disk
// at that moment: he gets a part of it, not all.
//
// A thread of its own looks at the disk ten times a second. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "reserve/room.h"

namespace cairn::reserve {

struct Options {
  std::filesystem::path file;
  std::uint64_t bytes = 64ULL << 20;
  Millis look_every{100};
  Millis spend_every{1'000};
};

// The file and the file system it is on; a test has its own.
class Ballast {
 public:
  virtual ~Ballast() = default;
  virtual Result<std::uint64_t> free_bytes() = 0;
  virtual Result<std::uint64_t> held_bytes() = 0;
  // Afterwards the file holds so many bytes, allocated; after an error as many as before.
  virtual Result<void> hold(std::uint64_t bytes) = 0;
};

class Reserve final : public Room {
 public:
  // The file is made, or taken as it is found: after a stop on a full disk it may be short, and is made whole
  // as soon as there is room. Errc::limit: it was never there, and there is no room for it: the text says
  // what to do. Looking begins.
  static Result<std::unique_ptr<Reserve>> open(const Options& options, Metrics& metrics);
  ~Reserve() override;

  bool admits(Claim claim, std::uint64_t bytes = 0) const override;
  // Should what is only kept for convenience go? (From the moment growth is refused.)
  bool low() const { return !growing_.load(std::memory_order_relaxed); }
  // For people: why callers' writes are refused; empty while they are not.
  std::string complaint() const;

  // For tests: a reserve that looks only when it is told to. REQUIRES: `now` never steps back.
  Reserve(const Options& options, std::unique_ptr<Ballast> ballast, Metrics& metrics);
  Result<void> begin(bool is_new);
  void look(std::chrono::steady_clock::time_point now);

 private:
  void run();
  void spend(std::chrono::steady_clock::time_point now);
  void refill();
  void publish();

  const Options options_;
  const std::unique_ptr<Ballast> ballast_;
  Gauge free_gauge_;
  Gauge held_gauge_;
  Gauge full_gauge_;

  std::atomic<std::uint64_t> free_{0};
  std::atomic<std::uint64_t> held_{0};
  std::atomic<bool> growing_{true};

  // The looking thread's.
  std::optional<std::chrono::steady_clock::time_point> spent_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace cairn::reserve
