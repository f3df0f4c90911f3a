// Conditional requests, as RFC 9110 orders them and S3 answers them. Pure. Inside services/s3 only.
#pragma once

#include <optional>
#include <string_view>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

enum class Condition { holds, not_modified, failed_match, failed_unmodified };

struct Conditions {
  std::string_view match;
  std::string_view none_match;
  std::optional<Time> modified_since;
  std::optional<Time> unmodified_since;
};

// The call's: IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince with `prefix` in front ("CopySource").
Conditions conditions_of(const Call& call, std::string_view prefix = "");

// An ETag that matches excuses a date that does not: If-Match before If-Unmodified-Since, If-None-Match
// before If-Modified-Since. Dates compare in whole seconds.
Condition judge(const Conditions& conditions, const Object& object);

}  // namespace cairn::services::s3
