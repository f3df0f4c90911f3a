#include "aws/validate.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "aws/scalars.h"
#include "codec/utf8.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

bool is_simple(const Shape& shape) {
  return shape.kind != Kind::structure && shape.kind != Kind::list && shape.kind != Kind::map;
}

bool fits(const Shape& shape, const value& given) {
  switch (shape.kind) {
    case Kind::structure:
      return given.is_object() || shape.document;
    case Kind::map:
      return given.is_object();
    case Kind::list:
      return given.is_array();
    case Kind::string:
    case Kind::blob:
      return given.is_string();
    case Kind::boolean:
      return given.is_bool();
    case Kind::integer:
    case Kind::long_integer:
      return given.is_int64();
    case Kind::floating:
      return given.is_number() || given.is_string();
    case Kind::timestamp:
      return given.is_number();
  }
  return false;
}

// Characters of a text, bytes of a blob, items of a collection.
std::size_t length_of(const Shape& shape, const value& given) {
  if (given.is_array()) {
    return given.get_array().size();
  }
  if (given.is_object()) {
    return given.get_object().size();
  }
  const std::string_view text = given.get_string();
  if (shape.kind == Kind::blob) {
    const auto padding = text.size() - std::min(text.find('='), text.size());
    return text.size() / 4 * 3 - std::min<std::size_t>(padding, 2);
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_number_kind(Kind kind) {
  return kind == Kind::integer || kind == Kind::long_integer || kind == Kind::floating;
}

// What a value breaks, or all that its shape asks for.
class Constraints {
 public:
  explicit Constraints(const Shape& shape, bool name_values) : shape_(shape), name_values_(name_values) {}

  std::vector<std::string> broken_by(const value& given) const {
    std::vector<std::string> out;
    const bool text = shape_.kind == Kind::string;
    if (text && shape_.pattern && !shape_.pattern->matches(std::string_view(given.get_string()))) {
      out.push_back(pattern());
    }
    if (const auto measured = measure(given)) {
      if (shape_.max && *measured > *shape_.max) {
        out.push_back(bound(*shape_.max, "less"));
      }
      if (shape_.min && *measured < *shape_.min) {
        out.push_back(bound(*shape_.min, "greater"));
      }
    }
    if (text && !shape_.values.empty() &&
        std::ranges::find(shape_.values, std::string_view(given.get_string())) == shape_.values.end()) {
      out.push_back(values());
    }
    return out;
  }

  // In the order in which AWS lists them for the elements of a list.
  std::string all() const {
    std::vector<std::string> out;
    if (shape_.max && measurable()) {
      out.push_back(bound(*shape_.max, "less"));
    }
    if (shape_.min && measurable()) {
      out.push_back(bound(*shape_.min, "greater"));
    }
    if (shape_.pattern) {
      out.push_back(pattern());
    }
    if (!shape_.values.empty()) {
      out.push_back(values());
    }
    return fmt::format("[{}]", fmt::join(out, ", "));
  }

 private:
  bool measurable() const { return shape_.kind != Kind::boolean && shape_.kind != Kind::timestamp; }

  std::optional<double> measure(const value& given) const {
    if (is_number_kind(shape_.kind)) {
      return given.is_number() ? std::optional(given.to_number<double>()) : std::nullopt;
    }
    return measurable() ? std::optional(static_cast<double>(length_of(shape_, given))) : std::nullopt;
  }

  std::string bound(double limit, std::string_view which) const {
    const auto number =
        shape_.kind == Kind::floating ? fmt::format("{:.1f}", limit) : fmt::format("{:.0f}", limit);
    return fmt::format("Member must have {} {} than or equal to {}",
                       is_number_kind(shape_.kind) ? "value" : "length", which, number);
  }

  std::string pattern() const {
    return fmt::format("Member must satisfy regular expression pattern: {}", shape_.pattern->text());
  }

  std::string values() const {
    return name_values_
               ? fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape_.values, ", "))
               : "Member must satisfy enum value set";
  }

  const Shape& shape_;
  bool name_values_;
};

// A value as Java's toString() shows it: Tag(key=a, value=null).
std::string shown(const Member& use, const value& given) {
  if (use.sensitive) {
    return "***";
  }
  if (given.is_null()) {
    return "null";
  }
  std::string out;
  if (given.is_array() && use.shape->kind == Kind::list) {
    for (const auto& item : given.get_array()) {
      out += (out.empty() ? "" : ", ") + shown(use.shape->element, item);
    }
    return "[" + out + "]";
  }
  if (given.is_object() && use.shape->kind == Kind::map) {
    for (const auto& [key, item] : given.get_object()) {
      out += fmt::format("{}{}={}", out.empty() ? "" : ", ", std::string_view(key),
                         shown(use.shape->element, item));
    }
    return "{" + out + "}";
  }
  if (given.is_object() && use.shape->kind == Kind::structure) {
    for (const auto& member : use.shape->members) {
      const auto* found = given.get_object().if_contains(member.name);
      out += fmt::format("{}{}={}", out.empty() ? "" : ", ", lower_first(member.name),
                         found == nullptr ? "null" : shown(member, *found));
    }
    return fmt::format("{}({})", use.shape->name, out);
  }
  return scalar_text(use, given, TimestampFormat::iso8601).value_or("");
}

class Checker {
 public:
  Checker(Family family, const Operation& operation, const Exempt& exempt)
      : family_(family), exempt_(exempt), hides_values_(operation.service->hides_values) {}

  Result<void, Fault> check(const Shape& shape, const object& input) {
    members(shape, input, "");
    if (misfit_) {
      return fault::serialization(family_, "Unexpected field type");
    }
    if (errors_.empty()) {
      return {};
    }
    return fault::validation(family_, fmt::format("{} validation error{} detected: {}", errors_.size(),
                                                  errors_.size() == 1 ? "" : "s", fmt::join(errors_, "; ")));
  }

 private:
  bool enough() const { return misfit_ || errors_.size() >= ValidationLimits::kErrorsMax; }

  void members(const Shape& shape, const object& given, const std::string& path) {
    for (const auto& member : shape.members) {
      if (enough() || (path.empty() && exempt_ && exempt_(member.name))) {
        continue;
      }
      const auto at = path.empty() ? lower_first(member.name) : path + "." + lower_first(member.name);
      const auto* found = given.if_contains(member.name);
      if (found != nullptr && !found->is_null()) {
        one(member, *found, at);
      } else if (member.required && !member.streaming) {
        errors_.push_back(
            fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", at));
      }
    }
  }

  void one(const Member& use, const value& given, const std::string& at) {
    const auto& shape = *use.shape;
    if (!fits(shape, given)) {
      misfit_ = true;
      return;
    }
    for (const auto& broken : Constraints(shape, !hides_values_).broken_by(given)) {
      add(use, given, at, broken);
    }
    if (shape.kind == Kind::structure && !shape.document) {
      members(shape, given.get_object(), at);
    } else if (shape.kind == Kind::list) {
      list(use, given.get_array(), at);
    } else if (shape.kind == Kind::map) {
      map(use, given.get_object(), at);
    }
  }

  // Simple elements are spoken of together; others one by one.
  void list(const Member& use, const array& items, const std::string& at) {
    const auto& element = use.shape->element;
    if (is_simple(*element.shape)) {
      const auto breaks = [&](const value& item) { return this->breaks(element, item); };
      if (std::ranges::any_of(items, breaks)) {
        add(use, value(items), at,
            "Member must satisfy constraint: " + Constraints(*element.shape, !hides_values_).all());
      }
      return;
    }
    std::size_t number = 0;
    for (const auto& item : items) {
      if (++number; !enough() && !item.is_null()) {
        one(element, item, fmt::format("{}.{}.member", at, number));
      }
    }
  }

  void map(const Member& use, const object& entries, const std::string& at) {
    const auto& shape = *use.shape;
    const auto bad_key = [&](const auto& entry) {
      return breaks(shape.key, value(boost::json::string(entry.key())));
    };
    if (std::ranges::any_of(entries, bad_key)) {
      add(use, value(entries), at,
          "Map keys must satisfy constraint: " + Constraints(*shape.key.shape, !hides_values_).all());
    }
    if (is_simple(*shape.element.shape)) {
      const auto bad_value = [&](const auto& entry) { return breaks(shape.element, entry.value()); };
      if (std::ranges::any_of(entries, bad_value)) {
        add(use, value(entries), at,
            "Map value must satisfy constraint: " + Constraints(*shape.element.shape, !hides_values_).all());
      }
      return;
    }
    for (const auto& [key, item] : entries) {
      if (!enough() && !item.is_null()) {
        one(shape.element, item, fmt::format("{}.{}.member", at, std::string_view(key)));
      }
    }
  }

  bool breaks(const Member& use, const value& given) {
    if (given.is_null()) {
      return false;
    }
    if (!fits(*use.shape, given)) {
      misfit_ = true;
      return false;
    }
    return !Constraints(*use.shape, true).broken_by(given).empty();
  }

  void add(const Member& use, const value& given, const std::string& at, std::string_view constraint) {
    const bool hidden = hides_values_ || use.sensitive || use.shape->kind == Kind::blob;
    const auto text = hidden ? std::string() : shown(use, given);
    const auto quoted =
        hidden ? std::string()
               : fmt::format(" '{}'", codec::utf8_prefix(text, ValidationLimits::kShownBytesMax));
    errors_.push_back(
        fmt::format("Value{} at '{}' failed to satisfy constraint: {}", quoted, at, constraint));
  }

  Family family_;
  const Exempt& exempt_;
  bool hides_values_;
  bool misfit_ = false;
  std::vector<std::string> errors_;
};

}  // namespace

Result<void, Fault> validate(Family family, const Operation& operation, const object& input,
                             const Exempt& exempt) {
  if (operation.input.shape == nullptr) {
    return {};
  }
  return Checker(family, operation, exempt).check(*operation.input.shape, input);
}

}  // namespace cairn::aws
