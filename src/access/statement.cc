#include "access/statement.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <iterator>

#include "codec/headers.h"
#include "json/json.h"

namespace cairn::access {

namespace {

using boost::json::object;
using boost::json::value;

constexpr std::array<std::string_view, 9> kFields = {"Sid",          "Effect",      "Principal",
                                                     "NotPrincipal", "Action",      "NotAction",
                                                     "Resource",     "NotResource", "Condition"};

Error invalid(std::string text) {
  return {Errc::invalid, std::move(text)};
}

Error pick(PolicyKind kind, std::string identity, std::string resource) {
  return invalid(kind == PolicyKind::identity ? std::move(identity) : std::move(resource));
}

std::optional<std::string> scalar_text(const value& v) {
  if (const auto* text = v.if_string()) {
    return std::string(*text);
  }
  if (v.is_bool() || v.is_number()) {
    return json::serialize(v);
  }
  return std::nullopt;
}

// A text or an array of texts. With scalars, numbers and truth values count as their text.
std::optional<std::vector<std::string>> texts_of(const value& v, bool scalars) {
  const auto* list = v.if_array();
  const auto* begin = list != nullptr ? list->data() : &v;
  const auto* end = begin + (list != nullptr ? list->size() : 1);
  std::vector<std::string> texts;
  for (const auto* one = begin; one != end; ++one) {
    auto text = one->is_string() || scalars ? scalar_text(*one) : std::nullopt;
    if (!text) {
      return std::nullopt;
    }
    texts.push_back(*std::move(text));
  }
  return texts;
}

struct Element {
  const value* found = nullptr;
  bool negated = false;
  bool twice = false;  // both X and NotX
};

Element element(const object& statement, std::string_view name) {
  const auto* plain = statement.if_contains(name);
  const auto* negated = statement.if_contains("Not" + std::string(name));
  return {.found = plain != nullptr ? plain : negated,
          .negated = plain == nullptr && negated != nullptr,
          .twice = plain != nullptr && negated != nullptr};
}

Error missing(PolicyKind kind, std::string identity, std::string_view field) {
  return pick(kind, std::move(identity), "Missing required field " + std::string(field));
}

// "s3:Put*", "*". A vendor and an action, or everything.
bool is_action(std::string_view text) {
  const auto colon = text.find(':');
  return text == "*" || (colon != std::string_view::npos && colon > 0 && colon + 1 < text.size());
}

bool is_resource(std::string_view text, bool variables) {
  return text == "*" || text.starts_with("arn:") || (variables && text.starts_with("${"));
}

}  // namespace

Error syntax_error(PolicyKind kind) {
  return pick(kind, "Syntax errors in policy.", "Invalid policy syntax.");
}

Error unknown_field(PolicyKind kind, std::string_view field) {
  return pick(kind, "Syntax errors in policy.", "Unknown field " + std::string(field));
}

Result<Statement> Statement::parse(const object& object, PolicyKind kind, bool variables) {
  for (const auto& member : object) {
    if (std::ranges::find(kFields, std::string_view(member.key())) == kFields.end()) {
      return unknown_field(kind, member.key());
    }
  }
  Statement made;
  CAIRN_TRY_VOID(made.read_head(object, kind));
  CAIRN_TRY_VOID(made.read_principals(object, kind));
  CAIRN_TRY_VOID(made.read_actions(object, kind));
  CAIRN_TRY_VOID(made.read_resources(object, kind, variables));
  CAIRN_TRY_VOID(made.read_conditions(object, kind, variables));
  return made;
}

Result<void> Statement::read_head(const object& object, PolicyKind kind) {
  if (const auto* sid = object.if_contains("Sid")) {
    const auto* text = sid->if_string();
    if (text == nullptr) {
      return syntax_error(kind);
    }
    const auto alphanumeric = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    if (kind == PolicyKind::identity && !std::ranges::all_of(*text, alphanumeric)) {
      return invalid(
          "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
          "[0-9A-Za-z]*");
    }
    sid_ = *text;
  }
  const auto* effect = object.if_contains("Effect");
  if (effect == nullptr) {
    return missing(kind, "Syntax errors in policy.", "Effect");
  }
  const auto text = scalar_text(*effect);
  if (text != "Allow" && text != "Deny") {
    return pick(kind, "Syntax errors in policy.", "Invalid effect : " + text.value_or("Effect"));
  }
  allows_ = text == "Allow";
  return {};
}

Result<void> Statement::read_principals(const object& object, PolicyKind kind) {
  const auto principal = element(object, "Principal");
  if (kind == PolicyKind::trust && principal.negated && allows_) {
    return invalid("Allow with NotPrincipal is not allowed.");
  }
  if (kind == PolicyKind::identity) {
    return principal.found == nullptr ? Result<void>()
                                      : invalid("Policy document should not specify a principal.");
  }
  if (principal.found == nullptr) {
    return missing(kind, {}, "Principal");
  }
  principals_ = Principals::parse(*principal.found);
  not_principals_ = principal.negated;
  if (!principals_ || principal.twice) {
    return invalid("Invalid principal in policy");
  }
  return {};
}

Result<void> Statement::read_actions(const object& object, PolicyKind kind) {
  const auto action = element(object, "Action");
  auto texts = action.found != nullptr ? texts_of(*action.found, false) : std::vector<std::string>();
  if (!texts || action.twice) {
    return syntax_error(kind);
  }
  if (texts->empty()) {
    return missing(kind, "Policy statement must contain actions.", "Action");
  }
  for (const auto& text : *texts) {
    if (!is_action(text)) {
      return pick(kind, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                  "Policy has invalid action");
    }
    if (kind == PolicyKind::trust && !codec::equals_ignore_case(text.substr(0, 4), "sts:")) {
      return invalid("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    actions_.push_back(Pattern::compile(text, {.wildcards = true, .variables = false, .fold_case = true}));
  }
  action_texts_ = *std::move(texts);
  not_actions_ = action.negated;
  return {};
}

Result<void> Statement::read_resources(const object& object, PolicyKind kind, bool variables) {
  const auto resource = element(object, "Resource");
  if (kind == PolicyKind::trust) {  // its resource is the role it hangs on
    not_resources_ = true;
    return resource.found == nullptr ? Result<void>() : invalid("Has prohibited field Resource");
  }
  auto texts = resource.found != nullptr ? texts_of(*resource.found, false) : std::vector<std::string>();
  if (!texts || resource.twice) {
    return syntax_error(kind);
  }
  if (texts->empty()) {
    return missing(kind, "Policy statement must contain resources.", "Resource");
  }
  for (const auto& text : *texts) {
    if (!is_resource(text, variables)) {
      return pick(kind, "Resource " + text + " must be in ARN format or \"*\".",
                  "Policy has invalid resource");
    }
    resources_.push_back(ResourcePattern::compile(text, variables));
  }
  resource_texts_ = *std::move(texts);
  not_resources_ = resource.negated;
  return {};
}

Result<void> Statement::read_conditions(const object& object, PolicyKind kind, bool variables) {
  const auto* block = object.if_contains("Condition");
  if (block == nullptr) {
    return {};
  }
  if (!block->is_object()) {
    return syntax_error(kind);
  }
  for (const auto& [name, keys] : block->get_object()) {
    if (!keys.is_object()) {
      return syntax_error(kind);
    }
    for (const auto& [key, values] : keys.get_object()) {
      const auto texts = texts_of(values, true);
      if (!texts) {
        return syntax_error(kind);
      }
      if (std::string_view(key).find(':') == std::string_view::npos) {
        return pick(kind, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                    "Policy has an invalid condition key");
      }
      CAIRN_TRY(auto condition, Condition::compile(name, key, *texts, variables));
      conditions_.push_back(std::move(condition));
    }
  }
  return {};
}

// What the statement says to this caller, if the rest of it fits. None: it does not speak of him.
Verdict Statement::effect_on(const Principal& principal) const {
  if (!principals_) {
    return allows_ ? Verdict::allow : Verdict::deny;
  }
  const auto named = principals_->names(principal);
  const bool somehow = named.self || named.issuer || named.account;
  if (not_principals_ && allows_) {
    return somehow ? Verdict::none : Verdict::allow;
  }
  if (not_principals_) {
    const bool spared = named.self && (named.issuer || !principal.is_session()) &&
                        (named.account || !principal.of_an_account());
    return spared ? Verdict::none : Verdict::deny;
  }
  if (!somehow || !allows_) {
    return somehow ? Verdict::deny : Verdict::none;
  }
  return named.self ? Verdict::allow : named.issuer ? Verdict::allow_issuer : Verdict::delegated;
}

std::vector<std::string> Statement::context_keys() const {
  std::vector<std::string> names;
  for (const auto& resource : resources_) {
    std::ranges::copy(resource.variables(), std::back_inserter(names));
  }
  for (const auto& condition : conditions_) {
    std::ranges::copy(condition.keys(), std::back_inserter(names));
  }
  return names;
}

bool Statement::concerns_action(std::string_view action) const {
  const Context nothing;
  const bool listed =
      std::ranges::any_of(actions_, [&](const Pattern& pattern) { return pattern.matches(action, nothing); });
  return listed != not_actions_;
}

bool Statement::concerns_resource(const Question& question) const {
  const bool listed = std::ranges::any_of(resources_, [&](const ResourcePattern& pattern) {
    return pattern.matches(question.resource, question.context);
  });
  if (not_resources_ && allows_ && !listed) {  // what an unknown variable would have kept out is not known
    return std::ranges::all_of(
        resources_, [&](const ResourcePattern& pattern) { return pattern.resolves(question.context); });
  }
  return listed != not_resources_;
}

Verdict Statement::judge(const Question& question) const {
  const auto effect = effect_on(question.principal);
  const bool concerned =
      effect != Verdict::none && concerns_action(question.action) && concerns_resource(question) &&
      std::ranges::all_of(conditions_,
                          [&](const Condition& c) { return c.holds(question.context, allows_); });
  return concerned ? effect : Verdict::none;
}

}  // namespace cairn::access
