// A checkpoint: each chain's last digest when all was well, kept by whoever verifies, where nobody who can
// change the bucket can change it. It shows a chain that was cut off at its end, which nothing in the bucket
// shows: also that of a chain from before the trail was stopped and started. docs/formats/checkpoint.md.
// Values and pure functions.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "integrity/chain.h"

namespace cairn::integrity {

struct Kept {
  std::string bucket;
  std::string key;
  std::string hash;
  std::string signature;

  bool operator==(const Kept&) const = default;
};

struct Checkpoint {
  std::vector<Kept> chains;  // of a trail's for one account and Region as many as it began

  bool operator==(const Checkpoint&) const = default;
};

inline constexpr std::size_t kCheckpointBytesMax = 64U << 20;

std::string to_json(const Checkpoint& checkpoint);
// Errc::invalid: not a checkpoint, or one of a later Cairn.
Result<Checkpoint> checkpoint_from(std::string_view text);

// What linked chains show to a checkpoint: the digests that none continues from, which are the newest and
// those before one that begins anew; and which of those that were kept are continued from by now.
class Ends {
 public:
  explicit Ends(const Checkpoint& checkpoint);
  // Nothing, if not all of it is valid.
  void add(const Chain& chain);

 private:
  friend void advance(Checkpoint& checkpoint, const Ends& seen);

  std::set<Place> kept_;
  std::set<Place> continued_;
  std::vector<Kept> last_;
};

// Puts in what is last, and takes out what is continued from; the rest stays.
void advance(Checkpoint& checkpoint, const Ends& seen);

// Those that end at `from` or later, and the newest of each trail, account and Region in any case: older ones
// may be gone with the time that is not asked for.
std::vector<Kept> kept_since(const Checkpoint& checkpoint, const std::optional<Time>& from);

// Holds what was kept against the digest that is there now.
std::optional<Finding> compare(const Kept& kept, const JudgedDigest& now);

}  // namespace cairn::integrity
