// Tested by lifecycle_rules_test.cc.
#include "services/s3/lifecycle_rules.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::services::s3 {
namespace {

constexpr std::int64_t kDayMillis = 86'400'000;

Time time_of_seconds(double seconds) {
  return Time{Millis{static_cast<std::int64_t>(seconds * 1000)}};
}

std::optional<std::uint64_t> size_in(const json::object& filter, std::string_view member) {
  const auto found = json::find_int(filter, member);
  return found ? std::optional(static_cast<std::uint64_t>(*found)) : std::nullopt;
}

void add_tag(const json::object& tag, LifecycleRule& rule) {
  rule.tags.emplace(json::find_string(tag, "Key").value_or(""), json::find_string(tag, "Value").value_or(""));
}

// A Filter, or what stands in its And.
void read_filter(const json::object& filter, LifecycleRule& rule) {
  if (const auto prefix = json::find_string(filter, "Prefix")) {
    rule.prefix = *prefix;
  }
  if (const auto* tag = json::find_object(filter, "Tag")) {
    add_tag(*tag, rule);
  }
  if (const auto* tags = json::find_array(filter, "Tags")) {
    for (const auto& tag : *tags) {
      add_tag(tag.as_object(), rule);
    }
  }
  if (const auto size = size_in(filter, "ObjectSizeGreaterThan")) {
    rule.larger_than = size;
  }
  if (const auto size = size_in(filter, "ObjectSizeLessThan")) {
    rule.smaller_than = size;
  }
  if (const auto* all = json::find_object(filter, "And")) {
    read_filter(*all, rule);
  }
}

void read_actions(const json::object& given, LifecycleRule& rule) {
  if (const auto* expiration = json::find_object(given, "Expiration")) {
    rule.expires_days = json::find_int(*expiration, "Days");
    if (const auto date = json::find_number(*expiration, "Date")) {
      rule.expires_date = time_of_seconds(*date);
    }
    rule.expires_lone_markers = json::find_bool(*expiration, "ExpiredObjectDeleteMarker").value_or(false);
  }
  if (const auto* noncurrent = json::find_object(given, "NoncurrentVersionExpiration")) {
    rule.noncurrent_days = json::find_int(*noncurrent, "NoncurrentDays");
    rule.noncurrent_kept =
        static_cast<std::size_t>(json::find_int(*noncurrent, "NewerNoncurrentVersions").value_or(0));
  }
  if (const auto* uploads = json::find_object(given, "AbortIncompleteMultipartUpload")) {
    rule.abort_uploads_days = json::find_int(*uploads, "DaysAfterInitiation");
  }
}

LifecycleRule rule_from(const json::object& given) {
  LifecycleRule rule;
  rule.id = json::find_string(given, "ID").value_or("");
  rule.prefix = json::find_string(given, "Prefix").value_or("");
  if (const auto* filter = json::find_object(given, "Filter")) {
    read_filter(*filter, rule);
  }
  read_actions(given, rule);
  return rule;
}

void take_sooner(std::optional<Expiry>& soonest, Time when, const LifecycleRule& rule) {
  if (!soonest || when < soonest->when) {
    soonest = Expiry{when, rule.id};
  }
}

}  // namespace

std::vector<LifecycleRule> enabled_rules(const json::object& configuration) {
  std::vector<LifecycleRule> enabled;
  if (const auto* rules = json::find_array(configuration, "Rules")) {
    for (const auto& rule : *rules) {
      if (rule.is_object() && json::find_string(rule.get_object(), "Status") == "Enabled") {
        enabled.push_back(rule_from(rule.get_object()));
      }
    }
  }
  return enabled;
}

bool is_about(const LifecycleRule& rule, const Subject& subject) {
  const auto has = [&](const auto& tag) {
    const auto it = subject.tags.find(tag.first);
    return it != subject.tags.end() && it->second == tag.second;
  };
  return subject.key.starts_with(rule.prefix) && (!rule.larger_than || subject.size > *rule.larger_than) &&
         (!rule.smaller_than || subject.size < *rule.smaller_than) && std::ranges::all_of(rule.tags, has);
}

Time over_after(Time since, std::int64_t days) {
  const auto millis = since.time_since_epoch().count() + days * kDayMillis;
  return Time{Millis{(millis + kDayMillis - 1) / kDayMillis * kDayMillis}};
}

std::optional<Expiry> expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                Time modified) {
  std::optional<Expiry> soonest;
  for (const auto& rule : rules) {
    if ((!rule.expires_days && !rule.expires_date) || !is_about(rule, subject)) {
      continue;
    }
    take_sooner(soonest, rule.expires_days ? over_after(modified, *rule.expires_days) : *rule.expires_date,
                rule);
  }
  return soonest;
}

std::optional<Expiry> lone_marker_expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                            Time modified) {
  std::optional<Expiry> soonest;
  for (const auto& rule : rules) {
    if ((!rule.expires_lone_markers && !rule.expires_days) || !is_about(rule, subject)) {
      continue;
    }
    take_sooner(soonest, rule.expires_lone_markers ? modified : over_after(modified, *rule.expires_days),
                rule);
  }
  return soonest;
}

std::optional<Expiry> noncurrent_expiry_of(const std::vector<LifecycleRule>& rules, const Subject& subject,
                                           Time noncurrent_since, std::size_t newer) {
  std::optional<Expiry> soonest;
  for (const auto& rule : rules) {
    if (rule.noncurrent_days && newer >= rule.noncurrent_kept && is_about(rule, subject)) {
      take_sooner(soonest, over_after(noncurrent_since, *rule.noncurrent_days), rule);
    }
  }
  return soonest;
}

}  // namespace cairn::services::s3
