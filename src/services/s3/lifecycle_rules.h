// A bucket's lifecycle rules as the job that applies them reads them: what they are about, and when what they
// are about is over. Pure. Tested by lifecycle_rules_test.cc.
//
// Days count from an object's last change (a noncurrent version's: from when it was replaced) to the next
// midnight UTC after they are over, as S3 counts them.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cairn::services::s3 {

struct LifecycleRule {
  std::string id;
  std::string prefix;
  std::map<std::string, std::string> tags;
  std::optional<std::uint64_t> larger_than;
  std::optional<std::uint64_t> smaller_than;

  std::optional<std::int64_t> expires_days;
  std::optional<Time> expires_date;
  bool expires_lone_markers = false;  // delete markers that are all that is left of their key
  std::optional<std::int64_t> noncurrent_days;
  std::size_t noncurrent_kept = 0;  // that many noncurrent versions stay, however old
  std::optional<std::int64_t> abort_uploads_days;
};

// Those that are enabled. REQUIRES: check_lifecycle() took the configuration.
std::vector<LifecycleRule> enabled_rules(const boost::json::object& configuration);

// What a rule asks of an object or of a noncurrent version.
struct Subject {
  std::string_view key;
  std::uint64_t size = 0;
  const std::map<std::string, std::string>& tags;
};
bool is_about(const LifecycleRule& rule, const Subject& subject);

// When something of that time is over: the midnight after so many days.
Time over_after(Time since, std::int64_t days);

struct Expiry {
  Time when;
  std::string rule;
};
// The soonest, by any of the rules; nothing: it stays.
std::optional<Expiry> expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                Time modified);
// The same of a delete marker that is all that is left of its key: at once where a rule says so, and as an
// object where one has days.
std::optional<Expiry> lone_marker_expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                            Time modified);
// `newer` noncurrent versions of its key are younger than it.
std::optional<Expiry> noncurrent_expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                           Time noncurrent_since, std::size_t newer);

}  // namespace cairn::services::s3
