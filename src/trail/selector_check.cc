// Tested by selectors_test.cc.
#include "trail/selector_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::trail {
namespace {

using Operators = unsigned;  // bits by index in kSelectorOperators
constexpr Operators kEquals = 1;
constexpr Operators kNotEquals = 1U << 3;
constexpr Operators kEqualsOrNot = kEquals | kNotEquals;
constexpr Operators kAll = (1U << kSelectorOperators.size()) - 1;

constexpr std::string_view kExcludable[] = {"kms.amazonaws.com", "rdsdata.amazonaws.com"};

// ---- basic ----

struct DataType {
  std::string_view type;
  std::string_view all;       // the value that means every resource
  std::string_view also_all;  // another
  std::string_view begins;    // any other value begins so,
  std::string_view holds;     // and has this in what follows, not at its beginning
};
constexpr DataType kDataTypes[] = {
    {"AWS::S3::Object", "arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::", "/"},
    {"AWS::Lambda::Function", "arn:aws:lambda", "arn:aws:lambda", "arn:aws:lambda:", ":function:"},
    {"AWS::DynamoDB::Table", "arn:aws:dynamodb", "arn:aws:dynamodb", "arn:aws:dynamodb:", ":table/"},
};

bool is_value_of(const DataType& type, std::string_view value) {
  if (value.find('*') != std::string_view::npos || value.size() > SelectorLimits::value_chars_max ||
      !value.starts_with(type.begins)) {
    return false;
  }
  const auto at = value.substr(type.begins.size()).find(type.holds);
  return at != std::string_view::npos && at > 0;
}

// How many of its values count.
Result<std::size_t, aws::Fault> check(const DataResource& resource) {
  const auto* type = std::ranges::find(kDataTypes, resource.type, &DataType::type);
  if (type == std::end(kDataTypes)) {
    return bad_selectors(fmt::format("Type {} for DataResources is invalid.", resource.type));
  }
  std::size_t counted = 0;
  for (const auto& value : resource.values) {
    if (value == type->all || value == type->also_all) {
      continue;
    }
    if (!is_value_of(*type, value)) {
      return bad_selectors(fmt::format("Value {} for DataResources.Values is invalid.", value));
    }
    ++counted;
  }
  return counted;
}

Result<void, aws::Fault> check_excluded(std::span<const std::string> sources) {
  if (sources.size() > std::size(kExcludable)) {
    return bad_selectors("ExcludeManagementEventSources names a source twice.");
  }
  for (const auto& source : sources) {
    if (std::ranges::find(kExcludable, source) == std::end(kExcludable)) {
      return bad_selectors(fmt::format("Value {} for ExcludeManagementEventSources is invalid.", source));
    }
  }
  return {};
}

// ---- advanced ----

struct FieldRule {
  std::string_view field;
  Operators operators;
  bool required = false;
  bool single = false;  // one operator with one value
};
constexpr FieldRule kManagement[] = {
    {"eventCategory", kEquals, true, true}, {"readOnly", kEquals, false, true}, {"eventSource", kNotEquals}};
constexpr FieldRule kData[] = {{"eventCategory", kEquals, true, true},
                               {"resources.type", kEquals, true, true},
                               {"readOnly", kEquals, false, true},
                               {"eventName", kAll},
                               {"eventSource", kAll},
                               {"eventType", kAll},
                               {"resources.ARN", kAll},
                               {"userIdentity.arn", kAll},
                               {"sessionCredentialFromConsole", kEqualsOrNot, false, true}};
constexpr FieldRule kNetwork[] = {{"eventCategory", kEquals, true, true}, {"eventSource", kEquals, true, true},
                                  {"eventName", kAll},                    {"errorCode", kEquals, false, true},
                                  {"vpcEndpointId", kAll},                {"userIdentity.arn", kAll}};

std::optional<std::span<const FieldRule>> rules_of(std::string_view category) {
  if (category == "Management") {
    return kManagement;
  }
  if (category == "Data") {
    return kData;
  }
  if (category == "NetworkActivity") {
    return kNetwork;
  }
  return std::nullopt;
}

// "AWS::" and two names. The table of types grows each month, so any that looks like one is taken.
bool is_resource_type(std::string_view type) {
  constexpr std::string_view kBegin = "AWS::";
  if (!type.starts_with(kBegin)) {
    return false;
  }
  const auto rest = type.substr(kBegin.size());
  const auto colons = rest.find("::");
  const auto is_name = [](std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
  };
  return colons != std::string_view::npos && is_name(rest.substr(0, colons)) && is_name(rest.substr(colons + 2));
}

// "arn:aws:lambda:REGION:ACCOUNT:function:NAME", with no version or alias behind it.
bool is_unqualified_function(std::string_view arn) {
  return arn.starts_with("arn:aws:lambda:") && std::ranges::count(arn, ':') == 6;
}

bool is_value_of(std::string_view field, std::string_view category, std::string_view value) {
  if (field == "readOnly") {
    return value == "true" || value == "false";
  }
  if (field == "sessionCredentialFromConsole") {
    return value == "true";
  }
  if (field == "errorCode") {
    return value == "VpceAccessDenied";
  }
  if (field == "resources.type") {
    return is_resource_type(value);
  }
  if (field == "eventSource" && category == "Management") {
    return std::ranges::find(kExcludable, value) != std::end(kExcludable);
  }
  if (field == "eventSource" && category == "NetworkActivity") {
    return value.ends_with(".amazonaws.com");
  }
  return true;
}

Result<void, aws::Fault> check_values(const FieldSelector& selector, const FieldRule& rule,
                                      std::string_view category) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kSelectorOperators.size(); ++i) {
    const auto& values = selector.values[i];
    if (!values.empty() && (rule.operators >> i & 1U) == 0) {
      return bad_selectors(fmt::format("Operator {} is not valid for field {} of eventCategory {}.",
                                       kSelectorOperators[i], selector.field, category));
    }
    for (const auto& value : values) {
      if (value.empty() || value.size() > SelectorLimits::value_chars_max ||
          !is_value_of(selector.field, category, value)) {
        return bad_selectors(fmt::format("Value {} for field {} is invalid.", value.substr(0, 200), selector.field));
      }
    }
    count += values.size();
  }
  if (count == 0) {
    return bad_selectors(fmt::format("Field {} has no operator with a value.", selector.field));
  }
  if (rule.single && count > 1) {
    return bad_selectors(fmt::format("Field {} takes one value.", selector.field));
  }
  return {};
}

Result<void, aws::Fault> check_functions(const AdvancedSelector& selector) {
  const auto* type = selector.find("resources.type");
  const auto* arn = selector.find("resources.ARN");
  if (type == nullptr || arn == nullptr || type->of("Equals").front() != "AWS::Lambda::Function") {
    return {};
  }
  for (const auto* op : {"Equals", "NotEquals"}) {
    for (const auto& value : arn->of(op)) {
      if (!is_unqualified_function(value)) {
        return bad_selectors(fmt::format("Value {} for field resources.ARN is invalid.", value.substr(0, 200)));
      }
    }
  }
  return {};
}

Result<void, aws::Fault> check(const AdvancedSelector& selector) {
  if (selector.name.size() > SelectorLimits::name_chars_max) {
    return bad_selectors("A selector's Name is longer than 1000 characters.");
  }
  const auto* category_field = selector.find("eventCategory");
  const auto* categories = category_field != nullptr ? &category_field->of("Equals") : nullptr;
  if (categories == nullptr || categories->empty()) {
    return bad_selectors("Field eventCategory is required, with Equals.");
  }
  const std::string_view category = categories->front();
  const auto rules = rules_of(category);
  if (!rules) {
    return bad_selectors(fmt::format("Value {} for field eventCategory is invalid.", category.substr(0, 200)));
  }
  std::set<std::string_view> seen;
  for (const auto& field : selector.fields) {
    const auto rule = std::ranges::find(*rules, field.field, &FieldRule::field);
    if (rule == rules->end()) {
      return bad_selectors(
          fmt::format("Field {} is not valid for eventCategory {}.", field.field.substr(0, 200), category));
    }
    if (!seen.insert(field.field).second) {
      return bad_selectors(fmt::format("Field {} occurs twice in a selector.", field.field));
    }
    CAIRN_TRY_VOID(check_values(field, *rule, category));
  }
  for (const auto& rule : *rules) {
    if (rule.required && !seen.contains(rule.field)) {
      return bad_selectors(fmt::format("Field {} is required for eventCategory {}.", rule.field, category));
    }
  }
  return check_functions(selector);
}

}  // namespace

aws::Fault bad_selectors(std::string message) {
  return {"InvalidEventSelectorsException", 400, std::move(message)};
}

Result<void, aws::Fault> check(std::span<const BasicSelector> selectors) {
  if (selectors.empty() || selectors.size() > SelectorLimits::basic_selectors_max) {
    return bad_selectors("Specify 1 to 5 event selectors.");
  }
  std::size_t values = 0;
  std::size_t resources = 0;
  for (const auto& selector : selectors) {
    resources += selector.data.size();
    if (selector.read_write != "All" && selector.read_write != "ReadOnly" && selector.read_write != "WriteOnly") {
      return bad_selectors(fmt::format("Value {} for ReadWriteType is invalid.", selector.read_write.substr(0, 200)));
    }
    CAIRN_TRY_VOID(check_excluded(selector.excluded_sources));
    for (const auto& resource : selector.data) {
      CAIRN_TRY(const auto counted, check(resource));
      values += counted;
    }
  }
  if (values > SelectorLimits::data_values_max || resources > SelectorLimits::data_resources_max) {
    return bad_selectors("The number of data resources over all event selectors is more than 250.");
  }
  return {};
}

Result<void, aws::Fault> check(std::span<const AdvancedSelector> selectors) {
  if (selectors.empty()) {
    return bad_selectors("Specify at least one advanced event selector.");
  }
  std::size_t values = 0;
  for (const auto& selector : selectors) {
    for (const auto& field : selector.fields) {
      for (const auto& of_operator : field.values) {
        values += of_operator.size();
      }
    }
  }
  if (values > SelectorLimits::advanced_values_max) {
    return bad_selectors("The number of values over all advanced event selectors is more than 500.");
  }
  for (const auto& selector : selectors) {
    CAIRN_TRY_VOID(check(selector));
  }
  return {};
}

}  // namespace cairn::trail
