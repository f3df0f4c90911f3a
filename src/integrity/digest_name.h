// Names of objects below AWSLogs/: where a digest and a log file lie in a bucket, and what their keys say.
// Values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cairn::integrity {

// [PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/CloudTrail-Digest/REGION/YYYY/MM/DD/
//   ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHmmssZ[_backfill].json.gz
struct DigestName {
  std::string prefix;        // without the '/' behind it; empty: none
  std::string organization;  // "o-…"; empty: none
  std::string account;       // whose events
  std::string region;        // of the events
  std::string trail;
  std::string home_region;  // the trail's
  Time end;                 // the digest's, in whole seconds
  bool backfill = false;

  auto operator<=>(const DigestName&) const = default;
  std::string key() const;
};
// Nothing: a key of another form.
std::optional<DigestName> parse_digest_key(std::string_view key);

// The same with CloudTrail for CloudTrail-Digest, and
// ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz; of network activity CloudTrail-NetworkActivity,
// twice.
struct LogFileName {
  std::string prefix;
  std::string organization;
  std::string account;
  std::string region;
  Time delivered;  // in whole minutes; "may lie slightly before or after the put"

  bool operator==(const LogFileName&) const = default;
};
std::optional<LogFileName> parse_log_file_key(std::string_view key);

// A key below [PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/FOLDER/, one of the three above, whatever it is called
// there.
struct FolderPlace {
  std::string prefix;
  std::string organization;
  std::string account;
  std::string region;       // the first folder in it; empty: it lies in none
  bool of_digests = false;  // or of log files
  bool is_marker = false;   // the folder itself: the empty object that verifies a bucket's policy

  bool operator==(const FolderPlace&) const = default;
};
std::optional<FolderPlace> parse_folder(std::string_view key);

// The metadata of a digest object (x-amz-meta-…) beside its signature, of a backfilled one.
inline constexpr std::string_view kBackfillGenerationMetadata = "backfill-generation-timestamp";

}  // namespace cairn::integrity
