// Notices: after a log file was delivered, its trail's topic is told its bucket and key.
//
//   delivery/notice/<trail ARN>/<created, ms>/<plan's number, 20 digits>   a notice that is still to be sent
//   delivery/notified/<trail ARN>/<created, ms>/<region>                   how the last one went
//
// A notice is written in the commit that says that its file is delivered, and removed in the commit after it
// was sent: a crash repeats one, and loses none. Those of a trail go out in their order, to the topic that
// the trail has by then; the files go on whatever becomes of them. A topic that is gone, refuses or is out of
// reach is tried again with back-off, for patience and up to waiting_max notices of the trail; beyond these
// the oldest are dropped, counted and logged. Of a trail without a topic, and of one that is gone, they are
// dropped silently.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "async/gate.h"
#include "aws/client.h"
#include "base/metrics.h"
#include "delivery/plan.h"
#include "delivery/status.h"

namespace cairn::delivery {

struct Notice {
  std::uint64_t number = 0;  // of the plan
  std::string trail_arn{};
  Time trail_created{};
  std::string region{};  // of the records
  std::string bucket{};
  std::string key{};  // of the log file
  Time made{};

  std::string catalog_key() const;
  // What the topic is told.
  std::string message() const;
};
inline constexpr std::string_view kNoticePrefix = "delivery/notice/";
std::string to_document(const Notice& notice);
Result<Notice> notice_from(std::string_view document);

// What GetTrailStatus says of a trail's notices in one region.
struct Notified {
  std::optional<Time> sent{};       // LatestNotificationTime
  std::optional<Time> attempted{};  // LatestNotificationAttemptTime
  std::string error{};              // LatestNotificationError: SNS's code; empty after a success
  std::string topic{};              // that this is about
};
std::string to_document(const Notified& notified);
Result<Notified> notified_from(std::string_view document);
// Empty when none was sent yet. What was said of another topic than the trail has now is no error any more.
Task<Result<Notified>> notified(catalog::Catalog& catalog, trail::Trail trail, std::string region);

struct NoticeOptions {
  Millis retry_least{1'000};
  Millis retry_most{60'000};
  Millis idle{25};
  Millis patience{std::chrono::days{1}};
  std::size_t waiting_max = 10'000;  // notices of one trail
  const Clock* ages = nullptr;       // what patience is counted by, if not delivery's clock; outlives it
};

// Thread-safe, but for work_off().
class Notices {
 public:
  // All outlive it.
  Notices(NoticeOptions options, catalog::Catalog& catalog, aws::Client& sns, const Clock& clock,
          Metrics& metrics);

  // Finds what earlier runs left, and begins.
  void start(async::Executor executor);
  void stop();  // blocks

  // Of a delivered file: into the commit that says so. Nothing where the trail has no topic.
  void add(const Plan& plan, const trail::Trail& trail, catalog::Transaction& change) const;
  // That commit was made.
  void wake(const std::string& trail_arn);

  // What is due, once. For tests: not beside start().
  Task<Result<void>> load();
  Task<void> work_off();

 private:
  struct Queue {
    std::chrono::steady_clock::time_point due{};
    Millis backoff{0};
    std::size_t waiting = 0;  // notices, about: those that were announced or found
  };
  // How an attempt ended; the code of a refusal.
  struct Attempt {
    bool sent = false;
    std::string code{};
  };

  Task<void> run();
  std::optional<std::string> take_due();
  Task<void> send_next(std::string trail_arn);
  // A trail's first notice that can be read. What cannot stays where it is, and is counted once.
  struct Found {
    catalog::Document document{};
    Notice notice{};
  };
  Task<Result<std::optional<Found>>> first_of(std::string trail_arn);
  void count_unreadable(const std::string& key, const Error& error);
  Task<Result<std::optional<trail::Trail>>> trail_of(std::string arn);
  bool is_too_old(const Notice& notice);
  Task<Attempt> publish(const Notice& notice, const trail::Trail& trail);
  Task<Result<void>> finish(catalog::Document document, Notice notice, std::string topic,
                            std::optional<Attempt> attempt);
  void ended(const std::string& trail_arn);  // one less
  void postpone(const std::string& trail_arn);
  std::size_t waiting(const std::string& trail_arn);
  void over(const std::string& trail_arn, std::size_t announced);
  Time now() const;

  const NoticeOptions options_;
  catalog::Catalog& catalog_;
  aws::Client& sns_;
  const Clock& clock_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<std::string, Queue> queues_;  // by the trail's ARN; guarded by mutex_
  Counter sent_;
  Counter failures_;
  Counter dropped_;
  Counter unreadable_;
  std::set<std::string> unreadable_keys_;  // guarded by mutex_
};

}  // namespace cairn::delivery
