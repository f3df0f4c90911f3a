// For tests: what event selectors mean, decided the obvious way, on selectors and records as JSON. Shares nothing with
// trail/selection.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace cairn::delivery::testing {

inline std::string text_at(const json::object& record, std::string_view path) {
  const auto dot = path.find('.');
  if (dot != std::string_view::npos) {
    const auto* inner = json::find_object(record, path.substr(0, dot));
    return inner == nullptr ? "" : text_at(*inner, path.substr(dot + 1));
  }
  if (const auto flag = json::find_bool(record, path)) {
    return *flag ? "true" : "false";
  }
  return std::string(json::find_string(record, path).value_or(""));
}

// ARNs, or what stands for one, of the record's resources of a type.
inline std::vector<std::string> names_of(const json::object& record, std::string_view type) {
  std::vector<std::string> names;
  const auto* resources = json::find_array(record, "resources");
  for (std::size_t i = 0; resources != nullptr && i < resources->size(); ++i) {
    const auto& resource = resources->at(i).as_object();
    for (const auto* member : {"ARN", "ARNPrefix"}) {
      if (json::find_string(resource, "type") == type && json::find_string(resource, member)) {
        names.emplace_back(*json::find_string(resource, member));
      }
    }
  }
  return names;
}

inline bool has_type(const json::object& record, std::string_view type) {
  const auto* resources = json::find_array(record, "resources");
  return resources != nullptr && std::ranges::any_of(*resources, [&](const json::value& resource) {
           return json::find_string(resource.as_object(), "type") == type;
         });
}

inline bool compares(std::string_view op, std::string_view value, std::string_view with) {
  if (op.ends_with("StartsWith")) {
    return value.starts_with(with);
  }
  return op.ends_with("EndsWith") ? value.ends_with(with) : value == with;
}

inline bool field_holds(const json::object& field, const std::vector<std::string>& values) {
  bool selects = false;
  bool selected = false;
  for (const auto* op : {"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"}) {
    const auto* given = json::find_array(field, op);
    for (std::size_t i = 0; given != nullptr && i < given->size(); ++i) {
      const bool any = std::ranges::any_of(values, [&](const std::string& value) {
        return compares(op, value, json::text_of(given->at(i).get_string()));
      });
      if (std::string_view(op).starts_with("Not")) {
        if (any) {
          return false;
        }
      } else {
        selects = true;
        selected = selected || any;
      }
    }
  }
  return !selects || selected;
}

inline bool advanced_takes(const json::object& selector, const json::object& record, std::string_view category,
                    bool read_only) {
  std::string type;
  for (const auto& field : selector.at("FieldSelectors").as_array()) {
    if (*json::find_string(field.as_object(), "Field") == "resources.type") {
      type = json::text_of(field.at("Equals").as_array().at(0).get_string());
    }
  }
  if (!type.empty() && !has_type(record, type)) {
    return false;
  }
  for (const auto& one : selector.at("FieldSelectors").as_array()) {
    const auto& field = one.as_object();
    const auto name = *json::find_string(field, "Field");
    std::vector<std::string> values;
    if (name == "eventCategory") {
      values = {std::string(category)};
    } else if (name == "readOnly") {
      values = {read_only ? "true" : "false"};
    } else if (name == "resources.type") {
      continue;
    } else if (name == "resources.ARN") {
      values = names_of(record, type);
    } else if (auto text = text_at(record, name); !text.empty()) {
      values = {std::move(text)};
    }
    if (!field_holds(field, values)) {
      return false;
    }
  }
  return true;
}

inline bool resource_taken(const json::object& wanted, const json::object& record) {
  const auto type = *json::find_string(wanted, "Type");
  for (const auto& given : wanted.at("Values").as_array()) {
    const auto value = json::text_of(given.get_string());
    const bool is_table = type == "AWS::DynamoDB::Table";
    for (const auto& of : is_table ? std::vector<std::string>{std::string(type), "AWS::DynamoDB::Stream"}
                                   : std::vector<std::string>{std::string(type)}) {
      if ((value == "arn:aws:s3" || value == "arn:aws:s3:::" || value == "arn:aws:lambda" ||
           value == "arn:aws:dynamodb") &&
          has_type(record, of)) {
        return true;
      }
      for (const auto& name : names_of(record, of)) {
        if (name == value || (type == "AWS::S3::Object" && name.starts_with(value)) ||
            (is_table && name.starts_with(std::string(value) + "/stream/"))) {
          return true;
        }
      }
    }
  }
  return false;
}

inline bool basic_takes(const json::object& selector, const json::object& record, std::string_view category,
                 bool read_only) {
  const auto kind = json::find_string(selector, "ReadWriteType").value_or("All");
  if (kind != "All" && read_only != (kind == "ReadOnly")) {
    return false;
  }
  if (category == "Management") {
    const auto* excluded = json::find_array(selector, "ExcludeManagementEventSources");
    const auto source = text_at(record, "eventSource");
    return json::find_bool(selector, "IncludeManagementEvents").value_or(true) &&
           (excluded == nullptr || std::ranges::none_of(*excluded, [&](const json::value& one) {
              return json::text_of(one.get_string()) == source;
            }));
  }
  const auto* data = json::find_array(selector, "DataResources");
  return category == "Data" && data != nullptr && std::ranges::any_of(*data, [&](const json::value& wanted) {
           return resource_taken(wanted.as_object(), record);
         });
}

// Kinds of selectors as PutEventSelectors takes them: {"EventSelectors":[…]} or {"AdvancedEventSelectors":[…]}.
inline bool plainly_takes(const json::object& selectors, const json::object& record, std::string_view category,
                   bool read_only) {
  const auto any = [&](std::string_view member, auto takes) {
    const auto* list = json::find_array(selectors, member);
    return list != nullptr && std::ranges::any_of(*list, [&](const json::value& one) {
             return takes(one.as_object(), record, category, read_only);
           });
  };
  return any("EventSelectors", basic_takes) || any("AdvancedEventSelectors", advanced_takes);
}

}  // namespace cairn::delivery::testing
