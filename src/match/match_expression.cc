// AWS says what is wrong in the order in which it comes upon it; so do these, which is why a second member is
// found out only after the first has been read.
#include "match/match_expression.h"

#include <algorithm>
#include <limits>

#include "match/number.h"
#include "match/wildcard.h"

namespace cairn::match {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::string_view kOneKey = "Only one key allowed in match expression";
constexpr std::string_view kTooMany = "Too many elements in numeric expression";

Result<void> only_member(const Node& object, std::string_view otherwise = kOneKey) {
  return object.items.size() == 1 ? Result<void>() : refused(std::string(otherwise));
}

Test equals(const std::string& text) {
  if (const auto address = parse_address(text)) {
    return {.op = Op::address, .addresses = {*address, *address}};
  }
  return {.op = Op::equals, .text = text};
}

Test number_test(double number) {
  return {.op = Op::number, .range = {.low = number, .high = number}};
}

// A number without a value is compared as text; elsewhere than in a plain list that is refused.
Test plain_number(const std::string& text) {
  const auto number = comparable_number(text);
  return number ? number_test(*number) : Test{.op = Op::number_text, .text = text};
}

Result<double> number_operand(const Node* node, std::string_view whose) {
  if (node == nullptr || node->kind != Kind::number) {
    return refused("Value of " + std::string(whose) + " must be numeric");
  }
  if (const auto number = comparable_number(node->text)) {
    return *number;
  }
  return refused("Cannot compare number : " + node->text);
}

Result<std::string> text_operand(const Node& node, std::string_view what) {
  if (node.kind != Kind::string) {
    return refused(std::string(what) + " match pattern must be a string");
  }
  return node.text;
}

Result<Test> affix(Op op, std::string_view name, const Node& node) {
  if (node.kind != Kind::object) {
    CAIRN_TRY(auto text, text_operand(node, name));
    return Test{.op = op, .text = std::move(text)};
  }
  if (node.items.empty()) {
    return refused(std::string(op == Op::prefix ? "Prefix" : "Suffix") + " expression name not found");
  }
  if (node.names[0] != "equals-ignore-case") {
    return refused("Unsupported " + std::string(name) + " pattern: " + node.names[0]);
  }
  CAIRN_TRY(auto text, text_operand(node.items[0], "equals-ignore-case"));
  CAIRN_TRY_VOID(only_member(node));
  return Test{.op = op, .ignore_case = true, .text = std::move(text)};
}

Result<Test> wildcard(const Node& node) {
  CAIRN_TRY(const auto text, text_operand(node, "wildcard"));
  CAIRN_TRY(auto segments, parse_wildcard(text));
  return Test{.op = Op::wildcard, .segments = std::move(segments)};
}

Result<Test> exists(const Node& node) {
  if (node.kind != Kind::literal || node.text == "null") {
    return refused("exists match pattern must be either true or false.");
  }
  return Test{.op = node.text == "true" ? Op::exists : Op::absent};
}

Result<Test> cidr(const Node& node) {
  CAIRN_TRY(const auto text, text_operand(node, "prefix"));  // AWS says so
  CAIRN_TRY(const auto range, parse_cidr(text));
  return Test{.op = Op::address, .addresses = range};
}

// An array's element as AWS names it; what an end of the array is called, if it has none there.
std::string named(const Node* node) {
  if (node == nullptr) {
    return "]";
  }
  return node->kind == Kind::object ? "{" : node->kind == Kind::array ? "[" : node->text;
}

const Node* item(const Node& array, std::size_t index) {
  return index < array.items.size() ? &array.items[index] : nullptr;
}

// What may follow [">", 0 …
Result<void> upper_bound(const Node& array, Range& range) {
  const Node* const sign = item(array, 2);
  if (sign == nullptr) {
    return {};
  }
  if (sign->kind != Kind::string) {
    return refused("Bad value in numeric range: " + named(sign));
  }
  if (sign->text != "<" && sign->text != "<=") {
    return refused("Bad numeric range operator: " + sign->text);
  }
  range.open_high = sign->text == "<";
  CAIRN_TRY(range.high, number_operand(item(array, 3), sign->text));
  if (array.items.size() > 4) {
    return refused("Too many terms in numeric range expression");
  }
  return range.low < range.high ? Result<void>() : refused("Bottom must be less than top");
}

// ["=", 5], [">", 0], [">=", 0, "<", 5], …
Result<Test> numeric(const Node& node) {
  if (node.kind != Kind::array) {
    return refused("Value of numeric must be an array.");
  }
  const Node* const first = item(node, 0);
  if (first == nullptr || first->kind != Kind::string) {
    return refused("Invalid member in numeric match: " + named(first));
  }
  const auto& sign = first->text;
  Range range{.low = -kInfinity, .high = kInfinity};
  if (sign == ">" || sign == ">=") {
    range.open_low = sign == ">";
    CAIRN_TRY(range.low, number_operand(item(node, 1), sign));
    CAIRN_TRY_VOID(upper_bound(node, range));
    return Test{.op = Op::number, .range = range};
  }
  if (sign != "=" && sign != "<" && sign != "<=") {
    return refused("Unrecognized numeric range operator: " + sign);
  }
  CAIRN_TRY(range.high, number_operand(item(node, 1), sign == "=" ? "equals" : sign));
  range.low = sign == "=" ? range.high : range.low;
  range.open_high = sign == "<";
  if (node.items.size() > 2) {
    return refused(std::string(kTooMany));
  }
  return Test{.op = Op::number, .range = range};
}

// What may stand in anything-but itself: strings or numbers.
Result<Test> excluded_value(const Node& node) {
  if (node.kind == Kind::string) {
    return Test{.op = Op::equals, .text = node.text};
  }
  if (node.kind != Kind::number) {
    return refused("Inside anything but list, start|null|boolean is not supported.");
  }
  CAIRN_TRY(const auto number, number_operand(&node, "anything-but"));
  return number_test(number);
}

// What may stand in anything-but's prefix, suffix, equals-ignore-case and wildcard: strings.
Result<Test> excluded_text(std::string_view name, const Node& node) {
  if (name == "wildcard") {
    return wildcard(node);
  }
  if (name == "equals-ignore-case") {
    return node.kind == Kind::string
               ? Result<Test>(Test{.op = Op::equals, .ignore_case = true, .text = node.text})
               : refused(
                     "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not "
                     "supported.");
  }
  if (node.kind != Kind::string) {
    return refused("prefix/suffix match pattern must be a string");
  }
  if (node.text.empty()) {
    return refused("Null prefix/suffix not allowed");
  }
  return Test{.op = name == "prefix" ? Op::prefix : Op::suffix, .text = node.text};
}

// A value or a list of them, each read by `read`.
template <class Read>
Result<Test> anything_but_these(const Node& node, Read read) {
  Test test{.op = Op::anything_but};
  if (node.kind == Kind::object || node.kind == Kind::literal) {
    return refused("Value of anything-but must be an array or single string/number value.");
  }
  if (node.kind != Kind::array) {
    CAIRN_TRY(auto one, read(node));
    test.excluded.push_back(std::move(one));
    return test;
  }
  for (const auto& element : node.items) {
    CAIRN_TRY(auto one, read(element));
    test.excluded.push_back(std::move(one));
  }
  return test;
}

Result<Test> anything_but(const Node& node) {
  if (node.kind == Kind::object) {
    if (node.items.empty()) {
      return refused("Anything-But expression name not found");
    }
    const auto& name = node.names[0];
    if (name != "prefix" && name != "suffix" && name != "equals-ignore-case" && name != "wildcard") {
      return refused("Unsupported anything-but pattern: " + name);
    }
    const auto read = [&](const Node& one) { return excluded_text(name, one); };
    CAIRN_TRY(auto test, anything_but_these(node.items[0], read));
    CAIRN_TRY_VOID(only_member(node, kTooMany));
    return test;
  }
  CAIRN_TRY(auto test, anything_but_these(node, excluded_value));
  const auto numbers = std::ranges::count(test.excluded, Op::number, &Test::op);
  if (test.excluded.empty() || (numbers != 0 && static_cast<std::size_t>(numbers) != test.excluded.size())) {
    return refused(
        "Inside anything but list, either all values are number or string, mixed type is not supported");
  }
  return test;
}

Result<Test> operation(std::string_view name, const Node& node) {
  if (name == "exactly" || name == "equals-ignore-case") {
    CAIRN_TRY(auto text, text_operand(node, name == "exactly" ? "exact" : name));
    return Test{.op = Op::equals, .ignore_case = name != "exactly", .text = std::move(text)};
  }
  if (name == "prefix" || name == "suffix") {
    return affix(name == "prefix" ? Op::prefix : Op::suffix, name, node);
  }
  if (name == "wildcard") {
    return wildcard(node);
  }
  if (name == "exists") {
    return exists(node);
  }
  if (name == "cidr") {
    return cidr(node);
  }
  if (name == "numeric") {
    return numeric(node);
  }
  if (name == "anything-but") {
    return anything_but(node);
  }
  return refused("Unrecognized match type " + std::string(name));
}

}  // namespace

Result<Test> read_test(const Node& node) {
  switch (node.kind) {
    case Kind::string:
      return equals(node.text);
    case Kind::number:
      return plain_number(node.text);
    case Kind::literal:
      return Test{.op = Op::literal, .text = node.text};
    case Kind::array:
      return refused("Match value must be String, number, true, false, or null");
    case Kind::object:
      break;
  }
  if (node.items.empty()) {
    return refused("Match expression name not found");
  }
  const auto& name = node.names[0];
  CAIRN_TRY(auto test, operation(name, node.items[0]));
  CAIRN_TRY_VOID(only_member(node, name == "numeric" || name == "anything-but" ? kTooMany : kOneKey));
  return test;
}

}  // namespace cairn::match
