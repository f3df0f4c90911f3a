// Event selectors: which events of its account a trail takes. Two languages, basic and advanced
// (cloudtrail-reference 9); a trail has selectors of one. A value, CloudTrail's rules for it, and its JSON. Pure.
// What selectors mean: selection.h.
#pragma once

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/fault.h"
#include "base/result.h"

namespace cairn::trail {

struct SelectorLimits {
  static constexpr std::size_t basic_selectors_max = 5;
  static constexpr std::size_t data_values_max = 250;      // of all basic selectors; "all of a service" is not counted
  static constexpr std::size_t advanced_values_max = 500;  // of all advanced selectors
  static constexpr std::size_t data_resources_max = 250;   // entries of all basic selectors
  static constexpr std::size_t json_bytes_max = 256U << 10;  // of a trail's, as they are kept
  static constexpr std::size_t value_chars_max = 2048;
  static constexpr std::size_t name_chars_max = 1000;
};

struct DataResource {
  std::string type;  // "AWS::S3::Object"
  std::vector<std::string> values;
  bool operator==(const DataResource&) const = default;
};

struct BasicSelector {
  std::string read_write = "All";  // or ReadOnly, WriteOnly
  bool management = true;
  std::vector<DataResource> data;
  std::vector<std::string> excluded_sources;  // of management events
  bool operator==(const BasicSelector&) const = default;
};

inline constexpr std::array<std::string_view, 6> kSelectorOperators = {"Equals",    "StartsWith",    "EndsWith",
                                                                       "NotEquals", "NotStartsWith", "NotEndsWith"};
struct FieldSelector {
  std::string field;                                                        // "resources.ARN"
  std::array<std::vector<std::string>, kSelectorOperators.size()> values;  // by operator
  const std::vector<std::string>& of(std::string_view op) const;
  bool operator==(const FieldSelector&) const = default;
};

struct AdvancedSelector {
  std::string name;  // may be empty
  std::vector<FieldSelector> fields;
  const FieldSelector* find(std::string_view field) const;
  bool operator==(const AdvancedSelector&) const = default;
};

// One of the two is empty, but for a trail that nobody gave selectors: basic has the default then.
struct Selectors {
  std::vector<BasicSelector> basic;
  std::vector<AdvancedSelector> advanced;

  static const Selectors& standard();  // all management events
  bool operator==(const Selectors&) const = default;
};

// PutEventSelectors' members, either of which may be absent. InvalidEventSelectorsException: not exactly one of
// them, too many, or a value or combination that CloudTrail does not take.
Result<Selectors, aws::Fault> read_selectors(const boost::json::array* basic, const boost::json::array* advanced);

// As the API shows them: {"EventSelectors":[…]} or {"AdvancedEventSelectors":[…]}.
boost::json::object to_json(const Selectors& selectors);
// What to_json() wrote, taken as it is.
Selectors selectors_from(const boost::json::object& json);
// GetEventSelectors shows an advanced selector's fields in the order of their names.
Selectors in_order_of_fields(Selectors selectors);

}  // namespace cairn::trail
