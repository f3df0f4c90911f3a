// A journal's payloads, sealed for the disk and opened again: docs/formats/entry.md. An entry's head stays in
// the clear, so that a backup, a check and the doctor know its kind and outbox number without a key; its body
// is sealed (crypto/messages.h), bound to the head and to the partition.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "crypto/messages.h"
#include "journal/journal.h"

namespace cairn::journal {

struct SealedEntry {
  // What the key is derived from the master key for.
  static constexpr std::string_view kPurpose = "journal entries";
  // What a payload grows by at most.
  static constexpr std::size_t kOverheadBytesMax = crypto::Messages::kOverheadBytes + 3;
};

// Thread-safe.
class EntrySealer {
 public:
  explicit EntrySealer(crypto::Secret key) : sealer_(std::move(key)) {}

  // Any bytes: what is no entry of format 1 is sealed whole. Into a text whose memory is used again.
  void seal(Partition partition, std::string_view payload, std::string& sealed) const;
  std::string seal(Partition partition, std::string_view payload) const {
    std::string sealed;
    seal(partition, payload, sealed);
    return sealed;
  }

 private:
  const crypto::MessageSealer sealer_;
};

// One thread at a time.
class EntryOpener {
 public:
  explicit EntryOpener(const crypto::Secret& key) : opener_(key) {}

  // The payload as it was given to seal(), in `room`; one that was never sealed, as it is, in its place.
  // Errc::corrupt: it was changed, or belongs to another partition. Errc::denied: sealed under another key.
  // REQUIRES: the room is as long as `payload`, and elsewhere.
  Result<std::string_view> open(Partition partition, std::string_view payload, std::span<char> room);

 private:
  crypto::MessageOpener opener_;
};

}  // namespace cairn::journal
