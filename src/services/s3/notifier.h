// The notifier: sends what buckets have to tell (notices.h) to queues and topics, those of each in their
// order, and removes what was taken. A crash between the two sends it again: at least once. Who does not take
// it is tried again later, and later still; the others do not wait for him.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "async/gate.h"
#include "aws/client.h"
#include "base/metrics.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "services/s3/notices.h"

namespace cairn::services::s3 {

class Notifier {
 public:
  static constexpr Millis kEvery{100};
  static constexpr Millis kFirstPause{1'000};
  static constexpr Millis kPauseMax{60'000};
  static constexpr std::chrono::hours kKept{96};       // what could not be sent for so long is dropped
  static constexpr std::size_t lanes_at_once_max = 8;  // that send

  // All outlive it.
  struct Dependencies {
    catalog::Catalog& catalog;
    aws::Client& client;
    const Clock& clock;  // of followers
    Metrics& metrics;
  };
  explicit Notifier(Dependencies on);

  // For the service. Lives as long as the notifier.
  WaitingNotices& waiting() { return waiting_; }

  void start(async::Executor executor);
  void stop();  // blocks

  // All that can be sent now, once. How many were taken. For tests: not beside start().
  Task<Result<std::size_t>> send();
  // Counts what earlier runs left.
  Task<Result<void>> load();

 private:
  struct Pause {
    Time until{};
    Millis length{};
  };
  Task<void> run();
  Task<void> begin_sending();
  Task<void> send_and_leave(std::string lane);
  // The next whom something can be sent to behind `after`, marked as busy; none: no more.
  Task<Result<std::optional<std::string>>> next_lane(std::string after);
  bool take(const std::string& lane);
  void leave(const std::string& lane);
  Task<Result<std::size_t>> send_to(std::string lane);
  Task<std::size_t> send_page(std::string lane, std::vector<catalog::Document> page);
  Task<bool> send_one(std::string lane, Notice notice);
  Task<Result<void>> remove(std::vector<catalog::Document> page);
  Task<Result<void>> drop_old(std::string lane);
  void pause(const std::string& lane);
  bool is_full();
  Task<void> forget_uncommitted();
  void forget(const std::string& lane);

  const Dependencies on_;
  WaitingNotices waiting_;
  Counter sent_;
  Counter failures_;
  async::Executor executor_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::string last_begun_;               // by begin_sending()
  std::map<std::string, Pause> pauses_;  // by lane; guarded by mutex_
  std::set<std::string> busy_;           // guarded by mutex_
};

}  // namespace cairn::services::s3
