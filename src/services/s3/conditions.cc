// Tested by copy_object_test.cc.
#include "services/s3/conditions.h"

#include "json/json.h"

namespace cairn::services::s3 {
namespace {

std::chrono::seconds whole(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
}

std::string_view text_of(const Call& call, const std::string& name) {
  return json::find_string(call.input, name).value_or("");
}

std::optional<Time> time_of(const Call& call, const std::string& name) {
  const auto seconds = json::find_number(call.input, name);
  return seconds ? std::optional(Time{Millis{static_cast<std::int64_t>(*seconds * 1000)}}) : std::nullopt;
}

}  // namespace

Conditions conditions_of(const Call& call, std::string_view prefix) {
  const std::string before(prefix);
  return {.match = text_of(call, before + "IfMatch"),
          .none_match = text_of(call, before + "IfNoneMatch"),
          .modified_since = time_of(call, before + "IfModifiedSince"),
          .unmodified_since = time_of(call, before + "IfUnmodifiedSince")};
}

Condition judge(const Conditions& conditions, const Object& object) {
  const auto modified = whole(object.modified);
  if (!conditions.match.empty()) {
    if (!etag_listed(conditions.match, object.etag)) {
      return Condition::failed_match;
    }
  } else if (conditions.unmodified_since && modified > whole(*conditions.unmodified_since)) {
    return Condition::failed_unmodified;
  }
  if (!conditions.none_match.empty()) {
    if (etag_listed(conditions.none_match, object.etag)) {
      return Condition::not_modified;
    }
  } else if (conditions.modified_since && modified <= whole(*conditions.modified_since)) {
    return Condition::not_modified;
  }
  return Condition::holds;
}

}  // namespace cairn::services::s3
