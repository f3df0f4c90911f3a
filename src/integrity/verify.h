// Verifies all that lies in a place: every trail's chain of digests for every account and Region, the log
// files that they list, and those that none lists. docs/operate/verify.md.
//
// Beyond `aws cloudtrail validate-logs`: a digest's hash and signature as the next one has them, how many are
// missing in a row, log files that no digest lists, and what a checkpoint knows of a chain's end.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "async/loops.h"
#include "base/result.h"
#include "integrity/checkpoint.h"
#include "integrity/objects.h"
#include "integrity/public_key.h"
#include "integrity/report.h"

namespace cairn::integrity {

// What is looked at; empty: everything.
struct Question {
  std::optional<Time> from;   // digests that end at this time or later
  std::optional<Time> until;  // … and at most an hour after this one, as validate-logs takes it
  std::string account;        // of the events
  std::string region;         // of the events
  std::string trail;
  std::string trail_account;
  std::string trail_region;  // its home
  // How long after a log file was put a digest may have ended that does not list it.
  Millis settle{300'000};
  bool unlisted_is_invalid = true;  // false: a note
  std::size_t at_once = 32;         // objects that are read
};

// How far it is, for those who wait. Written by the verification, read by any thread.
struct Progress {
  std::atomic<std::size_t> done = 0;
  std::atomic<std::size_t> known = 0;  // objects to be read, as far as is known
};

// The public keys of these Regions whose validity meets the time. Asked for the time of the listing's
// digests, and once more for all time if one names a key that is not among them.
using FindKeys = std::function<Result<PublicKeys>(const std::set<std::string>& regions, Interval time)>;

inline constexpr std::size_t kKeysMax = 20'000'000;  // of objects that are looked at, some 200 bytes each

// An error: it could not be looked at at all. Also moves the checkpoint on, if there is one and all is well.
// Blocks. REQUIRES: not on a loop's thread.
Result<Report> verify(Objects& objects, const FindKeys& find_keys, const Question& question,
                      Checkpoint* checkpoint, async::Loops& loops, Progress& progress);

}  // namespace cairn::integrity
