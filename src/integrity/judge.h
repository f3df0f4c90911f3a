// Judges one digest or one log file by itself: is it there, is it of the form, is it what was signed or
// listed? Messages begin as those of `aws cloudtrail validate-logs` do. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "integrity/digest.h"
#include "integrity/digest_name.h"
#include "integrity/objects.h"
#include "integrity/public_key.h"

namespace cairn::integrity {

enum class State {
  valid,
  invalid,
  unlooked,    // it could not be read; it may be valid
  unattested,  // of a digest: the place keeps no signature for it. The digest after it may have one.
};

struct Verdict {
  State state = State::valid;
  std::string why;  // of what is not valid
};

// A gzip bomb stops here: of one log file's JSON. (CloudTrail ends a file at 50 MB.)
inline constexpr std::size_t kLogTextBytesMax = 256U << 20;

struct JudgedDigest {
  DigestName name;     // whose it is, as its key says
  std::string bucket;  // where it was looked for; empty: a folder
  std::string key;
  std::optional<Digest> digest;  // none: it could not be read
  std::string hash;              // of its JSON; empty as above
  std::string signature;         // in its metadata, if there is one
  Verdict verdict;

  Time end() const { return digest ? digest->end : name.end; }
  // The bucket, where that is known.
  const std::string& in_bucket() const { return bucket.empty() && digest ? digest->bucket : bucket; }
};

Task<JudgedDigest> judge_digest(Objects& objects, const PublicKeys& keys, std::string bucket, std::string key,
                                DigestName name);
// One that is unattested, by the signature that the digest after it has of it.
void judge_by(JudgedDigest& judged, std::string_view signature, const PublicKeys& keys);
Task<Verdict> judge_log_file(Objects& objects, LogFile file);

}  // namespace cairn::integrity
