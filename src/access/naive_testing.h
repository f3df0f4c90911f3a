// A second opinion for tests: AWS's evaluation logic once more, plain and slow, over the parsed JSON. It
// shares no code with policy, statement, condition, pattern, principals and decide; documents are taken to be
// valid.
#pragma once

#include <arpa/inet.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "access/principals.h"
#include "base/time.h"

namespace cairn::access::naive {

using boost::json::object;
using boost::json::value;
using Texts = std::vector<std::string>;
using Keys = std::map<std::string, Texts>;  // by name in lower case

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

inline Texts texts_of(const value& one_or_many) {
  Texts texts;
  const auto add = [&](const value& v) {
    texts.push_back(v.is_string() ? std::string(v.get_string()) : boost::json::serialize(v));
  };
  if (one_or_many.is_array()) {
    for (const auto& v : one_or_many.get_array()) {
      add(v);
    }
  } else {
    add(one_or_many);
  }
  return texts;
}

inline std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

// One character of a pattern. A wildcard of a part stops at colons.
struct Glyph {
  char c;
  bool wild = false;
  bool of_part = false;
};
using Glyphs = std::vector<Glyph>;

struct Found {
  std::string key;
  std::optional<std::string> otherwise;
  std::size_t end;
};
inline std::optional<Found> variable_at(std::string_view text, std::size_t at) {
  const auto close = text.find('}', at);
  if (text.substr(at, 2) != "${" || close == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string inside(text.substr(at + 2, close - at - 2));
  Found found{trimmed(inside), std::nullopt, close + 1};
  if (const auto comma = inside.find(','); comma != std::string::npos) {
    const auto rest = trimmed(inside.substr(comma + 1));
    if (rest.size() >= 2 && rest.front() == '\'' && rest.back() == '\'') {
      found.key = trimmed(inside.substr(0, comma));
      found.otherwise = rest.substr(1, rest.size() - 2);
    }
  }
  return found.key.empty() ? std::nullopt : std::optional(found);
}

// None: a variable has no value.
inline std::optional<Glyphs> expanded(std::string_view text, bool variables, const Keys& keys, bool wildcards,
                                      bool resource = false) {
  Glyphs out;
  int colons = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto found = variables ? variable_at(text, at) : std::nullopt) {
      at = found->end;
      std::string put = found->key;
      if (put != "*" && put != "?" && put != "$") {
        const auto known = keys.find(lower(put));
        const bool single = known != keys.end() && known->second.size() == 1;
        if (!single && !found->otherwise) {
          return std::nullopt;
        }
        put = single ? known->second[0] : *found->otherwise;
      }
      for (const char c : put) {
        out.push_back({c});
      }
      continue;
    }
    const char c = text[at++];
    colons += c == ':' ? 1 : 0;
    const bool ends = c == '*' && (at == text.size() || text[at] == ':');
    out.push_back({c, wildcards && (c == '*' || c == '?'), resource && colons < 5 && !ends});
  }
  return out;
}

inline std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t bytes = 1;
  if ((text[at] & 0xC0) == 0xC0) {
    while (bytes < 4 && at + bytes < text.size() && (text[at + bytes] & 0xC0) == 0x80) {
      ++bytes;
    }
  }
  return bytes;
}

// can[p][t]: does what is left of the pattern match what is left of the text?
inline bool matches(const Glyphs& pattern, std::string_view text) {
  std::vector<std::vector<char>> can(pattern.size() + 1, std::vector<char>(text.size() + 1, 0));
  can[pattern.size()][text.size()] = 1;
  for (std::size_t p = pattern.size(); p-- > 0;) {
    for (std::size_t t = text.size() + 1; t-- > 0;) {
      const auto& glyph = pattern[p];
      const bool blocked = t == text.size() || (glyph.of_part && text[t] == ':');
      if (glyph.wild && glyph.c == '*') {
        can[p][t] = can[p + 1][t] != 0 || (!blocked && can[p][t + 1] != 0) ? 1 : 0;
      } else if (glyph.wild) {
        can[p][t] = !blocked && can[p + 1][t + character_bytes(text, t)] != 0 ? 1 : 0;
      } else {
        can[p][t] = t < text.size() && text[t] == glyph.c && can[p + 1][t + 1] != 0 ? 1 : 0;
      }
    }
  }
  return can[0][0] != 0;
}

inline bool matches(const std::optional<Glyphs>& pattern, std::string_view text) {
  return pattern && matches(*pattern, text);
}

inline Texts split_arn(std::string_view text, bool variables) {
  Texts parts = {""};
  for (std::size_t at = 0; at < text.size();) {
    const auto found = variables ? variable_at(text, at) : std::nullopt;
    const auto end = found ? found->end : at + 1;
    if (!found && text[at] == ':' && parts.size() < 6) {
      parts.emplace_back();
    } else {
      parts.back() += text.substr(at, end - at);
    }
    at = end;
  }
  return parts;
}

// A pattern of an ARN operator, its variables filled in; none: one of them has no value.
inline std::optional<bool> arn_matches(const std::string& wanted, const std::string& asked, bool variables,
                                       const Keys& keys) {
  const auto whole = expanded(wanted, variables, keys, true);
  if (!whole) {
    return std::nullopt;
  }
  const auto variable = variables ? variable_at(wanted, 0) : std::nullopt;
  if (wanted == "*" || (variable && variable->end == wanted.size())) {
    return matches(*whole, asked);
  }
  auto parts = split_arn(wanted, variables);
  parts.resize(6, "");
  const auto given = split_arn(wanted, variables).size();
  const auto asked_parts = split_arn(asked, false);
  bool all = asked_parts.size() == 6 && asked_parts[0] == "arn";
  for (std::size_t i = 0; all && i < given; ++i) {
    all = matches(expanded(parts[i], variables, keys, true), asked_parts[i]);
  }
  return all;
}

inline std::optional<double> number(const std::string& text) {
  if (text.empty() || text[0] == '+' || text.find_first_not_of("0123456789+-.eE") != std::string::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  const double read = std::strtod(text.c_str(), &end);
  return errno == 0 && *end == 0 ? std::optional(read) : std::nullopt;
}

inline std::optional<double> date(const std::string& text) {
  for (const char* rest : {"", "-01-01T00:00:00Z", "-01T00:00:00Z", "T00:00:00Z"}) {
    if (const auto time = parse_rfc3339(text + rest)) {
      return static_cast<double>(time->time_since_epoch().count());
    }
  }
  if (text.size() > 16) {
    if (const auto time = parse_rfc3339(text.substr(0, 16) + ":00" + text.substr(16))) {
      return static_cast<double>(time->time_since_epoch().count());
    }
  }
  const auto seconds = number(text);
  return seconds ? std::optional(*seconds * 1000) : std::nullopt;
}

// The bits of an address as text, four bytes of IPv4 or sixteen of IPv6.
inline std::string address_bits(const std::string& text) {
  unsigned char bytes[16] = {};
  std::string bits;
  std::size_t count = inet_pton(AF_INET, text.c_str(), bytes) == 1    ? 4
                      : inet_pton(AF_INET6, text.c_str(), bytes) == 1 ? 16
                                                                      : 0;
  for (std::size_t i = 0; i < count * 8; ++i) {
    bits += (bytes[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
  }
  const std::string mapped = std::string(80, '0') + std::string(16, '1');
  return bits.size() == 128 && bits.starts_with(mapped) ? bits.substr(96) : bits;
}

inline bool address_matches(const std::string& wanted, const std::string& asked) {
  const auto slash = wanted.find('/');
  const auto text = wanted.substr(0, slash);
  auto network = address_bits(text);
  auto length = slash == std::string::npos ? -1 : std::atoi(wanted.substr(slash + 1).c_str());
  if (length >= 0 && network.size() == 32 &&
      text.find(':') != std::string::npos) {  // mapped, written as IPv6
    if (length < 96) {
      network = std::string(80, '0') + std::string(16, '1') + network;
    } else {
      length -= 96;
    }
  }
  const auto bits = address_bits(asked);
  const auto prefix = length < 0 ? network.size() : static_cast<std::size_t>(length);
  return !bits.empty() && bits.size() == network.size() &&
         bits.substr(0, prefix) == network.substr(0, prefix);
}

// Does one value of the request match one of the policy? None: a variable has no value.
inline std::optional<bool> value_matches(std::string_view op, const std::string& wanted,
                                         const std::string& asked, bool variables, const Keys& keys) {
  const auto relation = [&](const std::optional<double>& a, const std::optional<double>& b) {
    return a && b &&
           (op.ends_with("LessThan")            ? *a < *b
            : op.ends_with("LessThanEquals")    ? *a <= *b
            : op.ends_with("GreaterThan")       ? *a > *b
            : op.ends_with("GreaterThanEquals") ? *a >= *b
                                                : *a == *b);
  };
  if (op.starts_with("Numeric")) {
    return relation(number(asked), number(wanted));
  }
  if (op.starts_with("Date")) {
    return relation(date(asked), date(wanted));
  }
  if (op.starts_with("Arn")) {
    return arn_matches(wanted, asked, variables, keys);
  }
  if (op.ends_with("IpAddress")) {
    return address_matches(wanted, asked);
  }
  if (op == "BinaryEquals") {
    return wanted == asked;
  }
  auto pattern = expanded(wanted, variables, keys, op.ends_with("Like"));
  if (!pattern) {
    return std::nullopt;
  }
  const bool fold = op.ends_with("IgnoreCase") || op == "Bool";
  for (auto& glyph : *pattern) {
    glyph.c = fold ? lower(std::string(1, glyph.c))[0] : glyph.c;
  }
  const auto text = fold ? lower(asked) : asked;
  return matches(*pattern, text) && (op != "Bool" || text == "true" || text == "false");
}

inline bool condition_holds(std::string op, std::string_view key, const Texts& wanted, const Keys& keys,
                            bool variables, bool allows) {
  const bool all = op.starts_with("ForAllValues:");
  const bool any = op.starts_with("ForAnyValue:");
  op = all ? op.substr(13) : any ? op.substr(12) : op;
  const bool if_exists = op.ends_with("IfExists");
  op = if_exists ? op.substr(0, op.size() - 8) : op;
  const bool negated = op.find("Not") != std::string::npos;
  const auto found = keys.find(lower(key));
  const auto asked = found == keys.end() ? Texts{} : found->second;
  if (op == "Null") {
    return std::ranges::any_of(wanted, [&](const auto& w) { return (lower(w) == "true") == asked.empty(); });
  }
  const bool empty = std::ranges::all_of(asked, [](const auto& text) { return text.empty(); });
  if (asked.empty() || ((all || any) && empty)) {
    return if_exists || all || (negated && !any);
  }
  bool unresolved = false;
  Texts holding;
  for (const auto& text : asked) {
    bool matched = false;
    for (const auto& one : wanted) {
      const auto match = value_matches(op, one, text, variables, keys);
      unresolved |= !match.has_value();
      matched |= match.value_or(false);
    }
    if (matched != negated) {
      holding.push_back(text);
    }
  }
  if (negated && allows && unresolved) {
    return false;
  }
  return all || (negated && !any) ? holding.size() == asked.size() : !holding.empty();
}

}  // namespace cairn::access::naive
