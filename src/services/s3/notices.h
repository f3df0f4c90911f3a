// What a bucket's notification configuration wants told: a document for each event, in the commit of the very
// change that it tells of, so that neither is there without the other. The notifier (notifier.h) sends them,
// at least once.
//
//   s3/notice/<ARN of the queue or topic>/<sequencer>   what it is sent, and for which bucket
//
// Why not a follower of the journal: it would have to look up what a bucket wanted at the time, and a record
// does not have all that an event has. Inside services/s3 only. Tested by notices_test.cc.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

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

// What CompleteMultipartUpload and the others are to events. REQUIRES: it creates an object.
std::string created_event(std::string_view operation);

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
std::string notice_key(std::string_view target, std::string_view sequencer);
std::string target_in(std::string_view notice_key);

// How many notices wait for whom: about, since a commit may fail that was counted. And the numbers of events.
// Thread-safe.
class WaitingNotices {
 public:
  static constexpr std::size_t target_max = 100'000;
  static constexpr std::size_t in_all_max = 500'000;

  // All outlive it.
  WaitingNotices(const Clock& clock, Metrics& metrics);

  // One more, by its sequencer, which is greater than all before. None, and counted as dropped: too many
  // wait.
  std::optional<std::string> add(const std::string& target);
  void found(const std::string& target);
  void gone(const std::string& target, std::size_t count);
  // None is left.
  void none_of(const std::string& target);
  std::size_t count_of(const std::string& target) const;
  Time now() const { return clock_.now(); }
  void dropped(std::size_t count) { dropped_.add(static_cast<double>(count)); }

 private:
  void measure();  // REQUIRES: the lock is held

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> counts_;  // guarded, as what follows
  std::size_t in_all_ = 0;
  std::uint64_t last_ = 0;
  Counter dropped_;
  Gauge gauge_;
};

}  // namespace cairn::services::s3
