#include "access/condition.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/time.h"
#include "codec/base64.h"
#include "codec/headers.h"

namespace cairn::access {

namespace {

using Operator = Condition::Operator;

// clang-format off
constexpr auto operators() {
  using enum Condition::Family;
  using enum Condition::Relation;
  return std::array{
      Operator{"StringEquals",              string},
      Operator{"StringNotEquals",           string, true},
      Operator{"StringEqualsIgnoreCase",    string, false, equal, false, true},
      Operator{"StringNotEqualsIgnoreCase", string, true,  equal, false, true},
      Operator{"StringLike",                string, false, equal, true},
      Operator{"StringNotLike",             string, true,  equal, true},
      Operator{"ArnEquals",                 arn},
      Operator{"ArnNotEquals",              arn, true},
      Operator{"ArnLike",                   arn},
      Operator{"ArnNotLike",                arn, true},
      Operator{"Bool",                      boolean},
      Operator{"NumericEquals",             number},
      Operator{"NumericNotEquals",          number, true},
      Operator{"NumericLessThan",           number, false, less},
      Operator{"NumericLessThanEquals",     number, false, less_equal},
      Operator{"NumericGreaterThan",        number, false, greater},
      Operator{"NumericGreaterThanEquals",  number, false, greater_equal},
      Operator{"DateEquals",                date},
      Operator{"DateNotEquals",             date, true},
      Operator{"DateLessThan",              date, false, less},
      Operator{"DateLessThanEquals",        date, false, less_equal},
      Operator{"DateGreaterThan",           date, false, greater},
      Operator{"DateGreaterThanEquals",     date, false, greater_equal},
      Operator{"IpAddress",                 address},
      Operator{"NotIpAddress",              address, true},
      Operator{"BinaryEquals",              binary},
      Operator{"Null",                      null},
  };
}
// clang-format on
constexpr auto kOperators = operators();

const Operator* find_operator(std::string_view name) {
  const auto* const found = std::ranges::find(kOperators, name, &Operator::name);
  return found == kOperators.end() ? nullptr : found;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  const bool there = text.starts_with(prefix);
  text.remove_prefix(there ? prefix.size() : 0);
  return there;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  const bool there = text.ends_with(suffix);
  text.remove_suffix(there ? suffix.size() : 0);
  return there;
}

// "aws:RequestTag/env", "s3:ExistingObjectTag/env".
bool names_a_tag(std::string_view key) {
  constexpr std::string_view kEnd = "tag";
  const auto slash = key.find('/');
  return slash != std::string_view::npos && slash >= kEnd.size() &&
         codec::equals_ignore_case(key.substr(slash - kEnd.size(), kEnd.size()), kEnd);
}

std::optional<double> to_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value - value == 0 ? std::optional(value) : std::nullopt;  // neither infinite nor a NaN
}

// The forms of W3C's note on ISO 8601, made whole: a year, a month, a day, a minute or a second with its
// zone.
std::string whole_date(std::string_view text) {
  constexpr std::string_view kFirstMoment = "0000-01-01T00:00:00Z";
  if (text.size() == 4 || text.size() == 7 || text.size() == 10) {
    return std::string(text) + std::string(kFirstMoment.substr(text.size()));
  }
  constexpr std::size_t kMinute = std::string_view("2026-03-02T10:15").size();
  const bool without_seconds = text.size() > kMinute && text[kMinute] != ':';
  return without_seconds ? std::string(text.substr(0, kMinute)) + ":00" + std::string(text.substr(kMinute))
                         : std::string(text);
}

// "2026-03-02T10:15:00Z" or a shorter form, or seconds since 1970; four digits are a year. In milliseconds:
// exact in a double for the next 280,000 years.
std::optional<double> to_date(std::string_view text) {
  const auto time = parse_rfc3339(whole_date(text));
  if (time) {
    return static_cast<double>(time->time_since_epoch().count());
  }
  const auto seconds = to_number(text);
  return seconds ? std::optional(*seconds * 1000) : std::nullopt;
}

std::optional<bool> to_bool(std::string_view text) {
  if (codec::equals_ignore_case(text, "true")) {
    return true;
  }
  return codec::equals_ignore_case(text, "false") ? std::optional(false) : std::nullopt;
}

// IPv4 as ::ffff:a.b.c.d, so that both compare as 128 bits.
std::optional<std::string> to_address(std::string_view text) {
  const std::string zero_ended(text);
  std::array<unsigned char, 16> bytes{};
  if (zero_ended.size() != std::string_view(zero_ended.c_str()).size()) {
    return std::nullopt;
  }
  if (inet_pton(AF_INET, zero_ended.c_str(), bytes.data() + 12) == 1) {
    bytes[10] = bytes[11] = 0xFF;
  } else if (inet_pton(AF_INET6, zero_ended.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  return std::string(bytes.begin(), bytes.end());
}

constexpr int kMappedBits = 96;  // of an IPv6 address, before the IPv4 address that is mapped into it

bool is_ipv4(std::string_view address) {
  return address.starts_with(std::string_view("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12));
}

bool same_bits(std::string_view a, std::string_view b, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto at = static_cast<std::size_t>(i / 8);
    const auto mask = static_cast<unsigned char>(0x80U >> static_cast<unsigned>(i % 8));
    if ((static_cast<unsigned char>(a[at] ^ b[at]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

Error unreadable(const Operator& op, std::string_view text) {
  return {Errc::invalid,
          std::string("Invalid value for condition type ").append(op.name).append(" : ").append(text),
          "value"};
}

}  // namespace

Result<Condition::Network> Condition::read_network(std::string_view text) {
  const auto slash = text.find('/');
  auto address = to_address(text.substr(0, slash));
  if (!address) {
    return Error{Errc::invalid, "no IP address", std::string(text)};
  }
  const bool v4 = text.find(':') == std::string_view::npos;
  int bits = v4 ? 32 : 128;
  const int most = bits;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > most) {
      return Error{Errc::invalid, "no prefix length", std::string(text)};
    }
  }
  return Network{.address = *std::move(address), .bits = v4 ? bits + kMappedBits : bits};
}

Result<Condition::Value> Condition::read_value(const Operator& op, std::string_view text, bool variables) {
  const auto or_unreadable = [&](auto read) -> Result<Value> {
    return read ? Result<Value>(Value(*read)) : unreadable(op, text);
  };
  switch (op.family) {
    case Family::string:
      return Value(Pattern::compile(
          text, {.wildcards = op.wildcards, .variables = variables, .fold_case = op.fold_case}));
    case Family::arn:
      return Value(ArnPattern::compile(text, variables));
    case Family::boolean:
      if (variables && text.find("${") != std::string_view::npos) {
        return Value(Pattern::compile(text, {.wildcards = false, .fold_case = true}));
      }
      return or_unreadable(to_bool(text));
    case Family::null:
      return or_unreadable(to_bool(text));
    case Family::number:
      return or_unreadable(to_number(text));
    case Family::date:
      return or_unreadable(to_date(text));
    case Family::address: {
      auto network = read_network(text);
      return network ? Result<Value>(Value(*std::move(network))) : unreadable(op, text);
    }
    case Family::binary:
      // Decoding is strict: two texts that it reads are equal exactly if their bytes are.
      return codec::base64_decode(text) ? Result<Value>(Value(std::string(text))) : unreadable(op, text);
  }
  return unreadable(op, text);
}

Result<Condition> Condition::compile(std::string_view operator_name, std::string_view key,
                                     const std::vector<std::string>& values, bool variables) {
  auto name = operator_name;
  Condition made;
  made.key_ = key;
  made.of_a_tag_ = names_a_tag(key);
  if (take_prefix(name, "ForAllValues:")) {
    made.set_ = Set::all;
  } else if (take_prefix(name, "ForAnyValue:")) {
    made.set_ = Set::any;
  }
  made.if_exists_ = take_suffix(name, "IfExists");
  made.operator_ = find_operator(name);
  if (made.operator_ == nullptr || (made.if_exists_ && made.operator_->family == Family::null)) {
    return Error{Errc::invalid, "Invalid Condition type : " + std::string(operator_name), "operator"};
  }
  for (const auto& text : values) {
    CAIRN_TRY(auto value, read_value(*made.operator_, text, variables));
    made.values_.push_back(std::move(value));
  }
  return made;
}

// For ForAllValues and ForAnyValue an empty text is as good as none.
bool Condition::is_missing(const Context::Values* values) const {
  const auto empty = [](const std::string& value) { return value.empty(); };
  return values == nullptr || values->empty() || (set_ != Set::none && std::ranges::all_of(*values, empty));
}

std::vector<std::string> Condition::keys() const {
  std::vector<std::string> names = {key_};
  for (const auto& value : values_) {
    if (const auto* text = std::get_if<Pattern>(&value)) {
      std::ranges::copy(text->variables(), std::back_inserter(names));
    } else if (const auto* arn = std::get_if<ArnPattern>(&value)) {
      std::ranges::copy(arn->variables(), std::back_inserter(names));
    }
  }
  return names;
}

bool Condition::resolves(const Context& context) const {
  return std::ranges::all_of(values_, [&](const Value& value) {
    const auto* text = std::get_if<Pattern>(&value);
    const auto* arn = std::get_if<ArnPattern>(&value);
    return (text == nullptr || text->resolves(context)) && (arn == nullptr || arn->resolves(context));
  });
}

bool Condition::holds(const Context& context, bool to_allow) const {
  const auto* asked = context.find(key_);
  if (operator_->family == Family::null) {
    return null_holds(asked);
  }
  if (is_missing(asked)) {
    return if_exists_ || set_ == Set::all || (set_ == Set::none && operator_->negated);
  }
  if (to_allow && operator_->negated && !resolves(context)) {
    return false;
  }
  if (of_a_tag_ && asked->size() > 1) {
    const auto alone = [&](const std::string& value) { return holds_of({value}, context); };
    return to_allow ? std::ranges::all_of(*asked, alone) : std::ranges::any_of(*asked, alone);
  }
  return holds_of(*asked, context);
}

bool Condition::holds_of(const Context::Values& asked, const Context& context) const {
  const auto one = [&](const std::string& value) { return single_holds(value, context); };
  const bool every = set_ == Set::all || (set_ == Set::none && operator_->negated);
  return every ? std::ranges::all_of(asked, one) : std::ranges::any_of(asked, one);
}

bool Condition::null_holds(const Context::Values* values) const {
  const bool missing = values == nullptr || values->empty();
  return std::ranges::any_of(values_, [&](const Value& value) { return std::get<bool>(value) == missing; });
}

bool Condition::single_holds(std::string_view value, const Context& context) const {
  const bool matched =
      std::ranges::any_of(values_, [&](const Value& wanted) { return matches(wanted, value, context); });
  return matched != operator_->negated;
}

bool Condition::matches(const Value& value, std::string_view asked, const Context& context) const {
  switch (operator_->family) {
    case Family::string:
      return std::get<Pattern>(value).matches(asked, context);
    case Family::arn:
      return std::get<ArnPattern>(value).matches(asked, context);
    case Family::boolean:
      return std::holds_alternative<bool>(value)
                 ? to_bool(asked) == std::get<bool>(value)
                 : to_bool(asked) && std::get<Pattern>(value).matches(asked, context);
    case Family::number: {
      const auto number_asked = to_number(asked);
      return number_asked && compares(*number_asked, std::get<double>(value));
    }
    case Family::date: {
      const auto date_asked = to_date(asked);
      return date_asked && compares(*date_asked, std::get<double>(value));
    }
    case Family::address: {
      const auto address_asked = to_address(asked);
      const auto& network = std::get<Network>(value);
      return address_asked && (network.bits >= kMappedBits || !is_ipv4(*address_asked)) &&
             same_bits(*address_asked, network.address, network.bits);
    }
    case Family::binary:
      return std::get<std::string>(value) == asked;
    case Family::null:
      return false;  // null_holds has answered
  }
  return false;
}

bool Condition::compares(double asked, double value) const {
  switch (operator_->relation) {
    case Relation::equal:
      return asked == value;
    case Relation::less:
      return asked < value;
    case Relation::less_equal:
      return asked <= value;
    case Relation::greater:
      return asked > value;
    case Relation::greater_equal:
      return asked >= value;
  }
  return false;
}

}  // namespace cairn::access
