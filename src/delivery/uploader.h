// The uploader: puts planned files, of logs and of digests, into their buckets, those of one trail and bucket
// in order, several trails at once, and retries with back-off. Each success is one catalog commit {plan gone,
// status, and what a digest is to list}; a crash before it puts the same bytes under the same key again.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/gate.h"
#include "delivery/delivery.h"
#include "delivery/notices.h"
#include "delivery/plan.h"

namespace cairn::delivery {

// A trail's files for one bucket. By bucket, so that after a trail was given another one, files for the
// former, which may be gone, do not stand in the way.
struct QueueName {
  std::string trail_arn;
  std::string bucket;
  bool unreadable = false;  // those whose bytes cannot be read are in a queue of their own
  auto operator<=>(const QueueName&) const = default;
};

// What waits for a trail's bucket.
struct Spooled {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
};

// Thread-safe.
class Uploader {
 public:
  Uploader(const Options& options, catalog::Catalog& catalog, blob::Blob& blob, aws::Client& s3,
           const Clock& clock, Metrics& metrics);

  void start(async::Executor executor);
  void stop();

  // Plans that are committed, by rising numbers.
  void add(std::vector<Plan> plans);
  Spooled spooled(const std::string& trail_arn, const std::string& bucket) const;
  // Do log files of the lane wait that can be read and that a digest is to list, of this life of the trail?
  bool waits(const Lane& lane, Time trail_created) const;
  // Called, on any thread, when a log file that a digest is to list is in its bucket. Set before start().
  void on_listed(std::function<void(const Lane&)> listed) { listed_ = std::move(listed); }

 private:
  struct Queue {
    std::deque<Plan> plans;
    std::uint64_t bytes = 0;
    std::chrono::steady_clock::time_point due{};
    Millis backoff{0};
    bool busy = false;
    int reads = 0;                // of the first one, that failed
    std::optional<Time> refused;  // since when the bucket refuses all that is put there
  };
  // How an attempt ended.
  enum class End { delivered, refused, unreachable, unreadable, given_up, lost };
  static bool is_end(End end) { return end == End::delivered || end == End::given_up || end == End::lost; }
  struct Attempt {
    End end = End::delivered;
    std::string code;                  // S3's, of a refusal
    std::optional<Listing> listing{};  // of a log file that is delivered, and that a digest is to list
    bool unlisted = false;             // it is delivered, and no digest can list it
  };
  // What waits, or went well, in a Region.
  struct Kinds {
    bool log_files = false;
    bool digests = false;
  };
  struct KeptTrail {
    trail::Trail trail;
    catalog::Version version = 0;
  };

  Task<void> work();
  std::optional<Plan> take_due();
  Time now() const;
  static QueueName queue_of(const Plan& plan);
  void judge(Plan& plan, const QueueName& name, Attempt& attempt);
  Time refused_since(const QueueName& name);
  Task<Result<std::string>> read(const Plan& plan);
  End unread(const Plan& plan, const Error& error);
  Task<void> upload(Plan plan);
  Task<Attempt> put(const Plan& plan);
  Task<Result<std::string>> key_of(const Plan& plan);
  Task<Result<void>> note(const Plan& plan, Attempt& attempt);
  Task<Result<catalog::Transaction>> transaction_of(const Plan& plan, Attempt& attempt);
  Task<Result<std::optional<KeptTrail>>> trail_of(const Plan& plan);
  Task<Result<std::optional<Listing>>> listed_late(const Plan& plan);
  Undigested undigested(const Plan& plan, const Listing& listing) const;
  Status after(Status status, const Plan& plan, const Attempt& attempt, bool to_its_bucket,
               const Kinds& kinds) const;
  Status after_log_file(Status status, const Plan& plan, const Attempt& attempt) const;
  std::map<std::string, Kinds> concerned(const Plan& plan, const Attempt& attempt) const;
  void report(const Plan& plan, const Attempt& attempt);
  void done(const Plan& plan, const QueueName& name, End end);
  void count_to_list(const Plan& plan, int more);
  Plan take_first(const QueueName& name);
  void measure();
  void postpone(const QueueName& name);
  void set_aside(Plan plan, const QueueName& name);

  const Options options_;
  catalog::Catalog& catalog_;
  blob::Blob& blob_;
  aws::Client& s3_;
  const Clock& clock_;
  Notices notices_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<QueueName, Queue> queues_;  // guarded by mutex_
  // Log files in queues_ that can be read and that a digest is to list, by lane and the trail's life.
  std::map<std::pair<Lane, Time>, int> to_list_;  // guarded by mutex_
  std::function<void(const Lane&)> listed_ = [](const Lane&) {};
  Counter files_;
  Counter digests_;
  Counter events_;
  Counter failures_;
  Counter gap_files_;
  Counter gap_events_;
  Counter gap_digests_;
  Counter unlisted_;
  Gauge spool_bytes_;
  Gauge spool_fullest_;
  Gauge unreadable_;
};

// Both the follower and the uploader count here.
Counter gap_files(Metrics& metrics);
Counter gap_events(Metrics& metrics);

}  // namespace cairn::delivery
