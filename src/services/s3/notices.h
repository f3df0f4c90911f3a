// What a bucket's notification configuration wants told: a document for each event, in the commit of the very
// change that it tells of, so that neither is there without the other. The notifier (notifier.h) sends them,
// at least once.
//
//   s3/notice/<ARN of the queue or topic>/<bucket>/<sequencer>   what it is sent
//
// What one bucket tells one target is a lane: its events go in their order, and hold up no other bucket's,
// whose the target may be as well.
//
// Why not a follower of the journal: it would have to look up what a bucket wanted at the time, and a record
// does not have all that an event has. Inside services/s3 only. Tested by notices_test.cc.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "services/s3/draft.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

inline constexpr std::string_view kNoticePrefix = "s3/notice/";

// By whom, as events say it.
struct Actor {
  std::string principal{};
  std::string source_address{};
  std::string request_id{};
  std::string host_id{};
};
Actor actor_of(const Call& call);

struct Happening {
  std::string event{};    // "ObjectCreated:Put"
  Object object{};        // its key; size and ETag where it is still there
  std::string version{};  // as answers name it; empty: the bucket has no versions
  Time time{};
  Actor actor{};
};

// What CompleteMultipartUpload and the others are to events. REQUIRES: the call creates an object.
std::string created_event(const Call& call);

// Whoever is to be told of it is, with the draft. Nothing where more wait for him than may.
Task<Result<void, aws::Fault>> tell(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                    Happening happening);

struct Notice {
  std::string bucket{};   // its ARN
  std::string account{};  // the bucket's
  Time made{};
  std::string body{};
};
std::string to_document(const Notice& notice);
Result<Notice> notice_from(std::string_view document);
std::string lane_of(std::string_view target, std::string_view bucket);
std::string_view target_of(std::string_view lane);
std::string notice_key(std::string_view lane, std::string_view sequencer);
std::string lane_in(std::string_view notice_key);

// How many notices wait in which lane: about, since a commit may fail that was counted. And the numbers of
// events. Thread-safe.
class WaitingNotices {
 public:
  static constexpr std::size_t lane_max = 100'000;
  static constexpr std::size_t account_max = 200'000;  // of one account's buckets: others have room still
  static constexpr std::size_t in_all_max = 500'000;

  // All outlive it.
  WaitingNotices(const Clock& clock, Metrics& metrics);

  // One more, of a bucket of that account, by its sequencer, which is greater than all before. None, and
  // counted as dropped: too many wait.
  std::optional<std::string> add(const std::string& lane, const std::string& account);
  void found(const std::string& lane, const std::string& account);
  void gone(const std::string& lane, std::size_t count);
  // None is left.
  void none_of(const std::string& lane);
  std::size_t count_of(const std::string& lane) const;
  std::vector<std::string> lanes() const;  // of which some are counted
  Time now() const { return clock_.now(); }
  void dropped(std::size_t count) { dropped_.add(static_cast<double>(count)); }

 private:
  struct Waiting {
    std::size_t count = 0;
    std::string account{};
  };

  Waiting& lane_of_account(const std::string& lane, const std::string& account);
  void less(Waiting& lane, std::size_t count);
  void measure();  // REQUIRES: the lock is held, as of what is above

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Waiting> lanes_;  // guarded, as what follows
  std::map<std::string, std::size_t> of_account_;
  std::size_t in_all_ = 0;
  std::uint64_t last_ = 0;
  Counter dropped_;
  Gauge gauge_;
};

}  // namespace cairn::services::s3
