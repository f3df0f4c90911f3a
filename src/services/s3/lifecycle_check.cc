// What S3 refuses of lifecycle rules. Tested by setting_checks_test.cc.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/time.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/setting_checks.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kRulesMax = 1000;
constexpr std::size_t kRuleIdCharsMax = 255;
constexpr std::int64_t kInfrequentDaysMin = 30;
constexpr std::int64_t kDaysMax = 2'147'483'647;
constexpr double kDaySeconds = 86'400;
constexpr std::int64_t kKeptVersionsMax = 100;
constexpr double kSecondsMax = 253'402'300'800;  // the year 10000
constexpr std::string_view kActions[] = {"Expiration", "Transitions", "NoncurrentVersionExpiration",
                                         "NoncurrentVersionTransitions", "AbortIncompleteMultipartUpload"};
constexpr std::string_view kConditions[] = {"Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan",
                                            "And"};

template <class Names>
std::ptrdiff_t members_of(const json::object& object, const Names& names) {
  return std::ranges::count_if(names, [&](std::string_view name) { return object.contains(name); });
}

Checked check_date(const json::object& action) {
  const auto date = json::find_number(action, "Date");
  if (date && std::abs(*date) >= kSecondsMax) {
    return fault::malformed_xml();
  }
  if (date && std::fmod(*date, kDaySeconds) != 0) {
    return fault::invalid_argument("'Date' must be at midnight GMT")
        .with("ArgumentName", "Date")
        .with("ArgumentValue", rfc3339(Time{Millis{static_cast<std::int64_t>(*date * 1000)}}));
  }
  return {};
}

Checked check_days(const json::object& action, std::string_view member, std::string_view of,
                   std::int64_t least) {
  const auto days = json::find_int(action, member);
  if (days && (*days < least || *days > kDaysMax)) {
    return fault::invalid_argument("'" + std::string(member) + "' for " + std::string(of) +
                                   " action must be a " + (least > 0 ? "positive" : "nonnegative") +
                                   " integer");
  }
  return {};
}

Checked check_tags_of_filter(const json::array& tags) {
  std::set<std::string_view> keys;
  for (const auto& tag : tags) {
    const auto key =
        tag.is_object() ? json::find_string(tag.get_object(), "Key") : std::optional<std::string_view>();
    if (!key) {
      return fault::malformed_xml();
    }
    if (!keys.insert(*key).second) {
      return fault::invalid_request("Duplicate Tag Keys are not allowed.");
    }
  }
  return {};
}

// Exactly one of Filter and the older Prefix; of a Filter at most one condition, several in an And.
Checked check_rule_filter(const json::object& rule) {
  const auto* filter = json::find_object(rule, "Filter");
  if ((filter != nullptr) == rule.contains("Prefix")) {
    return fault::malformed_xml();
  }
  if (filter == nullptr) {
    return {};
  }
  if (members_of(*filter, kConditions) > 1) {
    return fault::malformed_xml();
  }
  const auto* all = json::find_object(*filter, "And");
  if (all == nullptr) {
    return {};
  }
  const auto* tags = json::find_array(*all, "Tags");
  const auto conditions =
      static_cast<std::size_t>(members_of(*all, kConditions)) + (tags != nullptr ? tags->size() : 0);
  if (conditions < 2) {
    return fault::malformed_xml();
  }
  const auto larger = json::find_int(*all, "ObjectSizeGreaterThan");
  const auto smaller = json::find_int(*all, "ObjectSizeLessThan");
  if (larger && smaller && *larger >= *smaller) {
    return fault::invalid_request(
        "'ObjectSizeLessThan' has to be a value greater than "
        "'ObjectSizeGreaterThan'.");
  }
  return tags != nullptr ? check_tags_of_filter(*tags) : Checked{};
}

bool asks_for_tags(const json::object& rule) {
  const auto* filter = json::find_object(rule, "Filter");
  const auto* all = filter != nullptr ? json::find_object(*filter, "And") : nullptr;
  return filter != nullptr && (filter->contains("Tag") || (all != nullptr && all->contains("Tags")));
}

Checked check_expiration(const json::object& rule) {
  const auto* expiration = json::find_object(rule, "Expiration");
  if (expiration == nullptr) {
    return {};
  }
  if (members_of(*expiration,
                 std::initializer_list<std::string_view>{"Days", "Date", "ExpiredObjectDeleteMarker"}) != 1) {
    return fault::malformed_xml();
  }
  if (expiration->contains("ExpiredObjectDeleteMarker") && asks_for_tags(rule)) {
    return fault::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  }
  CAIRN_TRY_VOID(check_days(*expiration, "Days", "Expiration", 1));
  return check_date(*expiration);
}

// What moves nothing here is kept and shown, so it has to be right all the same.
Checked check_transition(const json::object& transition, const json::object* expiration) {
  if (members_of(transition, std::initializer_list<std::string_view>{"Days", "Date"}) != 1 ||
      !transition.contains("StorageClass")) {
    return fault::malformed_xml();
  }
  CAIRN_TRY_VOID(check_days(transition, "Days", "Transition", 0));
  CAIRN_TRY_VOID(check_date(transition));
  const auto days = json::find_int(transition, "Days");
  const std::string storage(json::find_string(transition, "StorageClass").value_or(""));
  if (days && storage.ends_with("_IA") && *days < kInfrequentDaysMin) {
    return fault::invalid_argument(
        "'Days' in Transition action must be greater than or equal to 30 for storageClass '" + storage + "'");
  }
  if (expiration == nullptr || expiration->contains("ExpiredObjectDeleteMarker")) {
    return {};
  }
  if (expiration->contains("Days") != transition.contains("Days")) {
    return fault::invalid_request(
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule");
  }
  const auto expires = json::find_int(*expiration, "Days");
  if (days && expires && *expires <= *days) {
    return fault::invalid_argument(
        "'Days' in the Expiration action must be greater than 'Days' in the Transition action");
  }
  return {};
}

Checked check_transitions(const json::object& rule) {
  if (const auto* transitions = json::find_array(rule, "Transitions")) {
    for (const auto& transition : *transitions) {
      if (!transition.is_object()) {
        return fault::malformed_xml();
      }
      CAIRN_TRY_VOID(check_transition(transition.get_object(), json::find_object(rule, "Expiration")));
    }
  }
  return {};
}

Checked check_noncurrent(const json::object& action, std::string_view name) {
  if (!action.contains("NoncurrentDays")) {
    return fault::malformed_xml();
  }
  CAIRN_TRY_VOID(check_days(action, "NoncurrentDays", name, 1));
  const auto kept = json::find_int(action, "NewerNoncurrentVersions");
  if (kept && (*kept < 1 || *kept > kKeptVersionsMax)) {
    return fault::invalid_argument("'NewerNoncurrentVersions' for " + std::string(name) +
                                   " action must be a positive integer of at most 100");
  }
  return {};
}

Checked check_noncurrents(const json::object& rule) {
  if (const auto* expiration = json::find_object(rule, "NoncurrentVersionExpiration")) {
    CAIRN_TRY_VOID(check_noncurrent(*expiration, "NoncurrentVersionExpiration"));
  }
  if (const auto* transitions = json::find_array(rule, "NoncurrentVersionTransitions")) {
    for (const auto& transition : *transitions) {
      if (!transition.is_object() || !transition.get_object().contains("StorageClass")) {
        return fault::malformed_xml();
      }
      CAIRN_TRY_VOID(check_noncurrent(transition.get_object(), "NoncurrentVersionTransition"));
    }
  }
  return {};
}

Checked check_aborts(const json::object& rule) {
  const auto* aborts = json::find_object(rule, "AbortIncompleteMultipartUpload");
  if (aborts == nullptr) {
    return {};
  }
  if (!aborts->contains("DaysAfterInitiation")) {
    return fault::malformed_xml();
  }
  if (asks_for_tags(rule)) {
    return fault::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  return check_days(*aborts, "DaysAfterInitiation", "AbortIncompleteMultipartUpload", 1);
}

Checked check_rule(json::object& rule, std::set<std::string>& ids) {
  if (!rule.contains("ID")) {
    rule["ID"] = crypto::uuid4();
  }
  const std::string id(json::find_string(rule, "ID").value_or(""));
  if (id.size() > kRuleIdCharsMax) {
    return fault::invalid_argument("ID length should not exceed allowed limit of 255");
  }
  if (!ids.insert(id).second) {
    return fault::invalid_argument("Rule ID must be unique. Found same ID for more than one rule");
  }
  if (members_of(rule, kActions) == 0) {
    return fault::invalid_request("At least one action needs to be specified in a rule");
  }
  CAIRN_TRY_VOID(check_rule_filter(rule));
  CAIRN_TRY_VOID(check_expiration(rule));
  CAIRN_TRY_VOID(check_transitions(rule));
  CAIRN_TRY_VOID(check_noncurrents(rule));
  return check_aborts(rule);
}

}  // namespace

Checked check_lifecycle(json::object& configuration) {
  auto* rules = configuration.if_contains("Rules");
  if (rules == nullptr || !rules->is_array() || rules->get_array().empty() ||
      rules->get_array().size() > kRulesMax) {
    return fault::malformed_xml();
  }
  std::set<std::string> ids;
  for (auto& rule : rules->get_array()) {
    if (!rule.is_object()) {
      return fault::malformed_xml();
    }
    CAIRN_TRY_VOID(check_rule(rule.get_object(), ids));
  }
  return {};
}

}  // namespace cairn::services::s3
