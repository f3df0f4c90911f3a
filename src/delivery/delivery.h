// Delivery: the follower that turns the stream into log files in S3. docs/formats/delivery.md.
//
// For each logging trail, account and region a buffer collects records. At each interval's end (or when
// memory for buffers is full, or one is as large as a file may be) every buffer becomes a file: gzip'd,
// spooled as a blob, and then one catalog commit holds all plans {trail, bucket, key, spool, count} together
// with the cursor. From there on the bytes and names are fixed: a retry or a restart puts the same file under
// the same key. Each put is followed by a commit that removes the plan and writes the trail's status; the
// spool blob goes after that.
//
// What a trail is (its bucket, its prefix, its selectors, whether it is logging) holds from the position of
// the control entry that says so, in a replay too.
//
// A spooled file that is gone or damaged is set aside: it is said loudly (error, status, metric), the files
// after it go on, and it is tried again now and then, for its bytes may come back (a backup, a folder that
// was not mounted). After give_up_after it is a gap. It is not made again from the journal, which by then
// most often has let go of its entries; the event history has them.
//
// A bucket that is gone or refuses: its plans wait, are retried with back-off, and the status says so. After
// give_up_after, counted from the first refusal, such a plan is dropped; beyond spool_bytes_max of one trail
// and bucket the newest files are. Both are a gap: counted in the status and the metrics, logged as an error.
// Other trails and buckets go on, and the journal is never pinned.
//
// A record of a call that delivering makes itself opens no file (echoes.h): it goes with the next other one.
//
// Of a trail with validation digest files are made, too (digests.h): planned and put like log files.
//
// Delivered at least once to S3, exactly once in content: a record that was taken is in one file of its
// trail.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/loops.h"
#include "aws/client.h"
#include "base/metrics.h"
#include "blob/blob.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "stream/stream.h"
#include "trail/trail.h"

namespace cairn::delivery {

struct Options {
  Millis interval{300'000};
  std::uint64_t file_bytes_max = 50ULL << 20;     // of JSON before compression
  std::uint64_t buffer_bytes_max = 64ULL << 20;   // all buffers together, as they lie in memory
  std::size_t files_max = 10'000;                 // made in one commit
  std::uint64_t changes_bytes_max = 16ULL << 20;  // of trails, in one commit
  std::uint64_t spool_bytes_max = 4ULL << 30;     // per trail and bucket
  std::size_t spool_files_max = 100'000;          // likewise
  Millis retry_least{1'000};
  Millis retry_most{60'000};
  Millis idle{25};                              // how soon new work is seen
  Millis give_up_after{std::chrono::days{30}};  // of a bucket that refuses, as CloudTrail does
  std::size_t uploads_max = 4;                  // at once
  const Clock* ages = nullptr;  // what give_up_after is counted by, if not delivery's clock; outlives it
  int reads_max = 10;           // tries to read a spooled file before those after it go on
  Millis digest_interval{3'600'000};      // whole seconds
  // Records of delivering's own calls that wait for company (echoes.h); what is beyond is a file without it.
  Millis echoes_wait_max{3'600'000};
  std::size_t echoes_max = 100;                 // in one file
  std::uint64_t echoes_bytes_max = 2ULL << 20;  // all together
  std::size_t digests_max = 64;           // made at a tick
  std::size_t digest_files_max = 10'000;  // listed in one; the rest is in the next one, which follows at once
};

// What GetTrailStatus says of a trail in one region. Written by delivery alone, with each delivery and each
// failure.
struct Status {
  std::optional<Time> delivered;  // LatestDeliveryTime
  std::optional<Time> attempted;  // LatestDeliveryAttemptTime
  std::string error;  // LatestDeliveryError: S3's code of the last failed put to the trail's bucket; empty
                      // after a success
  std::uint64_t files = 0;  // delivered since the trail was made
  std::uint64_t events = 0;
  // Dropped: the spool was full, the bucket refused for too long, or the file could not be read for so long.
  std::uint64_t gap_files = 0;
  std::uint64_t gap_events = 0;
  std::uint64_t unreadable_files = 0;  // wait, but their bytes in the spool are gone or damaged
  // Of digest files, which count in nothing above.
  std::optional<Time> digest_delivered;  // LatestDigestDeliveryTime
  std::string digest_error;              // LatestDigestDeliveryError
};
// Reads the status documents; an empty Status when there is none. A trail that was deleted and made again
// starts anew.
Task<Result<Status>> status(catalog::Catalog& catalog, trail::Trail trail, std::string region);

class Delivery : public stream::Follower {
 public:
  static Task<Result<std::unique_ptr<Delivery>>> open(Options options, catalog::Catalog& catalog,
                                                      blob::Blob& blob, aws::Client& s3,
                                                      const crypto::Sealer& sealer, async::Executor executor,
                                                      const Clock& clock, Metrics& metrics);
  // Begins to upload what waits in the spool. Then the stream may call take() and tick().
  virtual void start() = 0;
  // Called on the stream's thread when patterns() have changed (Stream::patterns_changed). Set before the
  // stream starts.
  virtual void on_patterns_changed(std::function<Result<void>()> changed) = 0;
  // No new uploads; running ones end. Blocks.
  virtual void stop() = 0;
};

}  // namespace cairn::delivery
