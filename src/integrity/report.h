// What a verification found, and how it is told: lines of text, or JSON. Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "integrity/digest_name.h"

namespace cairn::integrity {

enum class Weight {
  invalid,   // something is not as it was delivered
  unlooked,  // it could not be looked at
  note,      // worth knowing, and not wrong
};

struct Finding {
  Weight weight = Weight::invalid;
  std::string subject;  // "Digest file", "Log file", "Chain", "Checkpoint"
  std::string bucket;   // empty: not known
  std::string key;
  std::string what;
};

struct Interval {
  Time from;
  Time until;

  bool operator==(const Interval&) const = default;
};

// Of one trail's digests for one account and Region.
struct ChainReport {
  DigestName name;  // but for its end
  std::string bucket;
  std::optional<Interval>
      found;                // from the start of the oldest digest that is valid to the end of the newest
  std::size_t digests = 0;  // those that are named and missing, too
  std::size_t digests_valid = 0;
  std::size_t log_files = 0;  // listed by valid digests
  std::size_t log_files_valid = 0;
};

struct Report {
  std::vector<ChainReport> chains;
  std::vector<Finding> findings;
  std::size_t unlisted = 0;     // log files that a digest should list, and none does
  std::size_t not_covered = 0;  // log files of a time that no digest covers: before, between or after chains
  std::size_t not_yet = 0;      // log files that the next digest will list

  std::size_t count(Weight weight) const;
  bool is_good() const { return count(Weight::invalid) == 0 && count(Weight::unlooked) == 0; }
};

// One line, as `aws cloudtrail validate-logs` writes it: "Log file\ts3://…\tINVALID: not found".
std::string to_line(const Finding& finding);
// The rest of a report as text: each chain, and sums.
std::string summary(const Report& report);
// All of it.
std::string to_json(const Report& report);

}  // namespace cairn::integrity
