// One line of a statement's Condition block: an operator, a key, the values: {"StringEquals":
// {"aws:SourceAccount": ["111122223333"]}}.
//
// Operators: String{Equals,NotEquals,EqualsIgnoreCase,NotEqualsIgnoreCase,Like,NotLike},
// Arn{Equals,NotEquals,Like,NotLike}, Bool,
// Numeric{Equals,NotEquals,LessThan,LessThanEquals,GreaterThan,GreaterThanEquals}, Date{the same}, IpAddress,
// NotIpAddress, BinaryEquals, Null; all but Null with IfExists; all with ForAllValues: or ForAnyValue: in
// front. Policy variables work in String…, Arn… and Bool.
//
// Without a set prefix: a positive operator holds if any value of the key matches any value of the policy; a
// negated one if none does. A key that is not in the request fails a positive operator and satisfies a
// negated one, ForAllValues and IfExists. For the set prefixes, a key with no value but empty ones is not
// there either. Tags that are alike but for case ("env", "ENV") are one key with several values, since names of
// keys have no case: to allow something a condition must hold of each of them alone, to deny it of one. A value;
// any thread. Tested by condition_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "access/context.h"
#include "access/pattern.h"
#include "base/result.h"

namespace cairn::access {

class Condition {
 public:
  // Errc::invalid: there is no such operator (subject: "operator"), or a value it cannot read (subject:
  // "value").
  static Result<Condition> compile(std::string_view operator_name, std::string_view key,
                                   const std::vector<std::string>& values, bool variables);

  // To allow something, a negated operator holds only if all the variables it compares with have values.
  bool holds(const Context& context, bool to_allow = false) const;
  // Its key, and the variables of its values.
  std::vector<std::string> keys() const;

  enum class Family : std::uint8_t { string, arn, boolean, number, date, address, binary, null };
  enum class Relation : std::uint8_t { equal, less, less_equal, greater, greater_equal };
  // A named operator, without prefix and suffix.
  struct Operator {
    std::string_view name;
    Family family;
    bool negated = false;
    Relation relation = Relation::equal;
    bool wildcards = false;
    bool fold_case = false;
  };

 private:
  enum class Set : std::uint8_t { none, all, any };
  // 16 bytes of address (IPv4 is mapped into IPv6) and how many of its bits count.
  struct Network {
    std::string address;
    int bits = 128;
  };
  // By family: string, and boolean with a variable; arn; number and date (milliseconds); address; boolean and
  // null; binary.
  using Value = std::variant<Pattern, ArnPattern, double, Network, bool, std::string>;

  static Result<Value> read_value(const Operator& op, std::string_view text, bool variables);
  static Result<Network> read_network(std::string_view text);
  bool is_missing(const Context::Values* values) const;
  bool resolves(const Context& context) const;
  bool holds_of(const Context::Values& asked, const Context& context) const;
  bool null_holds(const Context::Values* values) const;
  bool single_holds(std::string_view value, const Context& context) const;
  bool matches(const Value& value, std::string_view asked, const Context& context) const;
  bool compares(double asked, double value) const;

  const Operator* operator_ = nullptr;  // into a table that lives as long as the program
  Set set_ = Set::none;
  bool if_exists_ = false;
  std::string key_;
  bool of_a_tag_ = false;  // aws:RequestTag/KEY and its like
  std::vector<Value> values_;
};

}  // namespace cairn::access
