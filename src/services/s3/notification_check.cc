// What events of a bucket may be sent where. Tested by setting_checks_test.cc.
#include <algorithm>

#include "aws/ids.h"
#include "codec/headers.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/notification_rules.h"
#include "services/s3/setting_checks.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kConfigurationsMax = 100;
constexpr std::size_t kArnBytesMax = 512;
constexpr std::size_t kIdCharsMax = 255;

struct Target {
  std::string_view member;
  std::string_view arn;
  std::string_view service;
};
constexpr Target kTargets[] = {{"TopicConfigurations", "TopicArn", "sns"},
                               {"QueueConfigurations", "QueueArn", "sqs"}};
constexpr std::string_view kNotSent[] = {"LambdaFunctionConfigurations", "EventBridgeConfiguration"};

// arn:aws:sns:us-east-1:111122223333:name
bool is_arn_of(std::string_view service, std::string_view arn) {
  const auto parsed = aws::Arn::parse(arn);
  return arn.size() <= kArnBytesMax && parsed && parsed->service() == service &&
         !parsed->resource().empty() && parsed->resource().find_first_of(":/") == std::string_view::npos;
}

// Names are written in any case.
Checked check_filter(json::object& configuration) {
  auto* filter = configuration.if_contains("Filter");
  auto* key = filter != nullptr && filter->is_object() ? filter->get_object().if_contains("Key") : nullptr;
  auto* rules = key != nullptr && key->is_object() ? key->get_object().if_contains("FilterRules") : nullptr;
  if (rules == nullptr) {
    return {};
  }
  bool seen_prefix = false;
  bool seen_suffix = false;
  for (auto& item : rules->get_array()) {
    auto& rule = item.as_object();
    const auto name = json::find_string(rule, "Name");
    if (!name || !json::find_string(rule, "Value")) {
      return fault::malformed_xml();
    }
    const auto lowered = codec::lower(*name);
    if (lowered != "prefix" && lowered != "suffix") {
      return fault::invalid_argument("filter rule name must be either prefix or suffix")
          .with("ArgumentName", "FilterRule.Name")
          .with("ArgumentValue", std::string(*name));
    }
    bool& seen = lowered == "prefix" ? seen_prefix : seen_suffix;
    if (std::exchange(seen, true)) {
      return fault::invalid_argument("Cannot specify more than one " + lowered + " rule in a filter.");
    }
    rule["Name"] = lowered;
  }
  return {};
}

Checked check_configuration(const Target& target, json::object& configuration) {
  const auto arn = json::find_string(configuration, target.arn);
  const auto* events = json::find_array(configuration, "Events");
  if (!arn || events == nullptr || events->empty()) {
    return fault::malformed_xml();
  }
  if (!is_arn_of(target.service, *arn)) {
    return fault::invalid_argument("The ARN could not be parsed").with("ArgumentName", std::string(*arn));
  }
  if (!configuration.contains("Id")) {
    configuration["Id"] = crypto::uuid4();
  }
  if (json::find_string(configuration, "Id").value_or("").size() > kIdCharsMax) {
    return fault::invalid_argument("The ID of a notification configuration is at most 255 characters long.");
  }
  return check_filter(configuration);
}

Checked check_overlaps(const json::object& configuration) {
  const auto rules = notification_rules(configuration);
  for (auto one = rules.begin(); one != rules.end(); ++one) {
    if (std::any_of(std::next(one), rules.end(), [&](const auto& other) { return overlap(*one, other); })) {
      return fault::invalid_argument(
          "Configurations overlap. Configurations on the same bucket cannot share a common event type.");
    }
  }
  return {};
}

}  // namespace

Checked check_notification(json::object& configuration) {
  for (const auto member : kNotSent) {
    if (configuration.contains(member)) {
      return fault::not_implemented(member);
    }
  }
  std::size_t count = 0;
  for (const auto& target : kTargets) {
    auto* list = configuration.if_contains(target.member);
    if (list == nullptr || !list->is_array()) {
      continue;
    }
    count += list->get_array().size();
    for (auto& one : list->get_array()) {
      if (!one.is_object()) {
        return fault::malformed_xml();
      }
      CAIRN_TRY_VOID(check_configuration(target, one.get_object()));
    }
  }
  if (count > kConfigurationsMax) {
    return fault::invalid_argument(
        "The maximum number of notification configurations is 100 for each bucket.");
  }
  return check_overlaps(configuration);
}

}  // namespace cairn::services::s3
