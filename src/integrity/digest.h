// A digest file: which log files were delivered to a bucket in an hour, with their hashes, and which digest
// came before. What CloudTrail writes and `aws cloudtrail validate-logs` reads; docs/formats/digest.md.
// Values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace cairn::integrity {

// One that is listed.
struct LogFile {
  std::string bucket;
  std::string key;
  std::string hash;  // sha256_hex() of the JSON before compression
  std::optional<Time> newest_event;
  std::optional<Time> oldest_event;

  bool operator==(const LogFile&) const = default;
};

struct PreviousDigest {
  std::string bucket;
  std::string key;
  std::string hash;       // sha256_hex() of its JSON before compression
  std::string signature;  // as in its metadata

  bool operator==(const PreviousDigest&) const = default;
};

// Times are whole seconds.
struct Digest {
  std::string account;
  Time start;  // files delivered in [start, end]
  Time end;
  std::string bucket;  // where it lies itself
  std::string key;
  std::string fingerprint;           // of the public key that verifies it
  std::optional<Time> newest_event;  // of all files that are listed; none where none is
  std::optional<Time> oldest_event;
  std::optional<PreviousDigest> previous;  // none: a chain begins here
  std::vector<LogFile> log_files;

  bool operator==(const Digest&) const = default;
};

inline constexpr std::size_t kDigestBytesMax = 32U << 20;  // of JSON that is read: some 80,000 log files

// Byte for byte the same for the same digest: CloudTrail's order of members, no space.
std::string to_json(const Digest& digest);
// Members in any order, with any space; unknown ones are passed over. Errc::invalid: a member is missing or
// of another type, an algorithm is not CloudTrail's, a time not of the form 2026-03-02T10:30:00Z, or some of
// the members of the previous digest are null and others not. Errc::limit.
Result<Digest> digest_from(std::string_view text);

// Lower case, of bytes before compression.
std::string sha256_hex(ByteView bytes);

}  // namespace cairn::integrity
