// Tested by tail_terms_test.cc.
#include "node/tail_terms.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "json/json.h"

namespace cairn::node {
namespace {

struct Term {
  std::string_view field;
  std::string_view values;
  bool excludes = false;
};

Result<Term> read_term(std::string_view text) {
  const auto mark = text.find('=');
  if (mark == text.npos || mark == 0 || text == "!=") {
    return Error{Errc::invalid, "a term is field=value", std::string(text)};
  }
  Term term{.field = text.substr(0, mark), .values = text.substr(mark + 1), .excludes = false};
  if (term.field.ends_with('!')) {
    term.field.remove_suffix(1);
    term.excludes = true;
  }
  const bool has_gap = term.field.starts_with('.') || term.field.ends_with('.') ||
                       term.field.find("..") != term.field.npos || term.field.empty();
  return has_gap ? Result<Term>(Error{Errc::invalid, "not a field's name", std::string(text)}) : term;
}

// As text, and as what else it could be in a record.
void add_value(json::array& any, std::string_view value) {
  if (value.find('*') != value.npos) {
    any.push_back(json::object{{"wildcard", value}});
    return;
  }
  any.push_back(json::value(value));
  if (value == "true" || value == "false") {
    any.push_back(value == "true");
  } else if (!value.empty() && value.size() <= 15 &&
             std::ranges::all_of(value, [](char c) { return '0' <= c && c <= '9'; })) {
    any.push_back(std::stoll(std::string(value)));
  }
}

void exclude_value(json::array& texts, json::array& wildcards, std::string_view value) {
  (value.find('*') == value.npos ? texts : wildcards).push_back(json::value(value));
}

template <class Each>
void each_value(std::string_view values, Each each) {
  for (std::size_t begin = 0; begin <= values.size();) {
    const auto end = std::min(values.find(',', begin), values.size());
    each(values.substr(begin, end - begin));
    begin = end + 1;
  }
}

Result<json::array> tests_of(const Term& term) {
  if (term.values == "*" || term.values.empty()) {
    return json::array{json::object{{"exists", (term.values == "*") != term.excludes}}};
  }
  json::array any;
  if (!term.excludes) {
    each_value(term.values, [&](std::string_view value) { add_value(any, value); });
    return any;
  }
  json::array texts;
  json::array wildcards;
  each_value(term.values, [&](std::string_view value) { exclude_value(texts, wildcards, value); });
  if (!texts.empty() && !wildcards.empty()) {
    return Error{Errc::invalid, "values that are excluded have all a * or none", std::string(term.field)};
  }
  any.push_back(texts.empty() ? json::object{{"anything-but", json::object{{"wildcard", wildcards}}}}
                              : json::object{{"anything-but", texts}});
  any.push_back(json::object{{"exists", false}});
  return any;
}

// At a.b.c in the pattern.
Result<void> put(json::object& pattern, std::string_view field, json::array tests) {
  auto* at = &pattern;
  auto rest = field;
  for (auto dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
    auto& inner = (*at)[rest.substr(0, dot)];
    if (inner.is_null()) {
      inner.emplace_object();
    }
    if (!inner.is_object()) {
      return Error{Errc::invalid, "a field twice, or within another", std::string(field)};
    }
    at = &inner.get_object();
    rest.remove_prefix(dot + 1);
  }
  if (at->contains(rest)) {
    return Error{Errc::invalid, "a field twice, or within another", std::string(field)};
  }
  (*at)[rest] = std::move(tests);
  return {};
}

}  // namespace

Result<json::object> pattern_of_terms(std::span<const std::string> terms) {
  json::object pattern;
  for (const auto& text : terms) {
    CAIRN_TRY(const auto term, read_term(text));
    CAIRN_TRY(auto tests, tests_of(term));
    CAIRN_TRY_VOID(put(pattern, term.field, std::move(tests)));
  }
  return pattern;
}

}  // namespace cairn::node
