// Tested by public_policy_test.cc.
#include "services/s3/public_policy.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "codec/headers.h"
#include "json/json.h"

namespace cairn::services::s3 {
namespace {

// Whose fixed value makes a grant to everybody one to somebody.
constexpr std::array<std::string_view, 14> kPinningKeys = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceorgid",
    "aws:userid",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgpaths",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id"};
// Conditions that hold only for a value that is given; negated ones and those with IfExists do not pin.
constexpr std::array<std::string_view, 6> kPinningOperators = {"stringequals", "stringequalsignorecase",
                                                               "stringlike",   "arnequals",
                                                               "arnlike",      "ipaddress"};
// Wider networks than these are everybody.
constexpr int kAddressBitsMin = 8;
constexpr int kLongAddressBitsMin = 32;  // of IPv6

template <class Visit>
bool any_of_one_or_many(const json::value& given, Visit visit) {
  if (const auto* list = given.if_array()) {
    return std::ranges::any_of(*list, visit);
  }
  return visit(given);
}

bool is_everybody(const json::value& principal) {
  return any_of_one_or_many(principal, [](const json::value& one) {
    if (const auto* kinds = one.if_object()) {
      return std::ranges::any_of(*kinds, [](const auto& kind) {
        return kind.key() == "AWS" && any_of_one_or_many(kind.value(), [](const json::value& who) {
                 return who.is_string() && std::string_view(who.get_string()) == "*";
               });
      });
    }
    return one.is_string() && std::string_view(one.get_string()) == "*";
  });
}

bool is_wide_network(std::string_view network) {
  const auto slash = network.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const auto digits = network.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const int bits_min = network.find(':') == std::string_view::npos ? kAddressBitsMin : kLongAddressBitsMin;
  return error != std::errc{} || end != digits.data() + digits.size() || bits < bits_min;
}

// "logs-*" and "${aws:username}" are no fixed values.
bool is_fixed(const json::value& value) {
  if (!value.is_string()) {
    return false;
  }
  const std::string_view text = value.get_string();
  return !text.empty() && text.find_first_of("*?") == std::string_view::npos &&
         text.find("${") == std::string_view::npos;
}

bool pins(std::string_view comparison, std::string_view key, const json::value& values) {
  const auto lowered = codec::lower(key);
  const auto how = codec::lower(comparison);
  if (std::ranges::find(kPinningOperators, how) == kPinningOperators.end()) {
    return false;
  }
  if (lowered == "aws:sourceip") {
    return how == "ipaddress" && !any_of_one_or_many(values, [](const json::value& one) {
             return !one.is_string() || is_wide_network(one.get_string());
           });
  }
  const bool known = std::ranges::find(kPinningKeys, lowered) != kPinningKeys.end();
  const bool one_is_loose =
      any_of_one_or_many(values, [](const json::value& one) { return !is_fixed(one); });
  return known && !one_is_loose;
}

bool is_pinned(const json::object& statement) {
  const auto* conditions = json::find_object(statement, "Condition");
  if (conditions == nullptr) {
    return false;
  }
  return std::ranges::any_of(*conditions, [](const auto& condition) {
    const auto* keys = condition.value().if_object();
    return keys != nullptr && std::ranges::any_of(*keys, [&](const auto& key) {
             return pins(condition.key(), key.key(), key.value());
           });
  });
}

bool is_public_statement(const json::value& value) {
  const auto* statement = value.if_object();
  if (statement == nullptr) {
    return true;
  }
  if (json::find_string(*statement, "Effect") != "Allow") {
    return false;
  }
  const auto* principal = json::find(*statement, "Principal");
  const bool everybody = principal == nullptr || is_everybody(*principal);  // none: NotPrincipal
  return everybody && !is_pinned(*statement);
}

}  // namespace

bool is_public_policy(std::string_view policy) {
  const auto parsed = json::parse_object(policy);
  const auto* statements = parsed ? json::find(*parsed, "Statement") : nullptr;
  return statements == nullptr || any_of_one_or_many(*statements, is_public_statement);
}

}  // namespace cairn::services::s3
