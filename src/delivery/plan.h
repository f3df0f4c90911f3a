// A plan: one log file, or one digest file, that will be in a bucket. Once committed, its bytes (the spool
// blob) and its key never change.
//
// Catalog: "delivery/plan/<trail ARN>/<number, 20 digits>"; a trail's plans are in the order of their making.
// The uploader writes it again when its bucket begins to refuse it, or when its bytes cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "delivery/listing.h"

namespace cairn::delivery {

// What makes a plan one of a digest file.
struct DigestPlan {
  std::string account;    // whose records' files it lists
  std::string signature;  // lower-case hexadecimal
};

struct Plan {
  std::uint64_t number = 0;  // rises over all plans
  std::string trail_arn;
  Time trail_created;   // tells the trail from an earlier one of the same name
  std::string account;  // the trail's
  std::string region;   // of the records
  std::string home_region;
  std::string bucket;
  std::string key;
  std::string spool;  // the blob with the gzip'd bytes
  std::string
      kms_key{};  // the trail's when it was planned; what the trail has when it is put counts, if it is there
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  std::optional<std::uint32_t> crc32c;  // of the bytes; none: made by an earlier Cairn
  // By the clock of ages (Options::ages), as all that is compared with it.
  Time made;
  std::optional<Time> refused;     // since when its bucket refuses what is put there
  std::optional<Time> unreadable;  // since when its bytes are gone or damaged: the files after it go on
  // What a digest says of a log file; none: its trail made no digests when it was planned.
  std::optional<Listing> listing{};
  std::optional<DigestPlan> digest{};  // none: a log file

  std::string catalog_key() const;
};

inline constexpr std::string_view kPlanPrefix = "delivery/plan/";
inline constexpr std::string_view kSpoolPrefix = "spool/";  // of blob names
std::string new_spool_name();                               // of a blob that lies sealed

std::string to_document(const Plan& plan);
Result<Plan> plan_from(std::string_view document);

}  // namespace cairn::delivery
