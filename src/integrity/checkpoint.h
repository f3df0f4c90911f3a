// A checkpoint: each chain's newest digest when all was well, kept by whoever verifies, where nobody who can
// change the bucket can change it. It shows a chain that was cut off at its end, which nothing in the bucket
// shows. docs/formats/checkpoint.md. Values and pure functions.
#pragma once

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
  std::vector<Kept> chains;  // one of each chain

  bool operator==(const Checkpoint&) const = default;
};

inline constexpr std::size_t kCheckpointBytesMax = 64U << 20;

std::string to_json(const Checkpoint& checkpoint);
// Errc::invalid: not a checkpoint, or one of a later Cairn.
Result<Checkpoint> checkpoint_from(std::string_view text);

// Of the newest digest of a chain in which all is valid. Nothing: it has none.
std::optional<Kept> newest_of(const Chain& chain);
// Puts in what was seen, where it is newer; other chains stay.
void advance(Checkpoint& checkpoint, const Kept& seen);

// Holds what was kept against the digest that is there now.
std::optional<Finding> compare(const Kept& kept, const JudgedDigest& now);

}  // namespace cairn::integrity
