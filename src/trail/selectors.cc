#include "trail/selectors.h"

#include <algorithm>

#include "json/json.h"
#include "trail/selector_check.h"

namespace cairn::trail {
namespace {

std::vector<std::string> texts_in(const json::object& object, std::string_view member) {
  std::vector<std::string> texts;
  if (const auto* array = json::find_array(object, member)) {
    for (const auto& value : *array) {
      texts.emplace_back(value.is_string() ? json::text_of(value.get_string()) : std::string_view());
    }
  }
  return texts;
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const auto& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

template <class T>
std::vector<T> list_in(const json::array* array, T (*read)(const json::object&)) {
  std::vector<T> list;
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto& one = array->at(i);
    list.push_back(read(one.is_object() ? one.get_object() : json::object()));
  }
  return list;
}

DataResource data_resource_from(const json::object& object) {
  return {.type = std::string(json::find_string(object, "Type").value_or("")), .values = texts_in(object, "Values")};
}

BasicSelector basic_from(const json::object& object) {
  BasicSelector selector;
  selector.read_write = json::find_string(object, "ReadWriteType").value_or("All");
  selector.management = json::find_bool(object, "IncludeManagementEvents").value_or(true);
  selector.data = list_in(json::find_array(object, "DataResources"), data_resource_from);
  selector.excluded_sources = texts_in(object, "ExcludeManagementEventSources");
  return selector;
}

FieldSelector field_from(const json::object& object) {
  FieldSelector selector;
  selector.field = json::find_string(object, "Field").value_or("");
  for (std::size_t i = 0; i < kSelectorOperators.size(); ++i) {
    selector.values[i] = texts_in(object, kSelectorOperators[i]);
  }
  return selector;
}

AdvancedSelector advanced_from(const json::object& object) {
  return {.name = std::string(json::find_string(object, "Name").value_or("")),
          .fields = list_in(json::find_array(object, "FieldSelectors"), field_from)};
}

json::object to_json(const BasicSelector& selector) {
  json::array data;
  for (const auto& resource : selector.data) {
    data.push_back(json::object{{"Type", resource.type}, {"Values", array_of(resource.values)}});
  }
  return {{"ReadWriteType", selector.read_write},
          {"IncludeManagementEvents", selector.management},
          {"DataResources", std::move(data)},
          {"ExcludeManagementEventSources", array_of(selector.excluded_sources)}};
}

json::object to_json(const AdvancedSelector& selector) {
  json::array fields;
  for (const auto& field : selector.fields) {
    json::object shown{{"Field", field.field}};
    for (std::size_t i = 0; i < kSelectorOperators.size(); ++i) {
      if (!field.values[i].empty()) {
        shown[kSelectorOperators[i]] = array_of(field.values[i]);
      }
    }
    fields.push_back(std::move(shown));
  }
  json::object shown;
  if (!selector.name.empty()) {
    shown["Name"] = selector.name;
  }
  shown["FieldSelectors"] = std::move(fields);
  return shown;
}

template <class T>
json::array array_of_selectors(const std::vector<T>& selectors) {
  json::array array;
  for (const auto& selector : selectors) {
    array.push_back(to_json(selector));
  }
  return array;
}

}  // namespace

const std::vector<std::string>& FieldSelector::of(std::string_view op) const {
  return values.at(static_cast<std::size_t>(std::ranges::find(kSelectorOperators, op) - kSelectorOperators.begin()));
}

const FieldSelector* AdvancedSelector::find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldSelector::field);
  return it == fields.end() ? nullptr : &*it;
}

const Selectors& Selectors::standard() {
  static const Selectors kStandard{.basic = {BasicSelector{}}, .advanced = {}};
  return kStandard;
}

Result<Selectors, aws::Fault> read_selectors(const boost::json::array* basic, const boost::json::array* advanced) {
  if ((basic != nullptr) == (advanced != nullptr)) {
    return bad_selectors("Specify either EventSelectors or AdvancedEventSelectors, and not both.");
  }
  Selectors selectors{.basic = list_in(basic, basic_from), .advanced = list_in(advanced, advanced_from)};
  if (basic != nullptr) {
    CAIRN_TRY_VOID(check(selectors.basic));
  } else {
    CAIRN_TRY_VOID(check(selectors.advanced));
  }
  if (json::serialize(to_json(selectors)).size() > SelectorLimits::json_bytes_max) {
    return bad_selectors("The event selectors are too large.");
  }
  return selectors;
}

boost::json::object to_json(const Selectors& selectors) {
  if (!selectors.advanced.empty()) {
    return {{"AdvancedEventSelectors", array_of_selectors(selectors.advanced)}};
  }
  return {{"EventSelectors", array_of_selectors(selectors.basic)}};
}

Selectors selectors_from(const boost::json::object& json) {
  return {.basic = list_in(json::find_array(json, "EventSelectors"), basic_from),
          .advanced = list_in(json::find_array(json, "AdvancedEventSelectors"), advanced_from)};
}

Selectors in_order_of_fields(Selectors selectors) {
  for (auto& selector : selectors.advanced) {
    std::ranges::sort(selector.fields, {}, &FieldSelector::field);
  }
  return selectors;
}

}  // namespace cairn::trail
