// Tested by notification_rules_test.cc.
#include "services/s3/notification_rules.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kOfS3 = "s3:";
constexpr std::pair<std::string_view, std::string_view> kLists[] = {{"TopicConfigurations", "TopicArn"},
                                                                    {"QueueConfigurations", "QueueArn"}};

NotificationRule rule_of(const json::object& configuration, std::string_view target) {
  NotificationRule rule{.id = std::string(json::find_string(configuration, "Id").value_or("")),
                        .target = std::string(json::find_string(configuration, target).value_or(""))};
  const auto* events = json::find_array(configuration, "Events");
  for (const auto& event : events != nullptr ? *events : json::array()) {
    if (event.is_string()) {
      rule.events.emplace_back(json::text_of(event.get_string()));
    }
  }
  const auto* filter = json::find_object(configuration, "Filter");
  const auto* key = filter != nullptr ? json::find_object(*filter, "Key") : nullptr;
  const auto* parts = key != nullptr ? json::find_array(*key, "FilterRules") : nullptr;
  for (const auto& part : parts != nullptr ? *parts : json::array()) {
    if (part.is_object()) {
      const auto value = json::find_string(part.get_object(), "Value").value_or("");
      (json::find_string(part.get_object(), "Name") == "prefix" ? rule.prefix : rule.suffix) = value;
    }
  }
  return rule;
}

// "s3:ObjectCreated:*" is "s3:ObjectCreated:", and all that begins with it.
std::string_view beginning(std::string_view event) {
  return event.ends_with('*') ? event.substr(0, event.size() - 1) : event;
}

bool have_an_event_in_common(const std::string& one, const std::string& other) {
  const bool of_one = one.ends_with('*') && other.starts_with(beginning(one));
  const bool of_other = other.ends_with('*') && one.starts_with(beginning(other));
  return one == other || of_one || of_other;
}

}  // namespace

std::vector<NotificationRule> notification_rules(const json::object& configuration) {
  std::vector<NotificationRule> rules;
  for (const auto& [member, target] : kLists) {
    const auto* list = json::find_array(configuration, member);
    for (const auto& one : list != nullptr ? *list : json::array()) {
      if (one.is_object()) {
        rules.push_back(rule_of(one.get_object(), target));
      }
    }
  }
  return rules;
}

bool wants(const NotificationRule& rule, std::string_view event, std::string_view key) {
  const auto named = std::string(kOfS3) + std::string(event);
  return key.starts_with(rule.prefix) && key.ends_with(rule.suffix) &&
         std::ranges::any_of(rule.events,
                             [&](const auto& wanted) { return have_an_event_in_common(wanted, named); });
}

bool overlap(const NotificationRule& one, const NotificationRule& other) {
  const bool prefixes = one.prefix.starts_with(other.prefix) || other.prefix.starts_with(one.prefix);
  const bool suffixes = one.suffix.ends_with(other.suffix) || other.suffix.ends_with(one.suffix);
  return prefixes && suffixes && std::ranges::any_of(one.events, [&](const auto& mine) {
           return std::ranges::any_of(
               other.events, [&](const auto& theirs) { return have_an_event_in_common(mine, theirs); });
         });
}

}  // namespace cairn::services::s3
