// Tested by delivery/takers_test.cc, against a plain evaluator.
#include "trail/selection.h"

#include <algorithm>

namespace cairn::trail {
namespace {

using match::Branch;
using match::Field;
using match::Op;
using match::Pattern;
using match::Test;

constexpr Op kOps[] = {Op::equals, Op::prefix, Op::suffix};  // Equals, StartsWith, EndsWith, and with Not
constexpr std::size_t kDeselecting = 3;                      // where those with Not begin
constexpr std::string_view kArnPath = "resources.ARN";
constexpr std::string_view kArnPrefixPath = "resources.ARNPrefix";
constexpr std::string_view kTypePath = "resources.type";

std::vector<Test> tests(Op op, const std::vector<std::string>& texts) {
  std::vector<Test> tests;
  for (const auto& text : texts) {
    tests.push_back({.op = op, .text = text});
  }
  return tests;
}

std::shared_ptr<const Field> field(std::string_view path, std::vector<Test> any_of) {
  return std::make_shared<const Field>(Field{.path = std::string(path), .any_of = std::move(any_of)});
}

std::string text_of(const Pattern& pattern) {
  std::string text;
  for (const auto& branch : pattern.branches) {
    text += '|';
    for (const auto& field : branch) {
      text += field->path + '(';
      for (const auto& test : field->any_of) {
        text += std::to_string(static_cast<int>(test.op)) + ':' + std::to_string(test.text.size()) + ':' + test.text;
      }
      text += ')';
    }
  }
  return text;
}

std::optional<Condition> condition(std::vector<Branch> branches) {
  if (branches.empty()) {
    return std::nullopt;
  }
  for (auto& branch : branches) {
    std::ranges::sort(branch, {}, [](const auto& one) -> const std::string& { return one->path; });
  }
  auto pattern = std::make_shared<const Pattern>(Pattern{.branches = std::move(branches)});
  return Condition{.text = text_of(*pattern), .pattern = pattern};
}

// ---- basic ----

std::optional<bool> read_only_of(std::string_view read_write) {
  return read_write == "All" ? std::nullopt : std::optional(read_write == "ReadOnly");
}

bool means_all(std::string_view value) {
  return value == "arn:aws:s3" || value == "arn:aws:s3:::" || value == "arn:aws:lambda" || value == "arn:aws:dynamodb";
}

// S3's values are prefixes; of a table its streams are logged, too.
std::vector<Test> tests_of(const DataResource& resource) {
  if (resource.type == "AWS::S3::Object") {
    return tests(Op::prefix, resource.values);
  }
  auto all = tests(Op::equals, resource.values);
  for (std::size_t i = 0; resource.type == "AWS::DynamoDB::Table" && i < resource.values.size(); ++i) {
    all.push_back({.op = Op::prefix, .text = resource.values[i] + "/stream/"});
  }
  return all;
}

// Entries of one type as one: a branch costs, however many values it has.
std::vector<DataResource> by_type(const std::vector<DataResource>& data) {
  std::vector<DataResource> merged;
  for (const auto& resource : data) {
    auto it = std::ranges::find(merged, resource.type, &DataResource::type);
    if (it == merged.end()) {
      it = merged.insert(merged.end(), {.type = resource.type, .values = {}});
    }
    it->values.insert(it->values.end(), resource.values.begin(), resource.values.end());
  }
  for (auto& resource : merged) {
    std::ranges::sort(resource.values);
    const auto rest = std::ranges::unique(resource.values);
    resource.values.erase(rest.begin(), rest.end());
  }
  return merged;
}

void add_branches(const DataResource& resource, std::vector<Branch>& branches) {
  if (resource.values.empty()) {
    return;
  }
  std::vector<std::string> types{resource.type};
  if (resource.type == "AWS::DynamoDB::Table") {
    types.emplace_back("AWS::DynamoDB::Stream");
  }
  const auto type = field(kTypePath, tests(Op::equals, types));
  if (std::ranges::any_of(resource.values, means_all)) {
    branches.push_back({type});
    return;
  }
  const auto names = tests_of(resource);
  branches.push_back({type, field(kArnPath, names)});
  branches.push_back({type, field(kArnPrefixPath, names)});
}

void add_rules(const BasicSelector& selector, std::vector<Rule>& rules) {
  if (selector.management) {
    Rule rule{.category = event::Category::management, .read_only = read_only_of(selector.read_write)};
    if (!selector.excluded_sources.empty()) {
      rule.unwanted = condition({{field("eventSource", tests(Op::equals, selector.excluded_sources))}});
    }
    rules.push_back(std::move(rule));
  }
  std::vector<Branch> branches;
  for (const auto& resource : by_type(selector.data)) {
    add_branches(resource, branches);
  }
  if (auto wanted = condition(std::move(branches))) {
    rules.push_back({.category = event::Category::data,
                     .read_only = read_only_of(selector.read_write),
                     .wanted = std::move(wanted)});
  }
}

// ---- advanced ----

event::Category category_of(const AdvancedSelector& selector) {
  const auto& category = selector.find("eventCategory")->of("Equals").front();
  if (category == "Data") {
    return event::Category::data;
  }
  return category == "Management" ? event::Category::management : event::Category::network_activity;
}

// The selecting tests, or the deselecting ones.
std::vector<Test> tests_of(const FieldSelector& selector, std::size_t first) {
  std::vector<Test> all;
  for (std::size_t i = 0; i < std::size(kOps); ++i) {
    std::ranges::move(tests(kOps[i], selector.values[first + i]), std::back_inserter(all));
  }
  if (selector.field == "sessionCredentialFromConsole" && !all.empty()) {
    all.push_back({.op = Op::literal, .text = "true"});
  }
  return all;
}

bool is_told_by_the_view(std::string_view field) {
  return field == "eventCategory" || field == "readOnly";
}

// All selecting fields. With ARNs, one branch for each member they may be in.
std::optional<Condition> wanted_by(const AdvancedSelector& selector) {
  Branch others;
  std::vector<Test> names;
  for (const auto& one : selector.fields) {
    auto selecting = tests_of(one, 0);
    if (is_told_by_the_view(one.field) || selecting.empty()) {
      continue;
    }
    if (one.field == kArnPath) {
      names = std::move(selecting);
    } else {
      others.push_back(field(one.field, std::move(selecting)));
    }
  }
  if (names.empty()) {
    return others.empty() ? std::nullopt : condition({std::move(others)});
  }
  Branch by_prefix = others;
  others.push_back(field(kArnPath, names));
  by_prefix.push_back(field(kArnPrefixPath, names));
  return condition({std::move(others), std::move(by_prefix)});
}

// Each deselecting field by itself: one is enough. Those of ARNs speak of resources of the selector's type.
std::optional<Condition> unwanted_by(const AdvancedSelector& selector) {
  std::vector<Branch> branches;
  for (const auto& one : selector.fields) {
    const auto deselecting = tests_of(one, kDeselecting);
    if (deselecting.empty()) {
      continue;
    }
    if (one.field != kArnPath) {
      branches.push_back({field(one.field, deselecting)});
      continue;
    }
    const auto type = field(kTypePath, tests(Op::equals, selector.find(kTypePath)->of("Equals")));
    branches.push_back({type, field(kArnPath, deselecting)});
    branches.push_back({type, field(kArnPrefixPath, deselecting)});
  }
  return condition(std::move(branches));
}

Rule rule_of(const AdvancedSelector& selector) {
  Rule rule{.category = category_of(selector)};
  if (const auto* read_only = selector.find("readOnly")) {
    rule.read_only = read_only->of("Equals").front() == "true";
  }
  rule.wanted = wanted_by(selector);
  rule.unwanted = unwanted_by(selector);
  return rule;
}

}  // namespace

std::vector<Rule> rules_of(const Selectors& selectors) {
  std::vector<Rule> rules;
  for (const auto& selector : selectors.basic) {
    add_rules(selector, rules);
  }
  for (const auto& selector : selectors.advanced) {
    rules.push_back(rule_of(selector));
  }
  return rules;
}

}  // namespace cairn::trail
