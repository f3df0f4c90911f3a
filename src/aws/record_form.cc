#include "aws/record_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <chrono>
#include <cmath>

#include "aws/scalars.h"
#include "codec/uri.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view kHidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
constexpr std::string_view kStars = "****";
constexpr std::string_view kAttribute = "AttributeValue";  // DynamoDB's

// Members that records hide though no model calls them sensitive.
struct HiddenMembers {
  std::string_view service;
  std::array<std::string_view, 2> members;
};
constexpr HiddenMembers kHiddenMembers[] = {
    {"athena", {"QueryString", "QueryString"}}, {"codebuild", {"buildspec", "buildspecOverride"}},
    {"cognito-identity", {"Logins", "Logins"}}, {"dynamodb", {"Statement", "Parameters"}},
    {"logs", {"logEvents", "queryString"}},
};

RecordPolicy policy_hiding(const Service& service) {
  RecordPolicy policy{.iso_where_said = service.speaks(Protocol::rest_json),
                      .attribute_names = service.name.starts_with("dynamodb")};
  const auto* const row = std::ranges::find(kHiddenMembers, service.name, &HiddenMembers::service);
  if (row != std::end(kHiddenMembers)) {
    policy.hidden = row->members;
  }
  return policy;
}

// Java's medium date and time in English.
std::string java_time(double seconds, bool comma) {
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr double kFar = 1e11;  // beyond the year 5000
  const auto whole = std::chrono::seconds(std::llround(std::floor(std::clamp(seconds, -kFar, kFar))));
  const std::chrono::sys_time<std::chrono::seconds> at(whole);
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  const auto hour = time.hours().count();
  return fmt::format("{} {}, {}{} {}:{:02}:{:02} {}", kMonths[static_cast<unsigned>(date.month()) - 1U],
                     static_cast<unsigned>(date.day()), static_cast<int>(date.year()), comma ? "," : "",
                     hour % 12 == 0 ? 12 : hour % 12, time.minutes().count(), time.seconds().count(),
                     hour < 12 ? "AM" : "PM");
}

class Recorder {
 public:
  explicit Recorder(const RecordPolicy& policy) : policy_(policy) {}

  object members(const Shape& shape, const object& given) const {
    object out;
    for (const auto& member : shape.members) {
      const auto* found = given.if_contains(member.name);
      if (found == nullptr || found->is_null()) {
        continue;
      }
      if (auto recorded = one(member, *found)) {
        out.emplace(lower_first(name_of(member)), *std::move(recorded));
      }
    }
    return out;
  }

 private:
  const std::string& name_of(const Member& member) const {
    return policy_.query_names && member.shape->kind == Kind::map ? member.wire_name : member.name;
  }

  // Nothing: the member is left out.
  std::optional<value> one(const Member& use, const value& given) const {
    const auto& shape = *use.shape;
    if (policy_.attribute_names && is_of_attributes(shape)) {
      return attributes(shape, given);
    }
    if (use.sensitive || std::ranges::find(policy_.hidden, use.name) != policy_.hidden.end()) {
      if (policy_.sensitive == RecordPolicy::Sensitive::drop) {
        return std::nullopt;
      }
      return value(
          boost::json::string(policy_.sensitive == RecordPolicy::Sensitive::stars ? kStars : kHidden));
    }
    if (shape.kind == Kind::blob || use.streaming) {
      return std::nullopt;
    }
    if (given.is_object() && shape.kind == Kind::structure && !shape.document) {
      return value(members(shape, given.get_object()));
    }
    if (given.is_array() && shape.kind == Kind::list) {
      return list(shape.element, given.get_array());
    }
    if (given.is_object() && shape.kind == Kind::map) {
      return map(shape.element, given.get_object());
    }
    if (given.is_string() && use.name == policy_.url) {
      return value(boost::json::string(codec::hide_password(given.get_string())));
    }
    if (given.is_number() && shape.kind == Kind::timestamp) {
      return value(boost::json::string(time(use, given.to_number<double>())));
    }
    return given;
  }

  static bool is_of_attributes(const Shape& shape) {
    return shape.name == kAttribute || (shape.kind == Kind::map && shape.element.shape->name == kAttribute);
  }

  // {"Artist":{"S":"No One"}}: of a key {"Artist":"No One"}, of an item ["Artist"], of other values nothing.
  static std::optional<value> attributes(const Shape& shape, const value& given) {
    if (!given.is_object() || shape.name == kAttribute || shape.name.starts_with("Expression")) {
      return std::nullopt;
    }
    if (shape.name != "Key") {
      array names;
      for (const auto& [name, attribute] : given.get_object()) {
        names.emplace_back(name);
      }
      return value(std::move(names));
    }
    object key;
    for (const auto& [name, attribute] : given.get_object()) {
      const auto* typed = attribute.if_object();
      key.emplace(name, typed == nullptr || typed->empty() ? value(nullptr) : typed->begin()->value());
    }
    return value(std::move(key));
  }

  value list(const Member& element, const array& items) const {
    array out;
    for (const auto& item : items) {
      if (auto recorded = one(element, item)) {
        out.push_back(*std::move(recorded));
      }
    }
    return out;
  }

  value map(const Member& element, const object& entries) const {
    object out;
    for (const auto& [key, item] : entries) {
      if (auto recorded = one(element, item)) {
        out.emplace(key, *std::move(recorded));
      }
    }
    return out;
  }

  std::string time(const Member& use, double seconds) const {
    if (policy_.iso_where_said && use.timestamp == TimestampFormat::iso8601) {
      return timestamp_text(seconds, TimestampFormat::iso8601);
    }
    switch (policy_.timestamps) {
      case RecordPolicy::Timestamps::comma:
        return java_time(seconds, true);
      case RecordPolicy::Timestamps::plain:
        return java_time(seconds, false);
      case RecordPolicy::Timestamps::iso8601:
        break;
    }
    return timestamp_text(std::floor(seconds), TimestampFormat::iso8601);
  }

  const RecordPolicy& policy_;
};

}  // namespace

RecordPolicy record_policy(const Service& service) {
  if (service.name == "iam") {
    return {RecordPolicy::Sensitive::drop, RecordPolicy::Timestamps::plain};
  }
  if (service.name == "sts" || service.name == "kms") {
    return {RecordPolicy::Sensitive::drop, RecordPolicy::Timestamps::comma};
  }
  if (service.name == "lambda" || service.name == "secretsmanager") {
    return {.sensitive = RecordPolicy::Sensitive::drop};
  }
  if (service.name == "organizations" || service.name == "rds") {
    return {RecordPolicy::Sensitive::stars, RecordPolicy::Timestamps::comma};
  }
  if (service.name == "sqs") {
    return {.query_names = true};
  }
  if (service.name == "sns") {
    return {.url = "Endpoint"};
  }
  if (service.name == "cloudtrail") {
    return {RecordPolicy::Sensitive::hide, RecordPolicy::Timestamps::iso8601};
  }
  return policy_hiding(service);
}

value record_parameters(const Shape& shape, const object& given, const RecordPolicy& policy) {
  auto out = Recorder(policy).members(shape, given);
  return out.empty() ? value(nullptr) : value(std::move(out));
}

}  // namespace cairn::aws
